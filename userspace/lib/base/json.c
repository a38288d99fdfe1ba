/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/json.h"

#include <string.h>

#include "lib/base/decimal.h"
#include "lib/base/text.h"

void xp_json_init(struct xp_json *j, FILE *out)
{
	j->out = out;
	j->depth = j->flat = 0;
	j->first = true;
	j->len = 0; /* (text is not looked at) */
}

/* ---- bytes ---- */

static void flush(struct xp_json *j)
{
	fwrite(j->text, 1, j->len, j->out);
	j->len = 0;
}

/* Room for n bytes, at most as many as text has. */
static char *room(struct xp_json *j, size_t n)
{
	if (n > sizeof(j->text) - j->len)
		flush(j);
	return j->text + j->len;
}

static void put(struct xp_json *j, const char *s, size_t n)
{
	if (n > sizeof(j->text)) {
		flush(j);
		fwrite(s, 1, n, j->out);
		return;
	}
	memcpy(room(j, n), s, n);
	j->len += n;
}

static void put_text(struct xp_json *j, const char *s)
{
	put(j, s, strlen(s));
}

static void put_char(struct xp_json *j, char c)
{
	*room(j, 1) = c;
	j->len++;
}

/* ---- strings ---- */

static void put_escaped_char(struct xp_json *j, uint32_t code, const char *s, size_t n)
{
	switch (code) {
	case '"':  put_text(j, "\\\""); break;
	case '\\': put_text(j, "\\\\"); break;
	case '\n': put_text(j, "\\n"); break;
	case '\t': put_text(j, "\\t"); break;
	case '\r': put_text(j, "\\r"); break;
	default:
		if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029)
			j->len += (size_t)snprintf(room(j, 8), 8, "\\u%04x", code);
		else
			put(j, s, n);
	}
}

/* Bytes that stand for themselves go out in runs. */
static size_t plain_run(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= 0x20 && s[n] < 0x7f && s[n] != '"' && s[n] != '\\')
		n++;
	return n;
}

static void put_string(struct xp_json *j, const char *s)
{
	size_t len = strlen(s);

	put_char(j, '"');
	while (len) {
		size_t n = plain_run(s, len);

		if (n) {
			put(j, s, n);
		} else {
			uint32_t code = 0;

			n = xp_utf8_char(s, len, &code);
			if (n)
				put_escaped_char(j, code, s, n);
			else
				put_text(j, "\xef\xbf\xbd");
			n = n ? n : 1;
		}
		s += n;
		len -= n;
	}
	put_char(j, '"');
}

/* ---- levels ---- */

static void new_line(struct xp_json *j)
{
	unsigned int i;

	put_char(j, '\n');
	for (i = 0; i < j->depth; i++)
		put(j, "  ", 2);
}

/* Comma, line, indentation and key of what follows. */
static void begin(struct xp_json *j, const char *key)
{
	if (!j->first)
		put_char(j, ',');
	if (j->flat && j->depth >= j->flat) {
		if (!j->first)
			put_char(j, ' ');
	} else if (j->depth) {
		new_line(j);
	}
	j->first = false;
	if (key) {
		put_string(j, key);
		put(j, ": ", 2);
	}
}

/* What is outermost is the FILE's at once. */
static void end_value(struct xp_json *j)
{
	if (!j->depth)
		flush(j);
}

static void open_level(struct xp_json *j, const char *key, char bracket)
{
	begin(j, key);
	put_char(j, bracket);
	j->depth++;
	j->first = true;
}

static void close_level(struct xp_json *j, char bracket)
{
	bool empty = j->first, flat = j->flat && j->depth >= j->flat;

	j->depth--;
	if (!empty && !flat)
		new_line(j);
	put_char(j, bracket);
	j->first = false;
	if (j->depth < j->flat)
		j->flat = 0;
	if (j->depth == 0)
		put_char(j, '\n');
	end_value(j);
}

void xp_json_object(struct xp_json *j, const char *key)
{
	open_level(j, key, '{');
}

void xp_json_array(struct xp_json *j, const char *key)
{
	open_level(j, key, '[');
}

void xp_json_flat_object(struct xp_json *j, const char *key)
{
	open_level(j, key, '{');
	if (!j->flat)
		j->flat = j->depth;
}

void xp_json_flat_array(struct xp_json *j, const char *key)
{
	open_level(j, key, '[');
	if (!j->flat)
		j->flat = j->depth;
}

void xp_json_end_object(struct xp_json *j)
{
	close_level(j, '}');
}

void xp_json_end_array(struct xp_json *j)
{
	close_level(j, ']');
}

/* ---- values ---- */

void xp_json_string(struct xp_json *j, const char *key, const char *value)
{
	begin(j, key);
	if (value)
		put_string(j, value);
	else
		put_text(j, "null");
	end_value(j);
}

void xp_json_u64(struct xp_json *j, const char *key, uint64_t value)
{
	begin(j, key);
	j->len += xp_decimal_u64(room(j, XP_DECIMAL_TEXT), value);
	end_value(j);
}

void xp_json_number(struct xp_json *j, const char *key, double value, int places)
{
	begin(j, key);
	if (__builtin_isfinite(value))
		j->len += xp_decimal_fixed(room(j, XP_DECIMAL_TEXT), value, places);
	else
		put_text(j, "null");
	end_value(j);
}

void xp_json_bool(struct xp_json *j, const char *key, bool value)
{
	begin(j, key);
	put_text(j, value ? "true" : "false");
	end_value(j);
}

void xp_json_null(struct xp_json *j, const char *key)
{
	xp_json_string(j, key, NULL);
}
