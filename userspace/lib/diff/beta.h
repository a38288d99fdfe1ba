/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inverse of the incomplete beta function I_x(a, b), which is the tail of a binomial: of n at least k with
 * I_p(k, n - k + 1). GSL's own inverse does not always settle, and halving takes 35 values of the function, each with
 * its own logarithms of gammas; here they are had once, and two or three values are enough.
 */
#ifndef XP_DIFF_BETA_H
#define XP_DIFF_BETA_H

/* x with I_x(a, b) = p, to about 10 digits. a, b > 0; 0 < p < 1. */
double xp_beta_inverse(double p, double a, double b);

#endif
