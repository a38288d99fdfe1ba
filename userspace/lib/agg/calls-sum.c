/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The call tree, summed up: what each call, and each row of the aggregate, takes with all that it calls. */
#include "lib/agg/agg-impl.h"

/* Callers have smaller indexes. */
static bool sum_up(struct xp_calls *c)
{
	size_t i, e;

	c->total = malloc(c->nr * c->nr_events * sizeof(*c->total));
	if (!c->total)
		return false;
	for (i = 0; i < c->nr; i++)
		memcpy(c->total + i * c->nr_events, c->self + 2 * i * c->nr_events, c->nr_events * sizeof(*c->total));
	for (i = c->nr; --i;)
		for (e = 0; e < c->nr_events; e++)
			c->total[c->v[i].caller * c->nr_events + e] += c->total[i * c->nr_events + e];
	return true;
}

static void link_calls(struct xp_calls *c)
{
	size_t i;

	for (i = 0; i < c->nr; i++)
		c->v[i].first = c->v[i].next = XP_NONE;
	for (i = c->nr; --i;) {
		c->v[i].next = c->v[c->v[i].caller].first;
		c->v[c->v[i].caller].first = (uint32_t)i;
	}
}

/* Each call with none of its own row above it. on_path: of each row. Calls are nested XP_FRAMES_MAX and 2 deep at most. */
static void mark_top(struct xp_calls *c, uint32_t call, uint32_t *on_path)
{
	uint32_t i, row;

	for (i = c->v[call].first; i != XP_NONE; i = c->v[i].next) {
		row = xp_calls_row(c, i);
		c->v[i].top = !on_path[row];
		on_path[row]++;
		mark_top(c, i, on_path);
		on_path[row]--;
	}
}

/* A recursive function's samples count once: at its outermost call. */
static void sum_rows(struct xp_calls *c)
{
	size_t i, e;

	for (i = 1; i < c->nr; i++) {
		uint32_t row = xp_calls_row(c, (uint32_t)i);

		c->row_first[row + 1]++;
		if (!c->v[i].top)
			continue;
		for (e = 0; e < c->nr_events; e++)
			c->children[row * c->nr_events + e] += c->total[i * c->nr_events + e];
	}
}

static void sort_by_row(struct xp_calls *c, size_t nr_rows, uint32_t *at)
{
	size_t i;

	for (i = 0; i < nr_rows; i++)
		c->row_first[i + 1] += c->row_first[i];
	memcpy(at, c->row_first, nr_rows * sizeof(*at));
	for (i = 1; i < c->nr; i++)
		c->row_calls[at[xp_calls_row(c, (uint32_t)i)]++] = (uint32_t)i;
}

const uint64_t *xp_calls_children(const struct xp_agg *a, size_t row)
{
	static const uint64_t idle[XPROF_MAX_EVENTS];
	struct xp_agg_impl *m = a->impl;

	if (!m->calls.flat)
		return m->calls.children + row * m->calls.nr_events;
	if (row >= m->calls.room_rows || !m->calls.of_row[row])
		return idle;
	return xp_row_entry(&m->rows, row)->counts + m->rows.nr_events;
}

bool xp_calls_finish(const struct xp_agg *a)
{
	struct xp_calls *c = &a->impl->calls;
	size_t nr_rows = a->impl->rows.nr;
	uint32_t *scratch = calloc(nr_rows + 1, sizeof(*scratch));
	bool ok;

	c->row_first = calloc(nr_rows + 2, sizeof(*c->row_first));
	c->row_calls = calloc(c->nr, sizeof(*c->row_calls));
	c->children = calloc((nr_rows + 1) * c->nr_events, sizeof(*c->children));
	ok = scratch && c->row_first && c->row_calls && c->children && sum_up(c);
	if (ok) {
		link_calls(c);
		mark_top(c, 0, scratch);
		sum_rows(c);
		sort_by_row(c, nr_rows, scratch);
	}
	free(scratch);
	return ok;
}
