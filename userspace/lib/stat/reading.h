/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exact counts as Xen gives them: a row for each vCPU and each CPU that it ran
 * on, counting up since the session began. What lies between two readings is
 * the difference of their rows.
 */
#ifndef XP_STAT_READING_H
#define XP_STAT_READING_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "xprof.h"

struct xp_reading {
	struct xprof_count *rows; /* ordered by domain, vCPU, CPU */
	size_t nr, room;
	uint64_t missed;          /* ticks of vCPUs that found no row, all CPUs */
};

/*
 * Reads the rows of one CPU from counts->first on: as XPROF_OP_COUNTS, with
 * counts->nr rows of room.
 */
typedef int (*xp_counts_fn)(void *arg, struct xprof_op_counts *counts, struct xprof_count *rows, struct xp_err *err);

void xp_reading_init(struct xp_reading *r);
void xp_reading_release(struct xp_reading *r);

/* Replaces what r holds by the rows of these CPUs as they are now. */
int xp_reading_take(struct xp_reading *r, xp_counts_fn read, void *arg, const uint32_t *cpus, size_t nr_cpus,
		    struct xp_err *err);

/*
 * d becomes what was counted between before and after. A row that is new counts from zero, and so does
 * one that has less than before: it began anew. Rows for which nothing was counted are left out.
 */
int xp_reading_since(struct xp_reading *d, const struct xp_reading *after, const struct xp_reading *before, struct xp_err *err);

/* Order by whose row it is: domid, handle, vCPU, CPU. A domid with another handle is another domain. */
int xp_count_compare(const struct xprof_count *a, const struct xprof_count *b);

#endif
