// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/clock.h"

#include <time.h>
#include <x86intrin.h>

#define TRIES 5

struct xp_clock_pair xp_clock_pair_now(void)
{
	struct xp_clock_pair best = { 0 };
	uint64_t width = UINT64_MAX;
	int i;

	for (i = 0; i < TRIES; i++) {
		uint64_t before = __rdtsc(), after;
		struct timespec ts;

		clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
		after = __rdtsc();
		if (after - before >= width)
			continue;
		width = after - before;
		best.tsc = before + width / 2;
		best.ns = (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
	}
	return best;
}

uint64_t xp_clock_tsc(const struct xp_clock_pair *a, const struct xp_clock_pair *b, uint64_t ns)
{
	__int128 ticks = (__int128)b->tsc - a->tsc;
	__int128 span = (__int128)b->ns - a->ns;

	if (span <= 0)
		return b->tsc;
	return (uint64_t)(a->tsc + ((__int128)ns - a->ns) * ticks / span);
}
