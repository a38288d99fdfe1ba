/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A screen as lines of text, so that what a terminal shows can be tested
 * without one. Lines are valid UTF-8, escaped, and no wider than the screen
 * (a character counts as one column).
 */
#ifndef XP_TOP_PAGE_H
#define XP_TOP_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"

enum xp_page_look { XP_LINE_PLAIN, XP_LINE_HEAD, XP_LINE_CHOSEN, XP_LINE_HOT, XP_LINE_HINT };

struct xp_page_line {
	size_t at, len; /* in text */
	enum xp_page_look look;
};

struct xp_page {
	unsigned int columns; /* 0: as wide as it gets */
	struct xp_buf text;
	struct xp_buf lines;  /* struct xp_page_line, one after the other */
	struct xp_buf open;   /* the line at hand */
};

void xp_page_init(struct xp_page *l);
void xp_page_release(struct xp_page *l);

/* Empties it. */
void xp_page_begin(struct xp_page *l, unsigned int columns);

/* Parts of the line at hand: */
__attribute__((format(printf, 2, 3)))
void xp_page_put(struct xp_page *l, const char *format, ...); /* what is known to be harmless */
/* Of foreign origin: escaped; cut or padded to `width` columns, 0: as it is. */
void xp_page_name(struct xp_page *l, const char *text, unsigned int width);
void xp_page_end(struct xp_page *l, enum xp_page_look look);  /* that was the line */

size_t xp_page_nr(const struct xp_page *l);
/* Not terminated. */
const char *xp_page_get(const struct xp_page *l, size_t i, size_t *len, enum xp_page_look *look);
bool xp_page_ok(const struct xp_page *l); /* false: memory was refused */

#endif
