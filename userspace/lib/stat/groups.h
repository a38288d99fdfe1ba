/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts of vCPUs, summed up by what people ask for: the domain, the vCPU, the
 * CPU.
 */
#ifndef XP_STAT_GROUPS_H
#define XP_STAT_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/stat/reading.h"

#define XP_STAT_BY_VCPU 0x1u
#define XP_STAT_BY_CPU  0x2u

struct xp_groups {
	struct xprof_count *of;  /* ordered; vcpu and cpu are 0 where they are summed up */
	size_t nr;
	double (*squares)[XPROF_MAX_EVENTS]; /* estimated from samples: sums of their squared weights; NULL: exact */
	uint64_t ticks;          /* of all CPUs: every vCPU's, idle's and those that found no row */
	uint64_t missed;         /* of these: found no row */
	uint64_t lost;           /* estimated: samples that found no room */
	uint32_t cpus;           /* that were running something, or idle */
};

/* Sums up rows (in their order); by: XP_STAT_BY_*. Release g afterwards, whatever the result. */
int xp_groups_sum(struct xp_groups *g, const struct xp_reading *rows, unsigned int by, struct xp_err *err);

/* Keeps the groups of these domains only; the time of all CPUs stays what it is. */
void xp_groups_keep(struct xp_groups *g, const uint16_t *domids, size_t nr);
void xp_groups_release(struct xp_groups *g);

/* The place of the group of this key, made if need be: there is room for one more. */
size_t xp_groups_place(struct xp_groups *g, const struct xprof_count *key);

/*
 * What event counted, in all its time: as it is if it had a counter all the
 * time, else scaled up by ticks / running. False: it never had one.
 */
bool xp_count_scaled(const struct xprof_count *c, size_t event, uint64_t *value);

#endif
