/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two counts, of what was there to be counted on each side: is one more than
 * the other beyond chance, and how much more?
 *
 * Given their sum, the second count of two Poisson ones is binomial: an exact
 * test, and exact limits for the ratio (Clopper and Pearson, 1934; for two
 * Poisson rates: Przyborowski and Wilenski, 1940). Counts that vary more than
 * chance weigh as much less: both are divided by the dispersion (quasi-
 * likelihood); where that is known from few runs, Student's t takes the place of the normal
 * distribution.
 */
#ifndef XP_DIFF_CHANGE_H
#define XP_DIFF_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

struct xp_side_count {
	double count;
	double exposure; /* what it is a count of: time, work, all samples; only its ratio to the other side's matters */
};

struct xp_change {
	double ratio;     /* new rate : old rate; 0: gone, INFINITY: new */
	double low, high; /* of the ratio: with this confidence it lies between */
	double p;         /* that chance alone gives as large a difference, two-sided */
	double q;         /* the false discovery rate if this and all rows of a smaller p are called changed */
};

struct xp_comparison {
	struct xp_side_count old, new;
	double dispersion, df; /* dispersion.h */
	double of_all;         /* the row's share of all that was counted, where that is the exposure; else 0 */
};

/* Sets ratio and p (q: 1). */
void xp_change_test(struct xp_change *c, const struct xp_comparison *x);

/* Sets low and high; dearer than the test. confidence: 0 to 1. */
void xp_change_limits(struct xp_change *c, const struct xp_comparison *x, double confidence);

/* Sets q of each (Benjamini and Hochberg, 1995). False: no memory. */
bool xp_change_discoveries(struct xp_change **changes, size_t nr);

#endif
