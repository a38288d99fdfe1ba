// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/diff/compare.h"

#include "lib/base/parallel.h"

static double sum_counts(const float *counts, size_t nr)
{
	double total = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		total += (double)counts[i];
	return total;
}

static double sum(const double *values, size_t nr)
{
	double total = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		total += values[i];
	return total;
}

/* What is the same for all rows: sums over the cells of each side. */
struct totals { double exposure[XP_SIDES], expected[XP_SIDES]; };

static void sum_cells(struct totals *t, const struct xp_cells *cells)
{
	size_t side;

	for (side = 0; side < XP_SIDES; side++) {
		t->exposure[side] = sum(cells->exposure[side], cells->nr[side]);
		t->expected[side] = sum(cells->expected[side], cells->nr[side]);
	}
}

/* Each side's counts against its own mean. Cells of a side on which the row has no counts at all say nothing of how it varies. */
static void spread_row(struct xp_variation *s, const struct xp_compared_row *row, const struct xp_cells *cells,
		       const struct totals *t)
{
	const double counts[XP_SIDES] = { row->comparison.old.count, row->comparison.new.count };
	size_t used = 0, free = 0, side;

	*s = (struct xp_variation){ 0, 0, 0 };
	for (side = 0; side < XP_SIDES; side++) {
		double rate = counts[side] / t->expected[side];

		if (!(rate > 0))
			continue;
		xp_variation_add(s, row->counts[side], cells->expected[side], rate, cells->nr[side]);
		free++;
		used += cells->nr[side];
	}
	xp_variation_end(s, used, free);
}

static void sum_row(struct xp_compared_row *row, const struct xp_cells *cells, const struct totals *t)
{
	struct xp_comparison *x = &row->comparison;
	double all = 0;

	x->old = (struct xp_side_count){ sum_counts(row->counts[XP_OLD], cells->nr[XP_OLD]), t->exposure[XP_OLD] / row->unit[XP_OLD] };
	x->new = (struct xp_side_count){ sum_counts(row->counts[XP_NEW], cells->nr[XP_NEW]), t->exposure[XP_NEW] / row->unit[XP_NEW] };
	if (cells->of_all)
		all = x->old.exposure * row->unit[XP_OLD] + x->new.exposure * row->unit[XP_NEW];
	x->of_all = all > 0 ? (x->old.count + x->new.count) / all : 0;
}

/* ---- all rows ---- */

#define AT_ONCE 1024u /* rows that one thread takes */

struct work {
	struct xp_compared_row *const *rows;
	struct xp_variation *spreads;
	const struct xp_cells *cells;
	struct totals totals;
	const struct xp_dispersion *common;
};

static void spread_rows(void *arg, size_t first, size_t last)
{
	const struct work *w = arg;
	size_t i;

	for (i = first; i < last; i++) {
		sum_row(w->rows[i], w->cells, &w->totals);
		spread_row(&w->spreads[i], w->rows[i], w->cells, &w->totals);
		/* A part of all cannot vary as freely as chance lets it. */
		if (w->rows[i]->comparison.of_all < 1)
			w->spreads[i].variance /= 1 - w->rows[i]->comparison.of_all;
	}
}

static void test_rows(void *arg, size_t first, size_t last)
{
	const struct work *w = arg;
	size_t i;

	for (i = first; i < last; i++) {
		struct xp_comparison *x = &w->rows[i]->comparison;

		x->dispersion = xp_dispersion_of(w->common, &w->spreads[i], &x->df);
		xp_change_test(&w->rows[i]->change, x);
	}
}

bool xp_compare(struct xp_compared_row *const *rows, size_t nr, const struct xp_cells *cells, struct xp_dispersion *common)
{
	struct work w = { .rows = rows, .spreads = calloc(nr + 1, sizeof(*w.spreads)), .cells = cells, .common = common };

	if (!w.spreads)
		return false;
	sum_cells(&w.totals, cells);
	xp_parallel(nr, AT_ONCE, spread_rows, &w);
	xp_dispersion_fit(common, w.spreads, nr);
	xp_parallel(nr, AT_ONCE, test_rows, &w);
	free(w.spreads);
	return true;
}
