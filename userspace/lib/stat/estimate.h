/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts estimated from samples, where Xen cannot count at vCPU switches:
 * a sample stands for its event's period at that time on that CPU, and belongs
 * to the domain that ran. CPU time is Xen's own accounting.
 *
 *   xp_estimate_init()
 *     xp_estimate_pass()   several times a second: empties the rings
 *     xp_estimate_take()   what came since the take before, as groups by domain
 *   xp_estimate_release()
 */
#ifndef XP_STAT_ESTIMATE_H
#define XP_STAT_ESTIMATE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/ring/ring.h"
#include "lib/stat/groups.h"

struct xp_estimate {
	struct xp_ring *rings;     /* borrowed */
	size_t nr_rings;
	struct xp_estimate_ring *state; /* of each ring */
	struct xp_groups sums;     /* since the last take, by domain; count is not scaled, running not set */
	size_t room;
	uint64_t active, running[XPROF_MAX_EVENTS]; /* of all rings, at the last take */
	uint64_t lost, lost_before;/* samples that found no room */
	struct xp_cpu_time *times; /* at the last take */
	size_t nr_times;
};

/* What Xen says of a domain's CPU time. */
struct xp_cpu_time {
	uint16_t domid;
	uint8_t handle[16];
	uint64_t ticks;
};

/* periods: what each event was opened with. Release e afterwards, whatever the result. */
int xp_estimate_init(struct xp_estimate *e, struct xp_ring *rings, size_t nr_rings, const uint64_t periods[XPROF_MAX_EVENTS],
		     struct xp_err *err);
void xp_estimate_release(struct xp_estimate *e);

int xp_estimate_pass(struct xp_estimate *e, struct xp_err *err);

/*
 * g becomes what came since the take before; the first take only sets the
 * beginning. times: CPU times now, all: ticks that all CPUs together had
 * since then. Release g afterwards.
 */
int xp_estimate_take(struct xp_estimate *e, const struct xp_cpu_time *times, size_t nr_times, uint64_t all, uint32_t cpus,
		     struct xp_groups *g, struct xp_err *err);

#endif
