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
uint8_t *xp_buf_reserve(struct xp_buf *b, size_t n);

void xp_buf_add(struct xp_buf *b, const void *data, size_t n);
void xp_buf_u8(struct xp_buf *b, uint8_t value);
void xp_buf_u16(struct xp_buf *b, uint16_t value); /* fixed size: little-endian */
void xp_buf_u32(struct xp_buf *b, uint32_t value);
void xp_buf_u64(struct xp_buf *b, uint64_t value);
void xp_buf_varint(struct xp_buf *b, uint64_t value);
void xp_buf_zigzag(struct xp_buf *b, int64_t value);
void xp_buf_string(struct xp_buf *b, const char *s); /* varint length, bytes; NULL is "" */
void xp_buf_blob(struct xp_buf *b, const void *data, size_t n); /* varint length, bytes */

#endif
