/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading bytes that may be cut off or hostile. A cursor cannot run off its
 * end: what asks for more than is left gets zeros, the first such request is
 * reported (once, with name and offset), and from then on nothing is left. A
 * parser therefore reads all its fields and asks once, with xp_cursor_ok().
 */
#ifndef XP_BASE_CURSOR_H
#define XP_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"

struct xp_cursor {
	const char *name;     /* of what is read, for the report; borrowed */
	const uint8_t *start; /* borrowed: pointers that a cursor returns live as long */
	const uint8_t *pos;
	size_t left;
	bool failed;
	struct xp_err *err;   /* where the one report goes; may be NULL */
};

void xp_cursor_init(struct xp_cursor *c, const char *name, const void *data, size_t len,
		    struct xp_err *err);

static inline bool xp_cursor_ok(const struct xp_cursor *c)
{
	return !c->failed;
}

/* Where in the data the cursor stands. */
static inline size_t xp_cursor_offset(const struct xp_cursor *c)
{
	return (size_t)(c->pos - c->start);
}

/* Marks the cursor as failed, with one report (printf style) unless there was one. Returns false. */
__attribute__((format(printf, 2, 3)))
bool xp_cursor_fail(struct xp_cursor *c, const char *format, ...);

/* The next n bytes, or NULL when fewer are left. */
const uint8_t *xp_cursor_bytes(struct xp_cursor *c, size_t n);

uint8_t xp_cursor_u8(struct xp_cursor *c);
uint16_t xp_cursor_u16(struct xp_cursor *c); /* fixed size: little-endian */
uint32_t xp_cursor_u32(struct xp_cursor *c);
uint64_t xp_cursor_u64(struct xp_cursor *c);
uint64_t xp_cursor_long_varint(struct xp_cursor *c); /* of any length; use the next one */

static inline uint64_t xp_cursor_varint(struct xp_cursor *c)
{
	/* Most are short. */
	if (c->left >= 2 && c->pos[0] < 0x80) {
		c->left--;
		return *c->pos++;
	}
	if (c->left >= 3 && c->pos[1] < 0x80) {
		c->left -= 2;
		c->pos += 2;
		return (uint64_t)(c->pos[-2] & 0x7f) | (uint64_t)c->pos[-1] << 7;
	}
	return xp_cursor_long_varint(c);
}

static inline int64_t xp_cursor_zigzag(struct xp_cursor *c)
{
	uint64_t value = xp_cursor_varint(c);

	return (int64_t)((value >> 1) ^ -(value & 1));
}

/* A varint that must be at most max; zero, and a failure, if it is not. `what` names it in the report. */
uint64_t xp_cursor_bounded(struct xp_cursor *c, uint64_t max, const char *what);

/* A number of things that take at least min_bytes each: one that cannot be true fails, before anybody allocates. */
size_t xp_cursor_count(struct xp_cursor *c, size_t min_bytes, const char *what);

/* A varint length and so many bytes: *out is a cursor over them (empty on failure). */
bool xp_cursor_sub(struct xp_cursor *c, struct xp_cursor *out);

/* A varint length and so many bytes, not terminated. "" on failure. */
const char *xp_cursor_string(struct xp_cursor *c, size_t *len);

#endif
