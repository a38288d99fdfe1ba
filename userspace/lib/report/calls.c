/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows with their callers: what a function takes with all that it calls, and alone. */
#include "lib/report/calls.h"

#include <inttypes.h>

#include "lib/base/text.h"
#include "lib/report/format.h"
#include "lib/report/head.h"
#include "lib/report/keys.h"

/* ---- how chains ended ---- */

static const char *const why_cut[XP_NR_CHAIN_ENDS] = {
	[XP_CHAIN_TRUNCATED] = "the copy of the stack was too short",
	[XP_CHAIN_NO_RULE] = "no unwind rule was known",
	[XP_CHAIN_MOVED] = "the guest had gone on",
	[XP_CHAIN_BROKEN] = "the stack did not fit the rules",
	[XP_CHAIN_DROPPED] = "recording could not keep up",
	[XP_CHAIN_DAMAGED] = "the profile is damaged",
};

static void put_hint(FILE *out)
{
	fputs("# call chains were recorded: -g shows them\n", out);
}

void xp_report_chain_ends(FILE *out, const struct xp_agg *a, const struct xp_report_options *o)
{
	uint64_t busy = xp_agg_busy(a, o->sort_event), cut = 0;
	const char *why = xp_profile_host(a->profile, "chains.xen"), *comma = ": ";
	char text[XP_FORMAT_TEXT];
	size_t end;

	if (!a->config.chains) {
		if (a->profile->nr_nodes)
			put_hint(out);
		return;
	}
	for (end = 0; end < XP_NR_CHAIN_ENDS; end++)
		cut += why_cut[end] ? a->chain_weights[end].of[o->sort_event] : 0;
	fprintf(out, "# call chains: %s whole", xp_format_share(text, a->chain_weights[XP_CHAIN_COMPLETE].of[o->sort_event], busy));
	fprintf(out, ", %s [truncated]", xp_format_share(text, cut, busy));
	for (end = 0; end < XP_NR_CHAIN_ENDS; end++) {
		uint64_t weight = a->chain_weights[end].of[o->sort_event];

		if (!why_cut[end] || !weight)
			continue;
		fprintf(out, "%s%s %s", comma, xp_format_share(text, weight, busy), why_cut[end]);
		comma = ", ";
	}
	if (a->chain_weights[XP_CHAIN_NONE].of[o->sort_event])
		fprintf(out, "; %s have none", xp_format_share(text, a->chain_weights[XP_CHAIN_NONE].of[o->sort_event], busy));
	fputc('\n', out);
	if (why && why[0]) {
		fputs("# chains do not go through Xen: ", out);
		xp_text_print(out, why);
		fputc('\n', out);
	}
	if (xp_agg_calls_full(a))
		fprintf(out, "# more than %u different chains: those that came last are [truncated] here\n", XP_AGG_MAX_CALLS);
}

/* ---- rows ---- */

struct rows {
	struct xp_agg *a;
	const struct xp_report_options *o;
	struct xp_err *err;
};

static void put_heads(struct xp_table *t, const struct xp_report_options *o)
{
	size_t i;

	xp_table_column(t, o->no_children ? "Overhead" : "Children", true, false);
	if (!o->no_children)
		xp_table_column(t, "Self", true, false);
	xp_table_column(t, "Samples", true, false);
	for (i = 0; i < o->nr_order; i++)
		xp_report_key_column(t, o->order[i], xp_report_key_head(o->order[i]));
}

static void put_row(struct xp_table *t, const struct xp_agg *a, const struct xp_row *row, const struct xp_report_options *o)
{
	uint64_t busy = xp_agg_busy(a, o->sort_event);
	bool idle = row->mode == XP_MODE_IDLE;
	char text[XP_FORMAT_TEXT];
	size_t key;

	if (!o->no_children)
		xp_table_cell(t, idle ? "" : xp_format_share(text, row->children[o->sort_event], busy));
	xp_table_cell(t, idle ? "" : xp_format_share(text, row->weights[o->sort_event], busy));
	xp_table_cell(t, xp_format_count(text, row->counts[o->sort_event]));
	for (key = 0; key < o->nr_order; key++)
		xp_report_key(t, a, row, o->order[key]);
}

