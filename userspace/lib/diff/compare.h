/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table of counts, rows by cells, and which rows have changed from the old
 * cells to the new. A cell is one run of a side; where each side has one run only,
 * a slice of its time (run-to-run change cannot be seen then).
 *
 * All rows are of one event. Nothing here knows what a row is.
 */
#ifndef XP_DIFF_COMPARE_H
#define XP_DIFF_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/diff/change.h"
#include "lib/diff/dispersion.h"

enum { XP_OLD, XP_NEW, XP_SIDES };

struct xp_cells {
	size_t nr[XP_SIDES];
	const double *exposure[XP_SIDES];  /* of each cell, what its counts are counts of; borrowed */
	const double *expected[XP_SIDES];  /* of each cell, what counts are in proportion to from cell to cell
	                                    * (mostly the same) */
	bool of_all;                       /* exposure is all that was counted, of which rows are parts */
};

struct xp_compared_row {
	const float *counts[XP_SIDES];     /* of each cell; borrowed */
	double unit[XP_SIDES];             /* how much a count stands for, against others of this event: 1 */
	/* out: */
	struct xp_comparison comparison;
	struct xp_change change;           /* without limits and q */
};

/* Fills each row's comparison and change. False: no memory. */
bool xp_compare(struct xp_compared_row *const *rows, size_t nr, const struct xp_cells *cells, struct xp_dispersion *common);

#endif
