/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "lib/base/text.h"
#include "lib/report/format.h"
#include "lib/report/calls.h"
#include "lib/report/head.h"
#include "lib/report/keys.h"
#include "lib/report/series.h"
#include "lib/report/table.h"

/* Idle is a row of its own and has no share: it says so in the first column. */
static bool has_symbol_column(const struct xp_report_options *o)
{
	size_t i;

	for (i = 0; i < o->nr_order; i++)
		if (o->order[i] == XP_KEY_SYMBOL || o->order[i] == XP_KEY_MODE || o->order[i] == XP_KEY_DOMAIN)
			return true;
	return false;
}

/* ---- one event: share and samples ---- */

static void put_one_heads(struct xp_table *t, const struct xp_report_options *o)
{
	size_t i;

	xp_table_column(t, "Overhead", true, false);
	xp_table_column(t, "Samples", true, false);
	for (i = 0; i < o->nr_order; i++)
		xp_report_key_column(t, o->order[i], xp_report_key_head(o->order[i]));
}

static void put_one_event(struct xp_table *t, const struct xp_agg *a, const struct xp_row *row,
			  const struct xp_report_options *o)
{
	char text[XP_FORMAT_TEXT];

	if (row->mode == XP_MODE_IDLE)
		xp_table_cell(t, has_symbol_column(o) ? "" : "[idle]");
	else
		xp_table_cell(t, xp_format_share(text, row->weights[0], xp_agg_busy(a, 0)));
	xp_table_cell(t, xp_format_count(text, row->counts[0]));
}

/* ---- several: a share of each ---- */

static void put_heads(struct xp_table *t, const struct xp_agg *a, const struct xp_report_options *o, const size_t *shown,
		      size_t nr)
{
	size_t i;

	xp_report_upper_heads(t, a, shown, nr);
	for (i = 0; i < o->nr_order; i++)
		xp_report_key_column(t, o->order[i], "");
	xp_report_lower_heads(t, a, shown, nr);
	for (i = 0; i < o->nr_order; i++)
		xp_table_cell(t, xp_report_key_head(o->order[i]));
}

/* Idle has no share; where it is all that was asked for, its samples are shown. */
static void put_events(struct xp_table *t, const struct xp_agg *a, const struct xp_row *row, const size_t *shown, size_t nr)
{
	char text[XP_FORMAT_TEXT];
	size_t i;

	for (i = 0; i < nr; i++)
		xp_table_cell(t, row->mode == XP_MODE_IDLE ? xp_format_count(text, row->counts[shown[i]])
				 : xp_format_share(text, row->weights[shown[i]], xp_agg_busy(a, shown[i])));
}

static bool is_hidden(const struct xp_agg *a, const struct xp_row *row)
{
	return a->nr_events > 1 && row->mode == XP_MODE_IDLE && a->config.filter.modes != 1u << XP_MODE_IDLE;
}

/* ---- rows ---- */

static void put_unshown(FILE *out, const struct xp_agg *a, size_t shown)
{
	if (shown < a->nr_events)
		fprintf(out, "# %zu more events need a wider terminal (or a pipe, or --json)\n", a->nr_events - shown);
}

static int put_rows(FILE *out, struct xp_agg *a, const struct xp_report_options *o, struct xp_err *err)
{
	size_t events[XPROF_MAX_EVENTS], nr = xp_report_shown(a, o, events), shown, i, key;
	bool one = a->nr_events == 1, ok;
	struct xp_table t;

	shown = xp_agg_sort(a, o->sort_event, o->percent_limit);
	xp_table_init(&t);
	if (one)
		put_one_heads(&t, o);
	else
		put_heads(&t, a, o, events, nr);
	for (i = 0; i < shown; i++) {
		if (is_hidden(a, &a->rows[i]))
			continue;
		if (one)
			put_one_event(&t, a, &a->rows[i], o);
		else
			put_events(&t, a, &a->rows[i], events, nr);
		for (key = 0; key < o->nr_order; key++)
			xp_report_key(&t, a, &a->rows[i], o->order[key]);
	}
	ok = xp_table_print(out, &t, o->columns, o->color ? XP_BOLD_PERCENT : 0);
	xp_table_release(&t);
	xp_report_left_out(out, a, shown, o);
	put_unshown(out, a, nr);
	return ok ? 0 : xp_fail(err, XP_E_NOMEM, "no memory for %zu rows", a->nr_rows);
}

static bool has_samples(const struct xp_agg *a)
{
	size_t e;

	for (e = 0; e < a->nr_events; e++)
		if (a->samples.of[e])
			return true;
	return false;
}

static int put_domains(FILE *out, const struct xp_agg *a, const struct xp_report_options *o, struct xp_err *err)
{
	int rc;

	fputs("#\n", out);
	rc = xp_report_domains(out, a, o, err);
	return rc ? rc : xp_report_ratios(out, a, o, err);
}

int xp_report_text(FILE *out, struct xp_agg *a, const struct xp_report_options *o, struct xp_err *err)
{
	bool samples = has_samples(a);
	int rc;

	xp_report_head(out, a);
	fputs("#\n", out);
	rc = xp_report_events(out, a, o, err);
	if (samples)
		xp_report_chain_ends(out, a, o);
	if (!rc && samples)
		rc = put_domains(out, a, o, err);
	if (!rc)
		rc = xp_report_series(out, a, o, err);
	if (rc || !samples)
		return rc;
	fputs("#\n", out);
	return o->calls ? xp_report_calls(out, a, o, err) : put_rows(out, a, o, err);
}
