/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts as people and programs read them. A printer is begun once, prints a
 * block for each stretch of time, and is ended. Names of domains may hold
 * anything; each printer makes them harmless in its own way.
 */
#ifndef XP_STAT_PRINT_H
#define XP_STAT_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/stat/runs.h"

struct xp_stat_head {
	size_t nr;                          /* events */
	const char *events[XPROF_MAX_EVENTS];
	uint64_t tsc_khz;                   /* what ticks are */
	unsigned int by;                    /* XP_STAT_BY_* */
	const char *estimated;              /* why they are no exact counts but estimates; NULL: they are exact */
	bool intervals;                     /* a block for each stretch of time */
	const char *what;                   /* "'make -j4' (3 runs)", "the host" */
	const char *version;                /* of Xen */
	const char *separator;              /* CSV */
	unsigned int columns;               /* of a terminal, 0: no limit */
	/* The domain's name, "" if it is not known; lives until the next call. */
	const char *(*name)(void *arg, uint16_t domid, const uint8_t handle[16]);
	void *arg;
};

struct xp_stat_block {
	const struct xp_runs *runs; /* its groups are printed in order; n is at least 1 */
	double time;                /* seconds since counting began, at the block's end */
	double seconds;             /* mean length */
};

struct xp_stat_printer {
	void (*begin)(FILE *out, const struct xp_stat_head *head);
	void (*block)(FILE *out, const struct xp_stat_head *head, const struct xp_stat_block *block);
	void (*end)(FILE *out, const struct xp_stat_head *head);
};
extern const struct xp_stat_printer xp_stat_text, xp_stat_csv, xp_stat_json;

/* ---- what the printers share (figures.c) ---------------------------------*/

/* Mean of a run. counted: false, the event never had a counter. */
struct xp_figure {
	bool counted;
	uint64_t value;
	double deviation;  /* as of xp_spread_relative() */
	double interval;   /* as of xp_run_interval() */
	double scale;      /* share of the time in which the event had a counter: 1 is exact */
	double metric;     /* with unit NULL: none */
	const char *unit;  /* "GHz", "insn per cycle", … */
	const char *key;   /* the same for programs: "ghz", "ipc", "per_1000_instructions", … */
};
void xp_stat_figure(struct xp_figure *f, const struct xp_stat_head *head, const struct xp_run_group *g, size_t event);

uint64_t xp_stat_cpu_ns(const struct xp_stat_head *head, const struct xp_run_group *g, const struct xp_runs *runs); /* mean */
double xp_stat_share(const struct xp_run_group *g, const struct xp_runs *runs); /* of all CPUs, percent */
double xp_stat_missed(const struct xp_runs *runs);                              /* percent of all CPUs' time */

/* "web1", "Domain-0", "[idle]", "domain 7" as it is, not escaped. Lives as long as head->name()'s. */
const char *xp_stat_name(const struct xp_stat_head *head, const struct xp_run_group *g, char text[32]);

#endif
