// SPDX-License-Identifier: GPL-2.0-or-later
/* The report's rows as CSV (RFC 4180): a line a row and event. */
#include <inttypes.h>

#include "lib/base/buf.h"
#include "lib/export/export.h"
#include "lib/export/stacks.h"

/* Quoted; what a spreadsheet would take for a formula gets a quote before it. */
static void put_text(FILE *out, const char *text)
{
	fputs(text && *text && strchr("=+-@", *text) && text[1] ? "\"'" : "\"", out);
	for (; text && *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputs("\",", out);
}

static void put_row(FILE *out, const struct xp_agg *a, const struct xp_row *row, struct xp_buf *b)
{
	char name[16];
	size_t e;

	for (e = 0; e < a->nr_events; e++) {
		if (!row->counts[e])
			continue;
		put_text(out, xp_stack_text(b, xp_agg_event_name(a, e, name)));
		put_text(out, row->domain == XP_NONE ? "" : xp_stack_text(b, a->domains[row->domain].name));
		put_text(out, row->mode < XP_NR_MODES ? xp_mode_names[row->mode] : "");
		put_text(out, row->comm ? xp_stack_text(b, row->comm) : "");
		put_text(out, row->image ? xp_stack_text(b, row->image->name) : "");
		put_text(out, row->symbol ? xp_stack_text(b, row->symbol->name) : "");
		fprintf(out, "%" PRIu64 ",%" PRIu64 "\r\n", row->counts[e], row->weights[e]);
	}
}

int xp_export_csv(FILE *out, struct xp_profile *p, const struct xp_export_options *o, struct xp_err *err)
{
	const struct xp_agg_config config = { .keys = XP_STACK_KEYS, .filter = o->filter };
	struct xp_buf b = XP_BUF_INIT;
	struct xp_agg *a;
	size_t i;
	int rc = xp_agg_run(&a, p, &config, err);

	if (rc)
		return rc;
	xp_agg_sort(a, 0, 0);
	fputs("event,domain,mode,process,image,symbol,samples,count\r\n", out);
	for (i = 0; i < a->nr_rows; i++)
		put_row(out, a, &a->rows[i], &b);
	xp_buf_release(&b);
	xp_agg_free(a);
	return 0;
}
