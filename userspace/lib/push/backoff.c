// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/push/backoff.h"

#define MAX_ASKED_MS 3600000u /* a store that asks for more is asked again after an hour */

void xp_backoff_init(struct xp_backoff *b, uint64_t seed)
{
	*b = (struct xp_backoff){ .state = seed };
}

/* splitmix64: any seed will do. */
static uint64_t random_u64(struct xp_backoff *b)
{
	uint64_t z = b->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

uint64_t xp_backoff_next(struct xp_backoff *b, uint64_t asked_ms)
{
	uint64_t step = XP_BACKOFF_FIRST_MS, wait;

	for (unsigned int i = 0; i < b->failed && step < XP_BACKOFF_LAST_MS; i++)
		step *= 2;
	if (step > XP_BACKOFF_LAST_MS)
		step = XP_BACKOFF_LAST_MS;
	b->failed++;
	wait = step / 2 + random_u64(b) % (step / 2 + 1);
	if (asked_ms > MAX_ASKED_MS)
		asked_ms = MAX_ASKED_MS;
	return wait > asked_ms ? wait : asked_ms;
}

void xp_backoff_reset(struct xp_backoff *b)
{
	b->failed = 0;
}
