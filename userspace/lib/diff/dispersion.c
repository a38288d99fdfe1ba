// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/diff/dispersion.h"

#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <stdbool.h>

#define FIT_MEAN 5.0      /* rows with fewer counts in a cell do not take part in what is common */
#define FIT_ROWS 3        /* fewer of them cannot tell how alike they are */
#define MAX_DF 1e6        /* as good as infinitely many */

void xp_variation_add(struct xp_variation *s, const float *counts, const double *weights, double rate, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		double expected = rate * weights[i], d = counts[i] - expected;

		if (!(expected > 0))
			continue;
		s->variance += d * d / expected;
		s->mean += expected;
	}
}

/*
 * Pearson's statistic of Poisson counts has a variance of 2 + 1/mean for each
 * cell, so with small counts it says less: as if there were fewer cells.
 */
void xp_variation_end(struct xp_variation *s, size_t cells, size_t free)
{
	double df = cells > free ? (double)(cells - free) : 0;

	if (df <= 0 || s->mean <= 0) {
		*s = (struct xp_variation){ 0, 0, 0 };
		return;
	}
	s->mean /= (double)cells;
	s->variance /= df;
	s->df = df * 2 / (2 + 1 / s->mean);
}

/* x with trigamma(x) = y, by Newton on 1/trigamma, which is nearly a line. */
static double trigamma_inverse(double y)
{
	double x, step;
	int i;

	if (y > 1e7)
		return 1 / sqrt(y);
	if (y < 1e-6)
		return 1 / y;
	x = 0.5 + 1 / y;
	for (i = 0; i < 50; i++) {
		double value = gsl_sf_psi_1(x);

		step = value * (1 - value / y) / gsl_sf_psi_n(2, x);
		x += step;
		if (fabs(step) < 1e-8 * x)
			break;
	}
	return x;
}

static bool takes_part(const struct xp_variation *row)
{
	return row->df > 0 && row->mean >= FIT_MEAN;
}

/* The plain mean over all counts, where rows are too few. */
static void fit_few(struct xp_dispersion *d, const struct xp_variation *rows, size_t nr)
{
	double sum = 0, df = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		sum += rows[i].variance * rows[i].df;
		df += rows[i].df;
	}
	d->common = df > 0 ? sum / df : 1;
	d->df = df;
}

void xp_dispersion_fit(struct xp_dispersion *d, const struct xp_variation *rows, size_t nr)
{
	double sum = 0, squares = 0, chance = 0, mean, excess;
	size_t i, n = 0;

	for (i = 0; i < nr; i++) {
		double half = rows[i].df / 2, variance, e;

		if (!takes_part(&rows[i]))
			continue;
		variance = rows[i].variance > 1e-6 ? rows[i].variance : 1e-6;
		e = log(variance) - gsl_sf_psi(half) + log(half);
		sum += e;
		squares += e * e;
		chance += gsl_sf_psi_1(half);
		n++;
	}
	if (n < FIT_ROWS) {
		fit_few(d, rows, nr);
		return;
	}
	mean = sum / (double)n;
	excess = (squares - sum * mean) / (double)(n - 1) - chance / (double)n;
	if (excess <= 1 / MAX_DF) {
		d->df = INFINITY;
		d->common = exp(mean);
		return;
	}
	d->df = 2 * trigamma_inverse(excess);
	d->common = exp(mean + gsl_sf_psi(d->df / 2) - log(d->df / 2));
}

double xp_dispersion_of(const struct xp_dispersion *d, const struct xp_variation *row, double *df)
{
	double value;

	if (isinf(d->df)) {
		*df = MAX_DF;
		value = d->common;
	} else {
		*df = d->df + row->df;
		value = *df > 0 ? (d->common * d->df + row->variance * row->df) / *df : 1;
	}
	*df = *df > MAX_DF ? MAX_DF : *df < 1 ? 1 : *df;
	return value > 1 ? value : 1;
}
