/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "lib/report/format.h"
#include "lib/report/head.h"
#include "lib/report/series.h"
#include "lib/report/table.h"

#define BOLD_PERCENT 5.0

static void put_head(struct xp_table *t, enum xp_key key)
{
	switch (key) {
	case XP_KEY_DOMAIN:  xp_table_column(t, "Domain", false, true); break;
	case XP_KEY_VCPU:    xp_table_column(t, "vCPU", true, false); break;
	case XP_KEY_CPU:     xp_table_column(t, "CPU", true, false); break;
	case XP_KEY_MODE:    xp_table_column(t, "Mode", false, false); break;
	case XP_KEY_PROCESS: xp_table_column(t, "Process", false, true); break;
	case XP_KEY_PID:     xp_table_column(t, "Pid:Process", false, true); break;
	case XP_KEY_IMAGE:   xp_table_column(t, "Image", false, true); break;
	case XP_KEY_SYMBOL:  xp_table_column(t, "Symbol", false, true); break;
	}
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

static void put_row(struct xp_table *t, const struct xp_agg *a, const struct xp_row *row, size_t event,
		    const struct xp_report_options *o)
{
	char text[XP_FORMAT_TEXT];
	size_t i;

	if (row->mode == XP_MODE_IDLE)
		xp_table_cell(t, has_symbol_column(o) ? "" : "[idle]");
	else
		xp_table_cell(t, xp_format_share(text, row->counts[event], xp_report_busy(a, event)));
	xp_table_cell(t, xp_format_count(text, row->counts[event]));
	for (i = 0; i < o->nr_order; i++)
		put_key(t, a, row, o->order[i]);
}

struct left_out {
	size_t rows;
	uint64_t samples;
};

static void put_left_out(FILE *out, const struct left_out *left, uint64_t busy, double limit)
{
	char text[XP_FORMAT_TEXT], share[XP_FORMAT_TEXT];

	if (!left->rows)
		return;
	fprintf(out, "# %s rows of less than %g%% are not shown, %s in all; --percent-limit 0 shows them\n",
		xp_format_count(text, left->rows), limit, xp_format_share(share, left->samples, busy));
}

/* The fewest samples that make a share of limit percent. */
static uint64_t min_samples(double limit, uint64_t whole)
{
	uint64_t min = (uint64_t)(limit / 100 * (double)whole);

	while (xp_percent(min, whole) < limit && min < whole)
		min++;
	return min ? min : 1;
}

static int put_rows(FILE *out, struct xp_agg *a, size_t event, const struct xp_report_options *o, struct xp_err *err)
{
	struct left_out left = { 0, 0 };
	struct xp_table t;
	size_t i, shown;
	bool ok;

	shown = xp_agg_sort(a, event, min_samples(o->percent_limit, xp_report_busy(a, event)));
	xp_table_init(&t);
	xp_table_column(&t, "Overhead", true, false);
	xp_table_column(&t, "Samples", true, false);
	for (i = 0; i < o->nr_order; i++)
		put_head(&t, o->order[i]);
	for (i = 0; i < shown; i++)
		put_row(&t, a, &a->rows[i], event, o);
	for (; i < a->nr_rows; i++) {
		left.rows += a->rows[i].counts[event] > 0;
		left.samples += a->rows[i].mode == XP_MODE_IDLE ? 0 : a->rows[i].counts[event];
	}
	ok = xp_table_print(out, &t, o->columns, o->color ? BOLD_PERCENT : 0);
	xp_table_release(&t);
	put_left_out(out, &left, xp_report_busy(a, event), o->percent_limit);
	return ok ? 0 : xp_fail(err, XP_E_NOMEM, "no memory for %zu rows", a->nr_rows);
}

int xp_report_text(FILE *out, struct xp_agg *a, const struct xp_report_options *o, struct xp_err *err)
{
	size_t event;
	int rc = 0;

	xp_report_head(out, a);
	for (event = 0; event < a->nr_events && !rc; event++) {
		fputs("#\n", out);
		xp_report_head_event(out, a, event);
		if (!a->samples.of[event])
			continue;
		fputs("#\n", out);
		rc = xp_report_domains(out, a, event, o, err);
		if (!rc && event == 0)
			rc = xp_report_series(out, a, o, err);
		fputs("#\n", out);
		if (!rc)
			rc = put_rows(out, a, event, o, err);
	}
	return rc;
}
