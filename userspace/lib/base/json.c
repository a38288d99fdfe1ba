/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/json.h"

#include <inttypes.h>

#include "lib/base/text.h"

void xp_json_init(struct xp_json *j, FILE *out)
{
	*j = (struct xp_json){ .out = out, .first = true };
}

static void put_escaped_char(FILE *out, uint32_t code, const char *s, size_t n)
{
	switch (code) {
	case '"':  fputs("\\\"", out); break;
	case '\\': fputs("\\\\", out); break;
	case '\n': fputs("\\n", out); break;
	case '\t': fputs("\\t", out); break;
	case '\r': fputs("\\r", out); break;
	default:
		if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029)
			fprintf(out, "\\u%04x", code);
		else
			fwrite(s, 1, n, out);
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

static void put_string(FILE *out, const char *s)
{
	size_t len = strlen(s);

	putc('"', out);
	while (len) {
		size_t n = plain_run(s, len);

		if (n) {
			fwrite(s, 1, n, out);
		} else {
			uint32_t code = 0;

			n = xp_utf8_char(s, len, &code);
			if (n)
				put_escaped_char(out, code, s, n);
			else
				fputs("\xef\xbf\xbd", out);
			n = n ? n : 1;
		}
		s += n;
		len -= n;
	}
	putc('"', out);
}

/* Comma, line, indentation and key of what follows. */
static void begin(struct xp_json *j, const char *key)
{
	unsigned int i;

	if (!j->first)
		putc(',', j->out);
	if (j->flat && j->depth >= j->flat) {
		if (!j->first)
			putc(' ', j->out);
	} else if (j->depth) {
		putc('\n', j->out);
		for (i = 0; i < j->depth; i++)
			fputs("  ", j->out);
	}
	j->first = false;
	if (key) {
		put_string(j->out, key);
		fputs(": ", j->out);
	}
}

static void open_level(struct xp_json *j, const char *key, char bracket)
{
	begin(j, key);
	putc(bracket, j->out);
	j->depth++;
	j->first = true;
}

static void close_level(struct xp_json *j, char bracket)
{
	bool empty = j->first, flat = j->flat && j->depth >= j->flat;
	unsigned int i;

	j->depth--;
	if (!empty && !flat) {
		putc('\n', j->out);
		for (i = 0; i < j->depth; i++)
			fputs("  ", j->out);
	}
	putc(bracket, j->out);
	j->first = false;
	if (j->depth < j->flat)
		j->flat = 0;
	if (j->depth == 0)
		putc('\n', j->out);
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

void xp_json_string(struct xp_json *j, const char *key, const char *value)
{
	begin(j, key);
	if (value)
		put_string(j->out, value);
	else
		fputs("null", j->out);
}

void xp_json_u64(struct xp_json *j, const char *key, uint64_t value)
{
	begin(j, key);
	fprintf(j->out, "%" PRIu64, value);
}

void xp_json_number(struct xp_json *j, const char *key, double value, int decimals)
{
	begin(j, key);
	if (__builtin_isfinite(value))
		fprintf(j->out, "%.*f", decimals, value);
	else
		fputs("null", j->out);
}

void xp_json_bool(struct xp_json *j, const char *key, bool value)
{
	begin(j, key);
	fputs(value ? "true" : "false", j->out);
}

void xp_json_null(struct xp_json *j, const char *key)
{
	xp_json_string(j, key, NULL);
}
