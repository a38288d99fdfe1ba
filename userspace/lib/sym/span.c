// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/span.h"

static void advance(struct xp_span *text, size_t n)
{
	text->at += n;
	text->len -= n;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool xp_span_line(struct xp_span *text, struct xp_span *line)
{
	const char *newline;

	if (!text->len)
		return false;
	newline = memchr(text->at, '\n', text->len);
	line->at = text->at;
	line->len = newline ? (size_t)(newline - text->at) : text->len;
	advance(text, line->len + (newline ? 1 : 0));
	return true;
}

void xp_span_skip_blanks(struct xp_span *text)
{
	while (text->len && is_blank(*text->at))
		advance(text, 1);
}

bool xp_span_word(struct xp_span *line, struct xp_span *word)
{
	xp_span_skip_blanks(line);
	word->at = line->at;
	while (line->len && !is_blank(*line->at))
		advance(line, 1);
	word->len = (size_t)(line->at - word->at);
	return word->len != 0;
}

static unsigned int digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned int)(c - 'A') + 10;
	return ~0u;
}

bool xp_span_number(struct xp_span *text, unsigned int base, uint64_t *value)
{
	uint64_t v = 0;
	size_t digits = 0;

	while (text->len && digit(*text->at) < base) {
		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, digit(*text->at), &v))
			return false;
		advance(text, 1);
		digits++;
	}
	*value = v;
	return digits != 0;
}

bool xp_span_take(struct xp_span *text, char c)
{
	if (!text->len || *text->at != c)
		return false;
	advance(text, 1);
	return true;
}

bool xp_span_is(const struct xp_span *span, const char *string)
{
	return span->len == strlen(string) && !memcmp(span->at, string, span->len);
}

bool xp_span_starts(const struct xp_span *span, const char *prefix)
{
	size_t len = strlen(prefix);

	return span->len >= len && !memcmp(span->at, prefix, len);
}
