/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Level by level: the calls that make one branch are grouped by the function
 * that comes next. Groups below the limit are not followed, so the work is that
 * for what is shown.
 */
#include "lib/agg/call-graph.h"

#include "lib/agg/agg-impl.h"

struct item { uint64_t weight; uint32_t at; uint32_t group; }; /* at: a call of the branch */

struct items {
	struct item *v;
	size_t nr, room;
};

struct builder {
	const struct xp_agg *a;
	const struct xp_calls *c;
	const struct xp_graph_options *o;
	struct xp_graph *g;
	struct items items;          /* of the levels being built, one behind the other */
	uint32_t *group;             /* of each function, in the present grouping: branch + 1 */
};

static bool push(struct items *s, uint64_t weight, uint32_t at)
{
	if (s->nr == s->room) {
		size_t room = s->room ? s->room * 2 : 256;
		struct item *v = realloc(s->v, room * sizeof(*v));

		if (!v)
			return false;
		s->v = v;
		s->room = room;
	}
	s->v[s->nr++] = (struct item){ weight, at, XP_NONE };
	return true;
}

static uint64_t total_of(const struct builder *b, uint32_t call)
{
	return b->c->total[call * b->c->nr_events + b->o->event];
}

static uint64_t self_of(const struct builder *b, uint32_t call)
{
	return b->c->self[2 * call * b->c->nr_events + b->o->event];
}

/* ---- one level ---- */

static uint32_t new_branch(struct builder *b, uint32_t function)
{
	struct xp_graph *g = b->g;
	const struct xp_row_key *key = &xp_row_entry(b->c->functions, function)->key;

	if (g->nr == g->room) {
		size_t room = g->room ? g->room * 2 : 64;
		struct xp_branch *v = realloc(g->v, room * sizeof(*v));

		if (!v)
			return XP_NONE;
		g->v = v;
		g->room = room;
	}
	g->v[g->nr] = (struct xp_branch){ .weight = 0 };
	xp_agg_row(b->a, &g->v[g->nr].function, key, XP_KEY_IMAGE);
	g->v[g->nr].function.id = function;
	return (uint32_t)g->nr++;
}

/* Branches for the items' functions, from g->nr on; each item knows its own. */
static bool make_groups(struct builder *b, size_t from)
{
	size_t i;

	for (i = from; i < b->items.nr; i++) {
		struct item *item = &b->items.v[i];
		uint32_t function = b->c->v[item->at].function, branch;

		if (!b->group[function]) {
			branch = new_branch(b, function);
			if (branch == XP_NONE)
				return false;
			b->group[function] = branch + 1;
		}
		item->group = b->group[function] - 1;
		b->g->v[item->group].weight += item->weight;
	}
	return true;
}

static int compare(const void *pa, const void *pb)
{
	const struct xp_branch *a = pa, *b = pb;
	const char *x = a->function.symbol ? a->function.symbol->name : "", *y = b->function.symbol ? b->function.symbol->name : "";
	int c;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	c = strcmp(x, y);
	if (c)
		return c;
	if (a->function.address != b->function.address)
		return a->function.address < b->function.address ? -1 : 1;
	return a->function.id < b->function.id ? -1 : a->function.id > b->function.id;
}

/* Drops those that are too small and sorts the others; items get their new numbers, or XP_NONE. */
static void settle(struct builder *b, size_t from, size_t first)
{
	struct xp_graph *g = b->g;
	size_t i, nr = first;

	for (i = first; i < g->nr; i++) {
		b->group[g->v[i].function.id] = 0;
		if (g->v[i].weight && g->v[i].weight >= b->o->limit)
			g->v[nr++] = g->v[i];
	}
	g->nr = nr;
	qsort(g->v + first, nr - first, sizeof(*g->v), compare);
	for (i = first; i < nr; i++)
		b->group[g->v[i].function.id] = (uint32_t)i + 1;
	for (i = from; i < b->items.nr; i++)
		b->items.v[i].group = b->group[b->c->v[b->items.v[i].at].function] - 1; /* 0 - 1 is XP_NONE */
	for (i = first; i < nr; i++)
		b->group[g->v[i].function.id] = 0;
}

/* Items of one branch side by side, in the branches' order; those of none go. start: where each branch's begin, nr + 2 of them. */
static bool sort_items(struct builder *b, size_t from, size_t first, size_t nr, size_t *start)
{
	size_t n = b->items.nr - from, i;
	struct item *sorted = malloc((n + 1) * sizeof(*sorted));

	if (!sorted)
		return false;
	memset(start, 0, (nr + 2) * sizeof(*start));
	for (i = from; i < b->items.nr; i++)
		if (b->items.v[i].group != XP_NONE)
			start[b->items.v[i].group - first + 2]++;
	for (i = 2; i < nr + 2; i++)
		start[i] += start[i - 1];
	for (i = from; i < b->items.nr; i++)
		if (b->items.v[i].group != XP_NONE)
			sorted[start[b->items.v[i].group - first + 1]++] = b->items.v[i];
	memcpy(b->items.v + from, sorted, start[nr] * sizeof(*sorted));
	b->items.nr = from + start[nr];
	free(sorted);
	return true;
}

