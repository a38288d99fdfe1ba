/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which rows have changed: against the published values of the tests that it
 * is made of, and simulated, where the truth is known. Seed: DIFF_SEED, printed.
 */
#include "unit/build.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "lib/diff/beta.h"
#include "lib/diff/compare.h"

/* ---- random numbers ---- */

static uint64_t random_state;

static double uniform(void) /* splitmix64; never 0 */
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	return ((double)(z >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(void)
{
	return sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform());
}

/* Marsaglia and Tsang, 2000. */
static double gamma_of(double shape)
{
	double d, c, x, v;

	if (shape < 1)
		return gamma_of(shape + 1) * pow(uniform(), 1 / shape);
	d = shape - 1.0 / 3;
	c = 1 / sqrt(9 * d);
	for (;;) {
		x = normal();
		v = 1 + c * x;
		v = v * v * v;
		if (v > 0 && log(uniform()) < 0.5 * x * x + d - d * v + d * log(v))
			return d * v;
	}
}

/* Exact: halves large means by gamma variates (Ahrens and Dieter, 1974), multiplies small ones. */
static double poisson(double mean)
{
	double total = 0;

	while (mean > 20) {
		double m = floor(mean * 7 / 8), x = gamma_of(m);

		if (x > mean) { /* the m-th event comes too late: binomial of the m - 1 before */
			double p = mean / x, n = m - 1;

			while (n-- > 0)
				total += uniform() < p;
			return total;
		}
		total += m;
		mean -= x;
	}
	for (double limit = exp(-mean), product = uniform(); product > limit; product *= uniform())
		total++;
	return total;
}

/* Counts of that mean whose variance is `dispersion` times it: negative binomial. */
static double dispersed(double mean, double dispersion)
{
	return dispersion > 1 ? poisson(gamma_of(mean / (dispersion - 1)) * (dispersion - 1)) : poisson(mean);
}

static void seed(void)
{
	const char *text = getenv("DIFF_SEED");

	random_state = text ? strtoull(text, NULL, 0) : 20261128;
	print_message("seed: DIFF_SEED=%llu\n", (unsigned long long)random_state);
}

/* ---- simulated pairs ---- */

#define ROWS 1000u
#define PAIRS 200u
#define LEVEL 0.05
#define MAX_CELLS 16u

struct pair {
	size_t cells;         /* of each side */
	double dispersion;    /* of a cell's counts */
	double first;         /* samples of row 0 on the old side, all cells together */
	double change;        /* of row 0: 1.1 is 10% more */
	float counts[XP_SIDES][ROWS][MAX_CELLS];
	struct xp_compared_row rows[ROWS], *row[ROWS];
};

/* Rows are hot by Zipf's law: some 10,000 samples, most of them few. */
static double mean_of(const struct pair *p, size_t row)
{
	return row ? 20000.0 / (double)(row + 1) : p->first;
}

static void draw(struct pair *p)
{
	size_t side, row, cell;

	for (row = 0; row < ROWS; row++) {
		p->rows[row] = (struct xp_compared_row){ .counts = { p->counts[XP_OLD][row], p->counts[XP_NEW][row] },
							 .unit = { 1, 1 } };
		p->row[row] = &p->rows[row];
		for (side = 0; side < XP_SIDES; side++)
			for (cell = 0; cell < p->cells; cell++)
				p->counts[side][row][cell] = (float)dispersed(mean_of(p, row) / (double)p->cells *
								       (side && !row ? p->change : 1), p->dispersion);
	}
}

/* All of a side's samples, cell by cell, are what rows are shares of. */
static void all_of(const struct pair *p, size_t side, double all[MAX_CELLS])
{
	size_t row, cell;

	for (cell = 0; cell < p->cells; cell++)
		for (all[cell] = 0, row = 0; row < ROWS; row++)
			all[cell] += (double)p->counts[side][row][cell];
}

/* How many rows are called changed. */
static size_t changed_rows(struct pair *p, bool of_all)
{
	double equal[MAX_CELLS], all[XP_SIDES][MAX_CELLS];
	struct xp_cells cells = { .nr = { p->cells, p->cells }, .of_all = of_all };
	struct xp_change *changes[ROWS];
	struct xp_dispersion common;
	size_t i, nr = 0;

	draw(p);
	for (i = 0; i < MAX_CELLS; i++)
		equal[i] = 1;
	for (i = 0; i < XP_SIDES; i++) {
		all_of(p, i, all[i]);
		cells.exposure[i] = cells.expected[i] = of_all ? all[i] : equal;
	}
	assert_true(xp_compare(p->row, ROWS, &cells, &common));
	for (i = 0; i < ROWS; i++)
		changes[i] = &p->rows[i].change;
	assert_true(xp_change_discoveries(changes, ROWS));
	for (i = 0; i < ROWS; i++)
		nr += p->rows[i].change.q <= LEVEL;
	return nr;
}

/* Of PAIRS, in how many was any row (row 0) called changed? */
static size_t pairs_with_any(struct pair *p, bool of_all)
{
	size_t i, nr = 0;

	for (i = 0; i < PAIRS; i++)
		nr += changed_rows(p, of_all) > 0;
	return nr;
}

static size_t pairs_with_first(struct pair *p, bool of_all)
{
	size_t i, nr = 0;

	for (i = 0; i < PAIRS; i++) {
		changed_rows(p, of_all);
		nr += p->rows[0].change.q <= LEVEL && p->rows[0].change.ratio > 1;
	}
	return nr;
}

static void test_equal_pairs__are_called_equal(void **state)
{
	static struct pair p = { .cells = 16, .dispersion = 1, .first = 10000, .change = 1 };
	size_t by_time, by_total;

	(void)state;
	seed();
	by_time = pairs_with_any(&p, false);
	by_total = pairs_with_any(&p, true);
	print_message("figure: of %u equal pairs, any row changed: by time %zu, by total %zu\n", PAIRS, by_time, by_total);
	assert_true(by_time <= 18);
	assert_true(by_total <= 18);
}

static void test_equal_pairs__of_three_runs_that_vary_more(void **state)
{
	static struct pair p = { .cells = 3, .dispersion = 1.5, .first = 10000, .change = 1 };
	size_t by_time, by_total;

	(void)state;
	seed();
	by_time = pairs_with_any(&p, false);
	by_total = pairs_with_any(&p, true);
	print_message("figure: of %u equal pairs of three runs a side, dispersion 1.5, any row changed: by time %zu, by total %zu\n",
		      PAIRS, by_time, by_total);
	assert_true(by_time <= 18);
	assert_true(by_total <= 18);
}

static void test_change__of_a_tenth_is_found(void **state)
{
	static struct pair p = { .cells = 16, .dispersion = 1, .first = 10000, .change = 1.1 };
	size_t by_time, by_total;

	(void)state;
	seed();
	by_time = pairs_with_first(&p, false);
	by_total = pairs_with_first(&p, true);
	print_message("figure: 10%% more of 10,000 samples among %u rows found in %zu (by total %zu) of %u\n", ROWS, by_time,
		      by_total, PAIRS);
	assert_true(by_time >= PAIRS * 99 / 100);
}

static void test_change__of_a_thirteenth_is_found_mostly(void **state)
{
	static struct pair p = { .cells = 16, .dispersion = 1, .first = 10000, .change = 1.075 };
	size_t found;

	(void)state;
	seed();
	found = pairs_with_first(&p, false);
	print_message("figure: 7.5%% more found in %zu of %u\n", found, PAIRS);
	assert_true(found >= PAIRS * 80 / 100);
}

/* GSL's tail at x: that below it, or that above. */
static double tail_at(bool upper, double x, double a, double b)
{
	return upper ? gsl_cdf_beta_Q(x, a, b) : gsl_cdf_beta_P(x, a, b);
}

/*
 * Where GSL's own function is to have the smaller tail, to seven digits; or, close to 1 where doubles are too far apart
 * for that, between x's neighbours.
 */
static void assert_inverse(double tail, bool upper, double a, double b)
{
	double of = upper ? 1 - tail : tail, x = xp_beta_inverse(of, a, b);

	if (x >= 0 && x <= 1 && fabs(tail_at(upper, x, a, b) / tail - 1) <= 1e-7)
		return;
	if (x >= 0 && x <= 1 && (tail_at(upper, nextafter(x, 0), a, b) > tail) != (tail_at(upper, nextafter(x, 1), a, b) > tail))
		return;
	fail_msg("I_x(%g, %g) = %.9g at x = %.17g? GSL: %.9g", a, b, of, x, gsl_cdf_beta_P(x, a, b));
}

/* k of n counts, n from one to half a million, in units of a dispersion from 1 to 4. */
static void test_beta__inverse_is_where_the_tail_is(void **state)
{
	static const double tails[] = { 5e-7, 0.0005, 0.025, 0.25 };
	size_t i, t;
	double n, k;

	(void)state;
	for (i = 0; i < 20; i++) {
		n = floor(pow(2, (double)i)) / (1 + (double)(i % 4));
		for (k = n / 16; k < n; k += n / 4) {
			for (t = 0; t < sizeof(tails) / sizeof(*tails); t++) {
				assert_inverse(tails[t], false, k, n - k + 1);
				assert_inverse(tails[t], true, k + 1, n - k);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_pairs__are_called_equal),
		cmocka_unit_test(test_equal_pairs__of_three_runs_that_vary_more),
		cmocka_unit_test(test_change__of_a_tenth_is_found),
		cmocka_unit_test(test_change__of_a_thirteenth_is_found_mostly),
		cmocka_unit_test(test_beta__inverse_is_where_the_tail_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
