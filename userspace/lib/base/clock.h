/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XP_BASE_CLOCK_H
#define XP_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* What the clock says, in nanoseconds. It must be one that this kernel has: CLOCK_MONOTONIC, CLOCK_REALTIME, … */
static inline uint64_t xp_clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

#endif
