/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes JSON (RFC 8259) as it goes, indented by two spaces. Strings may be
 * any bytes: control characters are escaped, bytes that are no UTF-8 become
 * U+FFFD, so the output is always valid. Errors are those of the FILE: look at
 * ferror() at the end. What was written is in the FILE when the outermost level has ended.
 *
 * A key is NULL in an array and at the top.
 */
#ifndef XP_BASE_JSON_H
#define XP_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct xp_json {
	FILE *out;
	unsigned int depth;
	unsigned int flat; /* depth from which on everything is on one line, 0: none */
	bool first;        /* nothing was written at this depth yet */
	size_t len;
	char text[4096];   /* not given to out yet */
};

void xp_json_init(struct xp_json *j, FILE *out);

void xp_json_object(struct xp_json *j, const char *key);
void xp_json_array(struct xp_json *j, const char *key);
void xp_json_flat_object(struct xp_json *j, const char *key); /* it and all in it on one line */
void xp_json_flat_array(struct xp_json *j, const char *key);
void xp_json_end_object(struct xp_json *j);
void xp_json_end_array(struct xp_json *j);

void xp_json_string(struct xp_json *j, const char *key, const char *value); /* NULL: null */
void xp_json_u64(struct xp_json *j, const char *key, uint64_t value);
void xp_json_number(struct xp_json *j, const char *key, double value, int places); /* not finite: null */
void xp_json_bool(struct xp_json *j, const char *key, bool value);
void xp_json_null(struct xp_json *j, const char *key);

#endif
