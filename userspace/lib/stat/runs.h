/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What several runs of one thing have in common: mean, and how far runs lie
 * apart. One run is the case in which there is no deviation.
 */
#ifndef XP_STAT_RUNS_H
#define XP_STAT_RUNS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/stat/groups.h"

/* Mean and variance as values come (Welford's way: no sums of squares, no cancellation). */
struct xp_spread {
	uint64_t n;
	double mean, m2;
};
void xp_spread_add(struct xp_spread *s, double value);

/*
 * The standard error of the mean, as a share of the mean: what perf prints
 * behind "+-". Negative: fewer than two values, or a mean of 0.
 */
double xp_spread_relative(const struct xp_spread *s);

/* One group over all runs. A run in which it was not there counts as 0. */
struct xp_run_group {
	struct xprof_count sum;                     /* over all runs, key included */
	uint64_t not_counted;                       /* bits: events that never had a counter in some run */
	double squares[XPROF_MAX_EVENTS];           /* estimated: of the weights of its samples, scaled as the counts */
	struct xp_spread ticks, switches, value[XPROF_MAX_EVENTS];
};

struct xp_runs {
	struct xp_run_group *of; /* ordered as groups are */
	size_t nr, room;
	uint64_t n;              /* runs */
	uint64_t ticks, missed, lost; /* of all runs: as in struct xp_groups */
	uint32_t cpus;           /* the most that a run had */
	struct xp_spread seconds;
};

void xp_runs_init(struct xp_runs *r);
void xp_runs_release(struct xp_runs *r);

/*
 * Half of the 95% interval of an estimated figure, as a share of it: samples
 * come as in a Poisson process, at worst. Negative: it is exact, or nothing was
 * sampled.
 */
double xp_run_interval(const struct xp_run_group *g, size_t event);

/* One more run, of that many seconds. */
int xp_runs_add(struct xp_runs *r, const struct xp_groups *g, double seconds, struct xp_err *err);

#endif
