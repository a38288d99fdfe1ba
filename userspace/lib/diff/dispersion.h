/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much more than chance counts vary from run to run, or from one slice of
 * time to the next. Samples that fall at random are Poisson: variance = mean.
 * What programs do in phases, and what differs from run to run, adds to it:
 * variance = dispersion * mean.
 *
 * A single row has few runs to tell it from. Rows lend each other strength:
 * each row's dispersion is drawn to what rows have in common, the more so the
 * more alike they are (G. Smyth, "Linear models and empirical Bayes methods",
 * 2004, section 6.2; for counts: Lund et al., "Detecting differential
 * expression in RNA-sequence data using quasi-likelihood", 2012).
 *
 * Never below 1: nothing is taken to be more regular than chance.
 */
#ifndef XP_DIFF_DISPERSION_H
#define XP_DIFF_DISPERSION_H

#include <stddef.h>

/* What one row's cells say (a cell: one run, or one slice of time). */
struct xp_variation {
	double variance; /* of its cells, in units of what chance alone gives: 1 on average if it was only chance */
	double df;       /* degrees of freedom of that, fewer where counts are small; 0: says nothing */
	double mean;     /* expected count of a cell */
};

/* counts[nr] of one side, where rate times weights[] was expected; adds to *s. Cells of which nothing is expected are left out. */
void xp_variation_add(struct xp_variation *s, const float *counts, const double *weights, double rate, size_t nr);
/* After all sides. free: how many parameters were estimated from these counts (one for each side that has some). */
void xp_variation_end(struct xp_variation *s, size_t cells, size_t free);

/* What rows have in common. */
struct xp_dispersion {
	double common;
	double df;      /* what that weighs; INFINITY: rows are all alike */
};

void xp_dispersion_fit(struct xp_dispersion *d, const struct xp_variation *rows, size_t nr);

/* Of one row: at least 1; *df is how well it is known (Student's t). */
double xp_dispersion_of(const struct xp_dispersion *d, const struct xp_variation *row, double *df);

#endif
