/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/text.h"

#include <stdbool.h>

/* Length and first bits of a character, from its first byte. */
static size_t lead(uint8_t byte, uint32_t *bits)
{
	if (byte < 0x80) {
		*bits = byte;
		return 1;
	}
	if (byte >= 0xc2 && byte <= 0xdf) {
		*bits = byte & 0x1f;
		return 2;
	}
	if (byte >= 0xe0 && byte <= 0xef) {
		*bits = byte & 0x0f;
		return 3;
	}
	if (byte >= 0xf0 && byte <= 0xf4) {
		*bits = byte & 0x07;
		return 4;
	}
	return 0;
}

size_t xp_utf8_char(const char *s, size_t len, uint32_t *code)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = lead((uint8_t)s[0], code);
	size_t i;

	if (n == 0 || n > len)
		return 0;
	for (i = 1; i < n; i++) {
		uint8_t byte = (uint8_t)s[i];

		if ((byte & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (byte & 0x3f);
	}
	if (*code < least[n] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return n;
}

/* Characters that would change more on a terminal than the place where they stand. */
static bool is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x061c ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe007f);
}

static void escape_byte(struct xp_buf *b, uint8_t byte)
{
	static const char hex[] = "0123456789abcdef";
	char text[4] = { '\\', 'x', hex[byte >> 4], hex[byte & 15] };

	switch (byte) {
	case '\n': xp_buf_add(b, "\\n", 2); break;
	case '\t': xp_buf_add(b, "\\t", 2); break;
	case '\r': xp_buf_add(b, "\\r", 2); break;
	case '\\': xp_buf_add(b, "\\\\", 2); break;
	default:   xp_buf_add(b, text, 4); break;
	}
}

/* How many of the first bytes stand for themselves: most texts are nothing else. */
static size_t plain_run(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= 0x20 && s[n] < 0x7f && s[n] != '\\')
		n++;
	return n;
}

void xp_text_escape(struct xp_buf *b, const char *s, size_t len)
{
	while (len) {
		uint32_t code = 0;
		size_t n = plain_run(s, len), i;

		if (n) {
			xp_buf_add(b, s, n);
			s += n;
			len -= n;
			continue;
		}
		n = xp_utf8_char(s, len, &code);
		if (n && code != '\\' && !is_unsafe(code)) {
			xp_buf_add(b, s, n);
		} else {
			n = n ? n : 1;
			for (i = 0; i < n; i++)
				escape_byte(b, (uint8_t)s[i]);
		}
		s += n;
		len -= n;
	}
}

void xp_text_print(FILE *out, const char *s)
{
	struct xp_buf b = XP_BUF_INIT;

	xp_text_escape(&b, s, strlen(s));
	if (b.len)
		fwrite(b.data, 1, b.len, out);
	xp_buf_release(&b);
}

size_t xp_text_columns(const char *s, size_t len)
{
	size_t columns = 0, i;

	for (i = 0; i < len; i++)
		columns += ((uint8_t)s[i] & 0xc0) != 0x80;
	return columns;
}

size_t xp_text_fit(const char *s, size_t len, size_t columns)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (((uint8_t)s[i] & 0xc0) == 0x80)
			continue;
		if (columns-- == 0)
			break;
	}
	return i;
}

const char *xp_text_last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}
