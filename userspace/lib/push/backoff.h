/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long to wait after a try that failed: twice as long each time, up to a limit, and of that a random half, so that
 * hosts whose store comes back do not all call at once. Seeded: the same seed waits the same.
 */
#ifndef XP_PUSH_BACKOFF_H
#define XP_PUSH_BACKOFF_H

#include <stdint.h>

#define XP_BACKOFF_FIRST_MS 1000u
#define XP_BACKOFF_LAST_MS 300000u

struct xp_backoff {
	uint64_t state;    /* of the generator */
	unsigned int failed; /* tries in a row */
};

void xp_backoff_init(struct xp_backoff *b, uint64_t seed);

/* After a failure: milliseconds to wait, from half of the step to all of it; at least what the store asked for (0: nothing). */
uint64_t xp_backoff_next(struct xp_backoff *b, uint64_t asked_ms);

/* After a success. */
void xp_backoff_reset(struct xp_backoff *b);

#endif
