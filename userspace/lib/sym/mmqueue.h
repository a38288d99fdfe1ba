/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mapping events of all CPUs, put in the order of time: they are held until
 * nothing earlier can come any more.
 */
#ifndef XP_SYM_MMQUEUE_H
#define XP_SYM_MMQUEUE_H

#include "lib/sym/perf.h"

#define XP_MM_QUEUE_MAX 131072u

struct xp_mm_queued;

struct xp_mm_queue {
	struct xp_mm_queued **v;
	size_t nr, room;
	uint64_t dropped; /* no room or no memory */
};

void xp_mm_queue_release(struct xp_mm_queue *q);

/* Copies the event and its name. */
void xp_mm_queue_add(struct xp_mm_queue *q, const struct xp_mm_event *event);

/* Calls fn for each event not later than ns, in order of time (of equal ones: as they were added), and drops it. */
void xp_mm_queue_take(struct xp_mm_queue *q, uint64_t ns, void (*fn)(const struct xp_mm_event *event, void *arg),
		      void *arg);

#endif
