/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/buf.h"

void xp_buf_init(struct xp_buf *b)
{
	*b = (struct xp_buf)XP_BUF_INIT;
}

void xp_buf_release(struct xp_buf *b)
{
	free(b->data);
	xp_buf_init(b);
}

void xp_buf_reset(struct xp_buf *b)
{
	b->len = 0;
	b->failed = false;
}

static bool grow(struct xp_buf *b, size_t need)
{
	size_t cap = b->cap ? b->cap : 256;
	uint8_t *data;

	while (cap < need) {
		if (cap > SIZE_MAX / 2)
			return false;
		cap *= 2;
	}
	data = realloc(b->data, cap);
	if (!data)
		return false;
	b->data = data;
	b->cap = cap;
	return true;
}

uint8_t *xp_buf_grow(struct xp_buf *b, size_t n)
{
	if (b->failed)
		return NULL;
	if (n > SIZE_MAX - b->len || (b->len + n > b->cap && !grow(b, b->len + n))) {
		b->failed = true;
		return NULL;
	}
	if (!b->data && !grow(b, 1)) {
		b->failed = true;
		return NULL;
	}
	return b->data + b->len;
}

void xp_buf_add(struct xp_buf *b, const void *data, size_t n)
{
	uint8_t *p = xp_buf_reserve(b, n);

	if (!p || !n)
		return;
	memcpy(p, data, n);
	b->len += n;
}

/* Little-endian, of n bytes. */
static void fixed(struct xp_buf *b, uint64_t value, size_t n)
{
	uint8_t *p = xp_buf_reserve(b, n);

	if (!p)
		return;
	b->len += n;
	for (; n--; value >>= 8)
		*p++ = (uint8_t)value;
}

void xp_buf_u8(struct xp_buf *b, uint8_t value)
{
	fixed(b, value, 1);
}

void xp_buf_u16(struct xp_buf *b, uint16_t value)
{
	fixed(b, value, 2);
}

void xp_buf_u32(struct xp_buf *b, uint32_t value)
{
	fixed(b, value, 4);
}

void xp_buf_u64(struct xp_buf *b, uint64_t value)
{
	fixed(b, value, 8);
}

void xp_buf_string(struct xp_buf *b, const char *s)
{
	xp_buf_blob(b, s ? s : "", s ? strlen(s) : 0);
}

void xp_buf_blob(struct xp_buf *b, const void *data, size_t n)
{
	xp_buf_varint(b, n);
	xp_buf_add(b, data, n);
}
