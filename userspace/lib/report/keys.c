/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/report/keys.h"

#include <inttypes.h>

#include "lib/base/text.h"
#include "lib/report/format.h"

const char *xp_report_key_head(enum xp_key key)
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

void xp_report_key_column(struct xp_table *t, enum xp_key key, const char *head)
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
	else if (row->truncated)
		xp_table_cell(t, "[truncated]");
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
	if (!image)
		xp_table_cell(t, "-");
	else
		xp_table_name(t, image->name[0] ? xp_text_last_part(image->name) : "[anonymous]");
}

/* Files, too. */
static void put_line(struct xp_table *t, const char *line)
{
	xp_table_name(t, line ? xp_text_last_part(line) : "-");
}

void xp_report_key(struct xp_table *t, const struct xp_agg *a, const struct xp_row *row, enum xp_key key)
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

/* ---- what is not shown ---- */

struct left_out {
	size_t rows;
	uint64_t weight;
};

void xp_report_left_out(FILE *out, const struct xp_agg *a, size_t shown, const struct xp_report_options *o)
{
	struct left_out left = { a->left_rows[o->sort_event], a->left_weights.of[o->sort_event] };
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
