/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "lib/base/text.h"
#include "lib/report/format.h"
#include "lib/report/head.h"
#include "lib/report/series.h"
#include "lib/report/table.h"

#define BOLD_PERCENT 5.0

static const char *head_of(enum xp_key key)
{
	switch (key) {
	case XP_KEY_DOMAIN:  return "Domain";
	case XP_KEY_VCPU:    return "vCPU";
	case XP_KEY_CPU:     return "CPU";
	case XP_KEY_MODE:    return "Mode";
	case XP_KEY_PROCESS: return "Process";
	case XP_KEY_PID:     return "Pid:Process";
	case XP_KEY_IMAGE:   return "Image";
	case XP_KEY_SYMBOL:  return "Symbol";
	case XP_KEY_LINE:    return "Line";
	}
	return "";
}

static void put_column(struct xp_table *t, enum xp_key key, const char *head)
{
	bool number = key == XP_KEY_VCPU || key == XP_KEY_CPU;

	xp_table_column(t, head, number, !number && key != XP_KEY_MODE);
}

static void put_number(struct xp_table *t, uint32_t n)
{
	char text[16];

	snprintf(text, sizeof(text), n == XP_NONE ? "-" : "%" PRIu32, n);
	xp_table_cell(t, text);
}

static void put_symbol(struct xp_table *t, const struct xp_row *row)
{
	char text[48];

	if (row->symbol)
		xp_table_name(t, row->symbol->name);
	else if (row->mode == XP_MODE_IDLE)
		xp_table_cell(t, "[idle]");
	else if (row->other_addresses)
		xp_table_cell(t, "[unresolved] other addresses");
	else if (row->has_address) {
		snprintf(text, sizeof(text), "[unresolved] 0x%" PRIx64, row->address);
		xp_table_cell(t, text);
	} else
		xp_table_cell(t, "[unresolved]");
}

static void put_pid(struct xp_table *t, const struct xp_row *row)
{
	char *text = NULL;

	if (!row->comm) {
		xp_table_cell(t, "-");
		return;
	}
	if (asprintf(&text, "%" PRIu32 ":%s", row->tgid, row->comm) < 0)
		text = NULL;
	xp_table_name(t, text ? text : row->comm);
	free(text);
}

/* Images are shown by the last part of their path, which is what tells them apart on most lines. */
static void put_image(struct xp_table *t, const struct xp_image *image)
{
	const char *slash = image ? strrchr(image->name, '/') : NULL;

	if (!image)
		xp_table_cell(t, "-");
	else
		xp_table_name(t, slash && slash[1] ? slash + 1 : image->name[0] ? image->name : "[anonymous]");
}

/* Files, too. */
static void put_line(struct xp_table *t, const char *line)
{
	const char *slash = line ? strrchr(line, '/') : NULL;

	xp_table_name(t, slash ? slash + 1 : line ? line : "-");
}

static void put_key(struct xp_table *t, const struct xp_agg *a, const struct xp_row *row, enum xp_key key)
{
	switch (key) {
	case XP_KEY_DOMAIN:
		xp_table_name(t, row->domain == XP_NONE ? "-" : a->domains[row->domain].name);
		break;
	case XP_KEY_VCPU:    put_number(t, row->vcpu); break;
	case XP_KEY_CPU:     put_number(t, row->cpu); break;
	case XP_KEY_MODE:    xp_table_cell(t, row->mode < XP_NR_MODES ? xp_mode_names[row->mode] : "-"); break;
	case XP_KEY_PROCESS: xp_table_name(t, row->comm ? row->comm : "-"); break;
	case XP_KEY_PID:     put_pid(t, row); break;
	case XP_KEY_IMAGE:   put_image(t, row->image); break;
	case XP_KEY_SYMBOL:  put_symbol(t, row); break;
	case XP_KEY_LINE:    put_line(t, row->line); break;
	}
}

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
		put_column(t, o->order[i], head_of(o->order[i]));
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
		put_column(t, o->order[i], "");
	xp_report_lower_heads(t, a, shown, nr);
	for (i = 0; i < o->nr_order; i++)
		xp_table_cell(t, head_of(o->order[i]));
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

struct left_out {
	size_t rows;
	uint64_t weight;
};

static void put_left_out(FILE *out, const struct xp_agg *a, size_t shown, const struct xp_report_options *o)
{
	struct left_out left = { 0, 0 };
	char text[XP_FORMAT_TEXT], share[XP_FORMAT_TEXT], name[16];
	size_t i;

	for (i = shown; i < a->nr_rows; i++) {
		left.rows += a->rows[i].counts[o->sort_event] > 0;
		left.weight += a->rows[i].mode == XP_MODE_IDLE ? 0 : a->rows[i].weights[o->sort_event];
	}
	if (!left.rows)
		return;
	fprintf(out, "# %s rows of less than %g%% are not shown, %s", xp_format_count(text, left.rows), o->percent_limit,
		xp_format_share(share, left.weight, xp_agg_busy(a, o->sort_event)));
	if (a->nr_events > 1) {
		fputs(" of ", out);
		xp_text_print(out, xp_agg_event_name(a, o->sort_event, name));
	}
	fputs(" in all; --percent-limit 0 shows them\n", out);
}

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
			put_key(&t, a, &a->rows[i], o->order[key]);
	}
	ok = xp_table_print(out, &t, o->columns, o->color ? BOLD_PERCENT : 0);
	xp_table_release(&t);
	put_left_out(out, a, shown, o);
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
	if (!rc && samples)
		rc = put_domains(out, a, o, err);
	if (!rc)
		rc = xp_report_series(out, a, o, err);
	if (rc || !samples)
		return rc;
	fputs("#\n", out);
	return put_rows(out, a, o, err);
}
