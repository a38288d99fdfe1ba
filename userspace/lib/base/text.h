/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of unknown origin. Names of domains, processes and files are chosen by
 * guests and may hold terminal escapes, newlines or bytes that are no UTF-8.
 * Everything that prints one goes through here.
 *
 * Escaped are: control characters (C0, DEL, C1), bytes that are not valid
 * UTF-8, characters that turn the direction of the text or are invisible, line and
 * paragraph separators, and the backslash, so that the original can be had
 * back. The result is valid UTF-8 on one line: \n \t \r \\ \xNN.
 */
#ifndef XP_BASE_TEXT_H
#define XP_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/buf.h"

/*
 * The character at s (len > 0 bytes left): its length, 1 to 4, and its code
 * point in *code; 0 if no valid UTF-8 character begins there.
 */
size_t xp_utf8_char(const char *s, size_t len, uint32_t *code);

/* Appends s, escaped, not terminated. */
void xp_text_escape(struct xp_buf *b, const char *s, size_t len);

/* Prints s, escaped. */
void xp_text_print(FILE *out, const char *s);

/* What follows the last '/' of a path; all of it if nothing does. */
const char *xp_text_last_part(const char *path);

/* How many columns s (valid UTF-8) takes, one a character. */
size_t xp_text_columns(const char *s, size_t len);

/* How many bytes of s make at most `columns` columns. */
size_t xp_text_fit(const char *s, size_t len, size_t columns);

#endif