/* ---- the next one ---- */

static bool push_next(struct builder *b, struct item item)
{
	uint32_t i, caller = b->c->v[item.at].caller;

	if (b->o->callers)
		return !caller || push(&b->items, item.weight, caller);
	for (i = b->c->v[item.at].first; i != XP_NONE; i = b->c->v[i].next)
		if (total_of(b, i) && !push(&b->items, total_of(b, i), i))
			return false;
	return true;
}

static bool expand(struct builder *b, size_t from, uint32_t *first, uint32_t *nr);

static bool expand_branch(struct builder *b, uint32_t branch, size_t from, size_t to)
{
	size_t end = b->items.nr, i;
	uint32_t first = 0, nr = 0;

	for (i = from; i < to; i++)
		if (!push_next(b, b->items.v[i]))
			return false;
	if (b->items.nr > end && !expand(b, end, &first, &nr))
		return false;
	b->g->v[branch].first = first;
	b->g->v[branch].nr = nr;
	b->items.nr = end;
	return true;
}

/* The items from `from` on are a level: makes their branches, and what follows. As deep as chains are. */
static bool expand(struct builder *b, size_t from, uint32_t *first, uint32_t *nr)
{
	size_t at = b->g->nr, *start;
	bool ok = make_groups(b, from);
	uint32_t i;

	if (!ok)
		return false;
	settle(b, from, at);
	*first = (uint32_t)at;
	*nr = (uint32_t)(b->g->nr - at);
	start = malloc((*nr + 2) * sizeof(*start));
	ok = start && sort_items(b, from, at, *nr, start);
	for (i = 0; ok && i < *nr; i++)
		ok = expand_branch(b, *first + i, from + start[i], from + start[i + 1]);
	free(start);
	return ok;
}

/* A row's own time is in all of its calls; what it takes with all that it calls is in those that are top. */
static bool push_row(struct builder *b, uint32_t row)
{
	bool self = b->o->callers && b->o->self;
	size_t i;

	for (i = b->c->row_first[row]; i < b->c->row_first[row + 1]; i++) {
		uint32_t call = b->c->row_calls[i];
		uint64_t weight = self ? self_of(b, call) : b->c->v[call].top ? total_of(b, call) : 0;

		if (weight && !push(&b->items, weight, call))
			return false;
	}
	return true;
}

int xp_graph_init(struct xp_graph *g, const struct xp_agg *a, const struct xp_row *row, const struct xp_graph_options *o,
		  struct xp_err *err)
{
	struct builder b = { .a = a, .c = &a->impl->calls, .o = o, .g = g };
	bool ok = b.c->total || (xp_calls_unfold(a, false) && xp_calls_finish(a));

	memset(g, 0, sizeof(*g));
	b.group = calloc(b.c->functions->nr + 1, sizeof(*b.group));
	ok = ok && b.group && push_row(&b, row->id) && (!b.items.nr || expand(&b, 0, &g->first, &g->nr_first));
	free(b.group);
	free(b.items.v);
	if (ok)
		return 0;
	xp_graph_release(g);
	return xp_fail(err, XP_E_NOMEM, "no memory for a call graph");
}

void xp_graph_release(struct xp_graph *g)
{
	free(g->v);
	memset(g, 0, sizeof(*g));
}

size_t xp_agg_nr_calls(const struct xp_agg *a)
{
	return a->impl->calls.nr;
}

uint32_t xp_agg_call(const struct xp_agg *a, size_t call, uint32_t *row_id, struct xp_call_counts *self)
{
	const struct xp_calls *c = &a->impl->calls;
	const uint64_t *counts;

	*row_id = xp_calls_row(c, (uint32_t)call);
	if (c->flat) {
		counts = xp_row_entry(&a->impl->rows, *row_id)->counts;
		*self = (struct xp_call_counts){ counts, counts + a->impl->rows.nr_events };
		return 0;
	}
	counts = c->self + 2 * call * c->nr_events;
	*self = (struct xp_call_counts){ counts + c->nr_events, counts };
	return c->v[call].caller;
}

bool xp_agg_calls_full(const struct xp_agg *a)
{
	return !a->impl->calls.flat && a->impl->calls.nr >= XP_AGG_MAX_CALLS;
}
