// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/diff/compare.h"

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

/* One side's counts against its own mean. Returns how many parameters that took. */
static size_t spread_side(struct xp_variation *s, const float *counts, const double *weights, size_t nr, double *expected)
{
	double rate = sum_counts(counts, nr) / sum(weights, nr);
	size_t i;

	if (!(rate > 0))
		return 0;
	for (i = 0; i < nr; i++)
		expected[i] = rate * weights[i];
	xp_variation_add(s, counts, expected, nr);
	return 1;
}

/* Cells of a side on which the row has no counts at all say nothing of how it varies. */
static void spread_row(struct xp_variation *s, const struct xp_compared_row *row, const struct xp_cells *cells, double *expected)
{
	size_t used = 0, free = 0, side;

	*s = (struct xp_variation){ 0, 0, 0 };
	for (side = 0; side < XP_SIDES; side++) {
		size_t one = spread_side(s, row->counts[side], cells->expected[side], cells->nr[side], expected);

		free += one;
		used += one ? cells->nr[side] : 0;
	}
	xp_variation_end(s, used, free);
}

static void sum_row(struct xp_compared_row *row, const struct xp_cells *cells)
{
	struct xp_comparison *x = &row->comparison;
	double all = 0;

	x->old = (struct xp_side_count){ sum_counts(row->counts[XP_OLD], cells->nr[XP_OLD]),
					 sum(cells->exposure[XP_OLD], cells->nr[XP_OLD]) / row->unit[XP_OLD] };
	x->new = (struct xp_side_count){ sum_counts(row->counts[XP_NEW], cells->nr[XP_NEW]),
					 sum(cells->exposure[XP_NEW], cells->nr[XP_NEW]) / row->unit[XP_NEW] };
	if (cells->of_all)
		all = x->old.exposure * row->unit[XP_OLD] + x->new.exposure * row->unit[XP_NEW];
	x->of_all = all > 0 ? (x->old.count + x->new.count) / all : 0;
}

bool xp_compare(struct xp_compared_row *rows, size_t nr, const struct xp_cells *cells, struct xp_dispersion *common)
{
	size_t most = cells->nr[XP_OLD] > cells->nr[XP_NEW] ? cells->nr[XP_OLD] : cells->nr[XP_NEW], i;
	struct xp_variation *spreads = calloc(nr + 1, sizeof(*spreads));
	double *expected = calloc(most + 1, sizeof(*expected));

	if (!spreads || !expected) {
		free(spreads);
		free(expected);
		return false;
	}
	for (i = 0; i < nr; i++) {
		sum_row(&rows[i], cells);
		spread_row(&spreads[i], &rows[i], cells, expected);
		/* A part of all cannot vary as freely as chance lets it. */
		if (rows[i].comparison.of_all < 1)
			spreads[i].variance /= 1 - rows[i].comparison.of_all;
	}
	xp_dispersion_fit(common, spreads, nr);
	for (i = 0; i < nr; i++) {
		struct xp_comparison *x = &rows[i].comparison;

		x->dispersion = xp_dispersion_of(common, &spreads[i], &x->df);
		xp_change_test(&rows[i].change, x);
	}
	free(spreads);
	free(expected);
	return true;
}
