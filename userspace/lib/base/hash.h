/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hashes for tables that live no longer than the program; whoever chooses the keys may make them collide. */
#ifndef XP_BASE_HASH_H
#define XP_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define XP_HASH_FIRST 0xcbf29ce484222325u

/* Of n bytes behind those that h is of already (FNV-1a); the last step is xp_hash_end(). */
static inline uint64_t xp_hash_bytes(uint64_t h, const void *data, size_t n)
{
	const uint8_t *p = data, *end = p + n;

	while (p < end)
		h = (h ^ *p++) * 0x100000001b3u;
	return h;
}

/* High bits reach the low ones, by which slots are chosen. */
static inline uint64_t xp_hash_end(uint64_t h)
{
	return h ^ h >> 32;
}

static inline uint64_t xp_hash_text(const char *s)
{
	return xp_hash_end(xp_hash_bytes(XP_HASH_FIRST, s, strlen(s)));
}

#endif
