/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Variable-length integers: seven bits a byte, least significant first, bit 7
 * set on all but the last byte. At most ten bytes for 64 bits. Signed values
 * are folded first (zigzag), so that small ones of either sign stay short.
 */
#ifndef XP_BASE_VARINT_H
#define XP_BASE_VARINT_H

#include <stddef.h>
#include <stdint.h>

#define XP_VARINT_MAX 10

static inline uint64_t xp_zigzag(int64_t value)
{
	return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static inline int64_t xp_unzigzag(uint64_t value)
{
	return (int64_t)((value >> 1) ^ -(value & 1));
}

/* Writes value at out (room for XP_VARINT_MAX bytes) and returns its length. */
static inline size_t xp_varint_put(uint8_t *out, uint64_t value)
{
	size_t n = 0;

	while (value >= 0x80) {
		out[n++] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	out[n++] = (uint8_t)value;
	return n;
}

#endif
