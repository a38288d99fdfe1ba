/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cursor over text: lines, words, numbers. It cannot run off the end and
 * copies nothing: spans point into the text that was given.
 */
#ifndef XP_SYM_SPAN_H
#define XP_SYM_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct xp_span {
	const char *at;
	size_t len;
};

/* Takes the next line (without its newline) off the front of text. False: nothing was left. */
bool xp_span_line(struct xp_span *text, struct xp_span *line);

/* Skips blanks and takes a word, up to the next blank. False: nothing was left. */
bool xp_span_word(struct xp_span *line, struct xp_span *word);

/* Takes a number in the given base (10 or 16). False: no digit is there, or it needs more than 64 bits. */
bool xp_span_number(struct xp_span *text, unsigned int base, uint64_t *value);

/* Takes the character c if it is next. */
bool xp_span_take(struct xp_span *text, char c);

/* Skips blanks and tabs. */
void xp_span_skip_blanks(struct xp_span *text);

bool xp_span_is(const struct xp_span *span, const char *string);
bool xp_span_starts(const struct xp_span *span, const char *prefix);

static inline struct xp_span xp_span_of(const char *string)
{
	return (struct xp_span){ string, strlen(string) };
}

#endif
