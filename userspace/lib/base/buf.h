/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A buffer of bytes that grows. When memory is refused it keeps what it has,
 * ignores what follows and says so once asked: append everything, then look at
 * xp_buf_ok().
 */
#ifndef XP_BASE_BUF_H
#define XP_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/varint.h"

struct xp_buf {
	uint8_t *data;
	size_t len, cap;
	bool failed;
};

#define XP_BUF_INIT { NULL, 0, 0, false }

void xp_buf_init(struct xp_buf *b);
void xp_buf_release(struct xp_buf *b); /* frees the contents; may be used again */
void xp_buf_reset(struct xp_buf *b);   /* empties it, keeps the memory; not failed any more */

static inline bool xp_buf_ok(const struct xp_buf *b)
{
	return !b->failed;
}

/* Room for n more bytes at data + len, or NULL. The caller adds to len what it wrote. */
uint8_t *xp_buf_grow(struct xp_buf *b, size_t n); /* of any buffer; use the next one */
static inline uint8_t *xp_buf_reserve(struct xp_buf *b, size_t n)
{
	/* (Less, not "at most": an empty buffer has no memory, and NULL would be taken for a failure.) */
	return n < b->cap - b->len && !b->failed ? b->data + b->len : xp_buf_grow(b, n);
}

void xp_buf_add(struct xp_buf *b, const void *data, size_t n);
void xp_buf_u8(struct xp_buf *b, uint8_t value);
void xp_buf_u16(struct xp_buf *b, uint16_t value); /* fixed size: little-endian */
void xp_buf_u32(struct xp_buf *b, uint32_t value);
void xp_buf_u64(struct xp_buf *b, uint64_t value);
static inline void xp_buf_varint(struct xp_buf *b, uint64_t value)
{
	uint8_t *p = xp_buf_reserve(b, XP_VARINT_MAX);

	if (p)
		b->len += xp_varint_put(p, value);
}
static inline void xp_buf_zigzag(struct xp_buf *b, int64_t value)
{
	xp_buf_varint(b, xp_zigzag(value));
}
void xp_buf_string(struct xp_buf *b, const char *s); /* varint length, bytes; NULL is "" */
void xp_buf_blob(struct xp_buf *b, const void *data, size_t n); /* varint length, bytes */

#endif
