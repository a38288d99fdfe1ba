/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of rows: most first, then by what is printed, so that it is the same every time. */
#include "lib/agg/agg.h"

struct order {
	const struct xp_agg *agg;
	size_t event;
	bool children;
};

/* By what a row is judged. */
static const uint64_t *weights_of(const struct xp_row *row, bool children)
{
	return children ? row->children : row->weights;
}

static int by_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int by_number(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_domain(const struct xp_agg *a, uint32_t x, uint32_t y)
{
	int c;

	if (x == y || x == XP_NONE || y == XP_NONE)
		return by_number(x, y);
	c = strcmp(a->domains[x].name, a->domains[y].name);
	if (!c)
		c = by_number(a->domains[x].domid, a->domains[y].domid);
	return c ? c : by_number(x, y);
}

static int by_names(const struct xp_agg *a, const struct xp_row *x, const struct xp_row *y)
{
	int c = by_domain(a, x->domain, y->domain);

	if (!c)
		c = by_number(x->vcpu, y->vcpu);
	if (!c)
		c = by_number(x->cpu, y->cpu);
	if (!c)
		c = by_number(x->mode, y->mode);
	if (!c)
		c = by_text(x->comm, y->comm);
	if (!c)
		c = by_number(x->tgid, y->tgid);
	if (!c)
		c = by_text(x->image ? x->image->name : NULL, y->image ? y->image->name : NULL);
	if (!c) /* what has a name comes first */
		c = by_number(!x->symbol, !y->symbol);
	if (!c)
		c = by_number(x->truncated, y->truncated);
	if (!c)
		c = by_text(x->symbol ? x->symbol->name : NULL, y->symbol ? y->symbol->name : NULL);
	if (!c)
		c = by_text(x->line, y->line);
	if (!c)
		c = by_number(x->symbol ? x->symbol->start : x->address, y->symbol ? y->symbol->start : y->address);
	if (!c) /* the same names in two images of the same name */
		c = by_number((uintptr_t)x->image, (uintptr_t)y->image);
	return c;
}

static int compare(const void *pa, const void *pb, void *arg)
{
	const struct xp_row *a = pa, *b = pb;
	const struct order *order = arg;
	uint64_t x = weights_of(a, order->children)[order->event], y = weights_of(b, order->children)[order->event];

	if (x == y && order->children) { /* of those that do the same, callers first */
		x = b->weights[order->event];
		y = a->weights[order->event];
	}
	return x != y ? (x > y ? -1 : 1) : by_names(order->agg, a, b);
}

uint64_t xp_agg_busy(const struct xp_agg *a, size_t event)
{
	return a->weights.of[event] - a->domains[a->idle].weights[XP_MODE_IDLE].of[event];
}

bool xp_agg_has_enough(const struct xp_agg *a, const uint64_t *weights, double limit)
{
	size_t e;

	for (e = 0; e < a->nr_events; e++)
		if (weights[e] && 100.0 * (double)weights[e] >= limit * (double)xp_agg_busy(a, e))
			return true;
	return false;
}

/* Idle has no calls, but its row. */
static bool is_shown(const struct xp_agg *a, const struct xp_row *row, double limit, bool children)
{
	return xp_agg_has_enough(a, row->weights, limit) || (children && xp_agg_has_enough(a, row->children, limit));
}

static size_t sort(struct xp_agg *a, size_t event, double limit, bool children)
{
	struct order order = { a, event, children };
	size_t nr = 0, i;

	for (i = 0; i < a->nr_rows; i++) {
		struct xp_row row = a->rows[i];

		if (!is_shown(a, &row, limit, children))
			continue;
		a->rows[i] = a->rows[nr];
		a->rows[nr++] = row;
	}
	qsort_r(a->rows, nr, sizeof(*a->rows), compare, &order);
	return nr;
}

size_t xp_agg_sort(struct xp_agg *a, size_t event, double limit)
{
	return sort(a, event, limit, false);
}

size_t xp_agg_sort_children(struct xp_agg *a, size_t event, double limit)
{
	return sort(a, event, limit, true);
}
