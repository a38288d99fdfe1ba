// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * References: NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov/8.17; Abramowitz and Stegun,
 * Handbook of Mathematical Functions, 26.5.22.
 */
#include "lib/diff/beta.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#define MAX_TERMS 20000   /* of the fraction: about as many as the root of a and b */
#define TERM_ERROR 1e-14
#define MAX_STEPS 200     /* halving alone would need some 60 for most x */
#define GOOD_ENOUGH 1e-3  /* of p: one more step, of the third order, leaves 1e-10 */

struct beta {
	double a, b;
	double ln;         /* of B(a, b) */
};

/* lgamma() would set a variable of all threads. */
static double ln_gamma(double x)
{
	int sign;

	return lgamma_r(x, &sign);
}

static double not_zero(double x)
{
	return fabs(x) < 1e-300 ? 1e-300 : x;
}

/* The continued fraction of DLMF 8.17.22, from its beginning (Lentz's method). */
static double fraction(double x, double a, double b)
{
	double c = INFINITY, d = 1, value = 1;
	int i;

	for (i = 1; i < MAX_TERMS; i++) {
		double m = i / 2, term;

		if (i % 2)
			term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		else
			term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		d = 1 / not_zero(1 + term * d);
		c = not_zero(1 + term / c);
		value *= c * d;
		if (fabs(c * d - 1) < TERM_ERROR)
			break;
	}
	return value;
}

/* I_x(a, b); power: x^a (1 - x)^b / B(a, b). The fraction is short where x is below the mean. */
static double incomplete(const struct beta *f, double x, double power)
{
	if (x < (f->a + 1) / (f->a + f->b + 2))
		return power / f->a * fraction(x, f->a, f->b);
	return 1 - power / f->b * fraction(1 - x, f->b, f->a);
}

/* Where to begin: 26.5.22; far out in the tail of less than one, its first term. */
static double guess(const struct beta *f, double p)
{
	double y, h, l, w;

	if (f->a < 1 && f->a <= f->b)
		return exp((log(p * f->a) + f->ln) / f->a);
	if (f->b < 1)
		return 1 - exp((log((1 - p) * f->b) + f->ln) / f->b);
	y = gsl_cdf_ugaussian_Qinv(p);
	l = (y * y - 3) / 6;
	h = 2 / (1 / (2 * f->a - 1) + 1 / (2 * f->b - 1));
	w = y * sqrt(h + l) / h - (1 / (2 * f->b - 1) - 1 / (2 * f->a - 1)) * (l + 5.0 / 6 - 2 / (3 * h));
	return f->a / (f->a + f->b * exp(2 * w));
}

/* Halley's method, kept between what is known to be too low and too high. */
double xp_beta_inverse(double p, double a, double b)
{
	const struct beta f = { a, b, ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b) };
	double x = guess(&f, p), low = 0, high = 1;
	int i;

	for (i = 0; i < MAX_STEPS && nextafter(low, high) < high; i++) {
		double power = exp(a * log(x) + b * log1p(-x) - f.ln);
		double error = incomplete(&f, x, power) - p;
		double newton = error / (power / (x * (1 - x)));
		double next = x - newton / (1 - newton * ((a - 1) / x - (b - 1) / (1 - x)) / 2);

		if (error > 0)
			high = x;
		else
			low = x;
		if (fabs(error) < GOOD_ENOUGH * fmin(p, 1 - p) && next >= low && next <= high)
			return next;
		x = next > low && next < high ? next : (low + high) / 2;
	}
	return x;
}
