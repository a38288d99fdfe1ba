/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Follows dom0's processes: fills spaces and images from task records, from
 * perf's mapping events (or, where there are none, from /proc/PID/maps at
 * fork, exec and when an address turns up that no mapping holds).
 */
#ifndef XP_SYM_FOLLOW_H
#define XP_SYM_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/sym/clock.h"
#include "lib/sym/images.h"
#include "lib/sym/mmqueue.h"
#include "lib/sym/perf.h"
#include "lib/sym/space.h"

struct xprof_task;

struct xp_follow {
	struct xp_spaces spaces;
	struct xp_images images;
	struct xp_perf *perf;       /* NULL: by /proc */
	struct xp_mm_queue queue;
	struct xp_clock_pair last;  /* of the newest poll */
	struct xp_clock_pair anchors[2]; /* more and less than a second old: the line goes from the first to `last` */
	int64_t tsc_offset;         /* this kernel's TSC minus Xen's */
	uint64_t lost_events;
	char root[256];             /* before each path */
	char how[256];              /* "perf", or "/proc: " and why */
};

/* Cannot fail but for memory: without perf events it goes by /proc. */
int xp_follow_init(struct xp_follow *f, const char *root, int64_t tsc_offset, bool use_perf, struct xp_err *err);
void xp_follow_release(struct xp_follow *f);

/* A record whose times have been made host TSC already. */
int xp_follow_task(struct xp_follow *f, const struct xprof_task *task, struct xp_err *err);

/* Takes in what has been said; `all`: whatever is there, even what may still be overtaken (at the end). */
void xp_follow_poll(struct xp_follow *f, bool all);

/* Reads /proc/PID/maps; mappings that are not known yet are since tsc. */
void xp_follow_read_maps(struct xp_follow *f, struct xp_space *space, uint64_t tsc);

/* Host TSC now. */
uint64_t xp_follow_now(const struct xp_follow *f);
/* TSC ticks in about one second. */
uint64_t xp_follow_second(const struct xp_follow *f);

#endif