static bool after_row(FILE *out, size_t i, void *arg)
{
	const struct rows *r = arg;
	const struct xp_row *row = &r->a->rows[i];

	return row->mode == XP_MODE_IDLE || r->o->graph == XP_GRAPH_NONE || !xp_report_graph(out, r->a, row, r->o, r->err);
}

static void put_legend(FILE *out, const struct xp_agg *a, const struct xp_report_options *o)
{
	char name[16];

	if (a->nr_events > 1) {
		fputs("# of ", out);
		xp_text_print(out, xp_agg_event_name(a, o->sort_event, name));
		fputs(" (--sort-event); ", out);
	} else {
		fputs("# ", out);
	}
	fputs(o->no_children ? "Overhead: its own code" : "Children: with all that it called; Self: its own code", out);
	if (o->graph != XP_GRAPH_NONE)
		fprintf(out, "; below it %s%s", o->callers ? "who called it" : "what it called",
			o->graph == XP_GRAPH_RELATIVE ? ", in percent of the caller's" : "");
	fputc('\n', out);
}

int xp_report_calls(FILE *out, struct xp_agg *a, const struct xp_report_options *o, struct xp_err *err)
{
	struct rows rows = { a, o, err };
	struct xp_table t;
	size_t shown, i;
	bool ok;

	shown = o->no_children ? xp_agg_sort(a, o->sort_event, o->percent_limit) :
				 xp_agg_sort_children(a, o->sort_event, o->percent_limit);
	put_legend(out, a, o);
	xp_fail(err, XP_E_NOMEM, "no memory for %zu rows", a->nr_rows);
	xp_table_init(&t);
	put_heads(&t, o);
	for (i = 0; i < shown; i++)
		put_row(&t, a, &a->rows[i], o);
	ok = xp_table_print_with(out, &t, o->columns, o->color ? XP_BOLD_PERCENT : 0, after_row, &rows);
	xp_table_release(&t);
	if (o->no_children)
		xp_report_left_out(out, a, shown, o);
	return ok ? 0 : XP_E_NOMEM;
}

/* ---- JSON ---- */

static void put_counts(struct xp_json *j, const char *key, const struct xp_agg *a, const uint64_t *counts)
{
	char text[16];
	size_t i;

	xp_json_flat_object(j, key);
	for (i = 0; i < a->nr_events; i++)
		xp_json_u64(j, xp_agg_event_name(a, i, text), counts[i]);
	xp_json_end_object(j);
}

static void put_calls(struct xp_json *j, const struct xp_agg *a, const uint32_t *place)
{
	struct xp_call_counts self;
	uint32_t row, caller;
	size_t i;

	xp_json_array(j, "calls");
	for (i = 1; i < xp_agg_nr_calls(a); i++) {
		caller = xp_agg_call(a, i, &row, &self);
		xp_json_flat_object(j, NULL);
		if (caller)
			xp_json_u64(j, "caller", caller - 1);
		else
			xp_json_null(j, "caller");
		xp_json_u64(j, "symbol", place[row]);
		put_counts(j, "counts", a, self.weights);
		xp_json_end_object(j);
	}
	xp_json_end_array(j);
}

int xp_report_calls_json(struct xp_json *j, const struct xp_agg *a, struct xp_err *err)
{
	uint32_t *place = calloc(a->nr_rows + 1, sizeof(*place));
	size_t i;

	if (!place)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu rows", a->nr_rows);
	for (i = 0; i < a->nr_rows; i++)
		place[a->rows[i].id] = (uint32_t)i;
	xp_json_object(j, "chains");
	for (i = 0; i < XP_NR_CHAIN_ENDS; i++)
		put_counts(j, xp_chain_ends[i], a, a->chain_weights[i].of);
	xp_json_end_object(j);
	put_calls(j, a, place);
	free(place);
	return 0;
}
