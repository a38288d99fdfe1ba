/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runs of one side: opened, and counted. */
#ifndef XP_DIFF_SIDE_H
#define XP_DIFF_SIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/agg/agg.h"

#define XP_DIFF_MAX_RUNS 64u
#define XP_DIFF_SLICES 16u

struct xp_diff_run {
	struct xp_profile *profile;  /* borrowed */
	const char *name;            /* of its file; borrowed */
	struct xp_agg *agg;
	uint64_t duration_ns;        /* 0: not known */
};

struct xp_diff_side {
	struct xp_diff_run *runs;
	size_t nr;
	bool sliced;                 /* one run: its cells are slices of time */
};

static inline size_t xp_diff_cells(const struct xp_diff_side *s)
{
	return s->sliced ? XP_DIFF_SLICES : s->nr;
}

/* Counts all runs of both sides, on as many CPUs as there are; their profiles must not be used meanwhile. 0, or
 * what counting said. */
int xp_diff_sides_count(struct xp_diff_side sides[2], const struct xp_agg_config *config, struct xp_err *err);
void xp_diff_side_release(struct xp_diff_side *s);

#endif
