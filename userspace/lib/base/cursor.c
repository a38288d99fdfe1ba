/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/cursor.h"

#include <stdarg.h>

void xp_cursor_init(struct xp_cursor *c, const char *name, const void *data, size_t len,
		    struct xp_err *err)
{
	c->name = name;
	c->start = data;
	c->pos = data;
	c->left = len;
	c->failed = false;
	c->err = err;
}

bool xp_cursor_fail(struct xp_cursor *c, const char *format, ...)
{
	char text[256];
	va_list args;

	if (c->failed)
		return false;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	xp_fail(c->err, XP_E_FORMAT, "%s, byte %zu: %s", c->name, xp_cursor_offset(c), text);
	c->failed = true;
	c->left = 0;
	return false;
}

const uint8_t *xp_cursor_bytes(struct xp_cursor *c, size_t n)
{
	const uint8_t *pos = c->pos;

	if (n > c->left) {
		xp_cursor_fail(c, "%zu bytes are wanted, %zu are left", n, c->left);
		return NULL;
	}
	c->pos += n;
	c->left -= n;
	return pos;
}

/* Little-endian, of n bytes. */
static uint64_t fixed(struct xp_cursor *c, size_t n)
{
	const uint8_t *p = xp_cursor_bytes(c, n);
	uint64_t value = 0;

	if (!p)
		return 0;
	while (n--)
		value = value << 8 | p[n];
	return value;
}

uint8_t xp_cursor_u8(struct xp_cursor *c)
{
	return (uint8_t)fixed(c, 1);
}

uint16_t xp_cursor_u16(struct xp_cursor *c)
{
	return (uint16_t)fixed(c, 2);
}

uint32_t xp_cursor_u32(struct xp_cursor *c)
{
	return (uint32_t)fixed(c, 4);
}

uint64_t xp_cursor_u64(struct xp_cursor *c)
{
	return fixed(c, 8);
}

uint64_t xp_cursor_long_varint(struct xp_cursor *c)
{
	uint64_t value = 0;
	unsigned int shift = 0;
	size_t n = 0;

	for (;;) {
		uint8_t byte;

		if (n == c->left) {
			xp_cursor_fail(c, "a number does not end");
			return 0;
		}
		byte = c->pos[n++];
		if (shift == 63 && byte > 1) {
			xp_cursor_fail(c, "a number has more than 64 bits");
			return 0;
		}
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			break;
		shift += 7;
	}
	c->pos += n;
	c->left -= n;
	return value;
}

uint64_t xp_cursor_bounded(struct xp_cursor *c, uint64_t max, const char *what)
{
	uint64_t value = xp_cursor_varint(c);

	if (value > max) {
		xp_cursor_fail(c, "%s is %llu, at most %llu are possible", what,
			       (unsigned long long)value, (unsigned long long)max);
		return 0;
	}
	return value;
}

size_t xp_cursor_count(struct xp_cursor *c, size_t min_bytes, const char *what)
{
	uint64_t value = xp_cursor_varint(c);

	if (value > c->left / min_bytes) {
		xp_cursor_fail(c, "%s is %llu, but only %zu bytes are left", what,
			       (unsigned long long)value, c->left);
		return 0;
	}
	return (size_t)value;
}

bool xp_cursor_sub(struct xp_cursor *c, struct xp_cursor *out)
{
	size_t len = (size_t)xp_cursor_varint(c);
	const uint8_t *p = xp_cursor_bytes(c, len);

	xp_cursor_init(out, c->name, p ? p : c->pos, p ? len : 0, c->err);
	return p != NULL;
}

const char *xp_cursor_string(struct xp_cursor *c, size_t *len)
{
	size_t n = (size_t)xp_cursor_varint(c);
	const uint8_t *p = xp_cursor_bytes(c, n);

	*len = p ? n : 0;
	return p ? (const char *)p : "";
}
