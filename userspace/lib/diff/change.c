// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/diff/change.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "lib/diff/beta.h"

/* P(X >= k) and P(X <= k) of a binomial; neither n nor k need be whole. */
static double at_least(double k, double n, double p)
{
	return k <= 0 ? 1 : gsl_cdf_beta_P(p, k, n - k + 1);
}

static double at_most(double k, double n, double p)
{
	return k >= n ? 1 : gsl_cdf_beta_Q(p, k + 1, n - k);
}

/* As far out as this p is of a normal distribution, of Student's t. */
static double with_df(double p, double df)
{
	if (p <= 0 || p >= 1)
		return p;
	return 2 * gsl_cdf_tdist_Q(gsl_cdf_ugaussian_Qinv(p / 2), df);
}

static double rate_ratio(double share, double exposures)
{
	return share >= 1 ? INFINITY : share / (1 - share) * exposures;
}

/* Both counts in units of the dispersion. */
struct scaled {
	double n, k;      /* of n counts k are the new side's */
	double share;     /* as many are expected: k/n */
	double exposures; /* old : new */
};

/* A row that is most of all there is cannot vary as freely: the rest is what its own count leaves. */
static bool scale(struct scaled *s, const struct xp_comparison *x)
{
	double unit = fmax(x->dispersion * (1 - x->of_all), 1e-6);

	if (!(x->old.count + x->new.count > 0) || !(x->old.exposure > 0) || !(x->new.exposure > 0))
		return false;
	s->n = (x->old.count + x->new.count) / unit;
	s->k = x->new.count / unit;
	s->share = x->new.exposure / (x->old.exposure + x->new.exposure);
	s->exposures = x->old.exposure / x->new.exposure;
	return true;
}

/*
 * Twice the smaller tail. The median is within one of the mean: of a count farther off it is known which tail that is.
 * (The median of the beta distribution lies between mode and mean.)
 */
static double both_tails(const struct scaled *s)
{
	double mean = s->n * s->share;

	if (s->k >= mean + 1)
		return fmin(1, 2 * at_least(s->k, s->n, s->share));
	if (s->k <= mean - 1)
		return fmin(1, 2 * at_most(s->k, s->n, s->share));
	return fmin(1, 2 * fmin(at_least(s->k, s->n, s->share), at_most(s->k, s->n, s->share)));
}

void xp_change_test(struct xp_change *c, const struct xp_comparison *x)
{
	struct scaled s;

	*c = (struct xp_change){ .ratio = 1, .high = INFINITY, .p = 1, .q = 1 };
	if (!scale(&s, x))
		return;
	c->p = with_df(both_tails(&s), x->df);
	c->ratio = x->old.count > 0 ? x->new.count / x->old.count * s.exposures : INFINITY;
}

void xp_change_limits(struct xp_change *c, const struct xp_comparison *x, double confidence)
{
	struct scaled s;
	double tail;

	c->low = 0;
	c->high = INFINITY;
	if (!scale(&s, x))
		return;
	tail = gsl_cdf_ugaussian_Q(gsl_cdf_tdist_Qinv((1 - confidence) / 2, x->df));
	if (s.k > 0)
		c->low = rate_ratio(xp_beta_inverse(tail, s.k, s.n - s.k + 1), s.exposures);
	if (s.k < s.n)
		c->high = rate_ratio(xp_beta_inverse(1 - tail, s.k + 1, s.n - s.k), s.exposures);
}

static int by_p(const void *a, const void *b)
{
	const struct xp_change *x = *(struct xp_change *const *)a, *y = *(struct xp_change *const *)b;

	return x->p < y->p ? -1 : x->p > y->p;
}

bool xp_change_discoveries(struct xp_change **changes, size_t nr)
{
	struct xp_change **sorted = malloc((nr + 1) * sizeof(*sorted));
	double q = 1;
	size_t i;

	if (!sorted)
		return false;
	memcpy(sorted, changes, nr * sizeof(*sorted));
	qsort(sorted, nr, sizeof(*sorted), by_p);
	for (i = nr; i--; ) {
		q = fmin(q, sorted[i]->p * (double)nr / (double)(i + 1));
		sorted[i]->q = q;
	}
	free(sorted);
	return true;
}
