// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Callgrind's format [valgrind.org, "Callgrind Format Specification"]: for each function its own cost, and what each function that it
 * calls takes with all that it calls. An object is an image of a domain. How often a function was called samples
 * do not tell: 1 is written where the format wants a number. What calls itself is written as one call, or it would take more
 * than all.
 */
#include <inttypes.h>

#include "lib/agg/call-graph.h"
#include "lib/export/export.h"
#include "lib/export/strings.h"
#include "lib/export/stacks.h"

struct callgrind {
	struct xp_stacks stacks;
	struct xp_strings objects, functions; /* names that have been written once are numbers afterwards */
	uint64_t *total;       /* of each call, nr_events: with all that it calls */
	uint32_t *order;       /* calls, those of a row together */
	FILE *out;
	struct xp_buf a, b;
};

/* ---- sums ---- */

static int by_row(const void *pa, const void *pb, void *arg)
{
	const struct xp_stacks *s = arg;
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
	struct xp_call_counts self;
	uint32_t x, y;

	xp_agg_call(s->agg, a, &x, &self);
	xp_agg_call(s->agg, b, &y, &self);
	if (x != y)
		return x < y ? -1 : 1;
	return a < b ? -1 : a > b;
}

/* Callers have smaller numbers. False: no memory. */
static bool sum_up(struct callgrind *c)
{
	size_t events = c->stacks.agg->nr_events, e;
	uint32_t call;

	c->total = calloc((c->stacks.nr_calls + 1) * events, sizeof(*c->total));
	c->order = calloc(c->stacks.nr_calls + 1, sizeof(*c->order));
	if (!c->total || !c->order)
		return false;
	for (call = (uint32_t)c->stacks.nr_calls; --call;) {
		struct xp_stack k = xp_stack_at(&c->stacks, call);

		c->order[call - 1] = call;
		for (e = 0; e < events; e++) {
			c->total[call * events + e] += k.weights[e];
			c->total[k.caller * events + e] += c->total[call * events + e];
		}
	}
	qsort_r(c->order, c->stacks.nr_calls - 1, sizeof(*c->order), by_row, &c->stacks);
	return true;
}

/* ---- lines ---- */

/* "(7) name" the first time, "(7)" afterwards. */
static void put_name(struct callgrind *c, const char *key, struct xp_strings *names, const char *name)
{
	size_t before = names->nr;
	uint32_t number = xp_strings_add(names, name);

	fprintf(c->out, "%s=(%" PRIu32 ")", key, number);
	if (names->nr > before)
		fprintf(c->out, " %s", name);
	fputc('\n', c->out);
}

static void put_object(struct callgrind *c, const char *key, const struct xp_row *row)
{
	char text[600];

	snprintf(text, sizeof(text), "%.250s:%.300s", xp_stack_domain(&c->a, &c->stacks, row),
		 row->image ? xp_stack_image(&c->b, row) : "[unknown]");
	put_name(c, key, &c->objects, text);
}

/* The same name in two objects is two functions: the object is a part of what is numbered. */
static void put_function(struct callgrind *c, const char *key, const struct xp_row *row)
{
	char text[1200];

	if (row->symbol || row->truncated)
		snprintf(text, sizeof(text), "%.1000s", xp_stack_function(&c->a, row));
	else
		snprintf(text, sizeof(text), "[unresolved %s]", row->mode < XP_NR_MODES ? xp_mode_names[row->mode] : "?");
	put_name(c, key, &c->functions, text);
}

static void put_costs(struct callgrind *c, const uint64_t *costs)
{
	size_t e;

	fputc('0', c->out);
	for (e = 0; e < c->stacks.agg->nr_events; e++)
		fprintf(c->out, " %" PRIu64, costs[e]);
	fputc('\n', c->out);
}

static bool is_same(const struct xp_row *a, const struct xp_row *b)
{
	return a->domain == b->domain && a->image == b->image && a->symbol == b->symbol && a->truncated == b->truncated &&
	       (a->symbol || a->mode == b->mode);
}

static void put_call(struct callgrind *c, uint32_t call)
{
	struct xp_stack k = xp_stack_at(&c->stacks, call);
	struct xp_stack caller;

	if (k.caller)
		caller = xp_stack_at(&c->stacks, k.caller);
	if (k.caller && !is_same(&caller.row, &k.row)) {
		put_object(c, "ob", &caller.row);
		put_function(c, "fn", &caller.row);
		put_object(c, "cob", &k.row);
		put_function(c, "cfn", &k.row);
		fputs("calls=1 0\n", c->out);
		put_costs(c, &c->total[call * c->stacks.agg->nr_events]);
	}
	if (!xp_stack_has_samples(&c->stacks, &k))
		return;
	put_object(c, "ob", &k.row);
	put_function(c, "fn", &k.row);
	put_costs(c, k.weights);
}

static void put_head(struct callgrind *c)
{
	const struct xp_agg *a = c->stacks.agg;
	const char *command = xp_profile_host(a->profile, "command");
	uint64_t sum;
	char text[16];
	size_t e;

	fprintf(c->out, "# callgrind format\nversion: 1\ncreator: xprof\ncmd: %s\npositions: line\n",
		xp_stack_text(&c->a, command ? command : "xprof"));
	for (e = 0; e < a->nr_events; e++)
		fprintf(c->out, "event: e%zu : %s\n", e, xp_stack_is_time(a, e) ? "CPU time (ns)" :
			xp_stack_text(&c->a, xp_agg_event_name(a, e, text)));
	fputs("events:", c->out);
	for (e = 0; e < a->nr_events; e++)
		fprintf(c->out, " e%zu", e);
	fputs("\nsummary:", c->out);
	for (e = 0; e < a->nr_events; e++) {
		sum = c->total[e]; /* of call 0, above all */
		fprintf(c->out, " %" PRIu64, sum);
	}
	fputs("\n\nfl=(1) ???\n", c->out);
}

int xp_export_callgrind(FILE *out, struct xp_profile *p, const struct xp_export_options *o, struct xp_err *err)
{
	struct callgrind c = { .out = out };
	uint32_t i;
	int rc = xp_stacks_init(&c.stacks, p, &o->filter, 0, NULL, NULL, err);

	if (rc)
		return rc;
	xp_strings_init(&c.objects);
	xp_strings_init(&c.functions);
	if (sum_up(&c)) {
		put_head(&c);
		for (i = 0; i + 1 < c.stacks.nr_calls; i++)
			put_call(&c, c.order[i]);
	}
	if (!c.total || !c.order || c.objects.failed || c.functions.failed)
		rc = xp_fail(err, XP_E_NOMEM, "no memory to write %zu calls", c.stacks.nr_calls);
	free(c.total);
	free(c.order);
	xp_buf_release(&c.a);
	xp_buf_release(&c.b);
	xp_strings_release(&c.objects);
	xp_strings_release(&c.functions);
	xp_stacks_release(&c.stacks);
	return rc;
}
