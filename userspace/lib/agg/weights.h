/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a sample stands for: as many events as its event's period was at that
 * time on that CPU; and where events took turns on a counter, as many more as
 * the event was without one, on the assumption that things went on alike.
 *
 *   weight = period(CPU, event, time) * active / running
 *
 * Rounded to whole events, so that sums over rows are sums over all.
 */
#ifndef XP_AGG_WEIGHTS_H
#define XP_AGG_WEIGHTS_H

#include <stdbool.h>

#include "lib/profile/profile.h"

struct xp_weights {
	const struct xp_profile *p;
	/* the block at hand */
	const struct xp_cpu_stats *stats;           /* of its CPU; NULL: unknown */
	const struct xp_period *begin, *end;        /* its CPU's */
	uint64_t constant[XPROF_MAX_EVENTS];        /* of an event whose period does not change in it */
	uint32_t varies;                            /* bit per event: ask xp_weight_at() */
	struct { uint64_t from, to, weight; } at[XPROF_MAX_EVENTS]; /* the last answer, and when it holds */
};

void xp_weights_init(struct xp_weights *w, const struct xp_profile *p);

/* From here on it is about samples of this CPU, of times first to last. */
void xp_weights_block(struct xp_weights *w, uint32_t cpu, uint64_t first, uint64_t last);

uint64_t xp_weight_at(struct xp_weights *w, uint8_t event, uint64_t tsc);

/* Of all CPUs: for how long events were counted, and this one had a counter. False: nothing tells. */
bool xp_weights_share(const struct xp_profile *p, size_t event, uint64_t *active, uint64_t *running);

#endif
