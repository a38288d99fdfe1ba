/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What its user has chosen to see, and the keys by which he chooses. perf's
 * and xentop's letters where they mean the same.
 */
#ifndef XP_TOP_VIEW_H
#define XP_TOP_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/top/hot.h"

/* Keys beside characters: numbers no character has. */
enum xp_top_key {
	XP_TOP_KEY_UP = 0x110000, XP_TOP_KEY_DOWN, XP_TOP_KEY_PAGE_UP, XP_TOP_KEY_PAGE_DOWN, XP_TOP_KEY_HOME, XP_TOP_KEY_END,
	XP_TOP_KEY_ENTER, XP_TOP_KEY_ESCAPE, XP_TOP_KEY_BACKSPACE,
	XP_TOP_KEY_RESIZE, /* nothing but drawing it again */
};

enum xp_top_prompt { XP_TOP_NO_PROMPT, XP_TOP_ASKS_FILTER, XP_TOP_ASKS_DELAY };

#define XP_TOP_TYPED 48u

struct xp_top_view {
	bool chosen;            /* a domain is: */
	uint16_t domid;
	bool zoomed;            /* it is shown alone */
	unsigned int modes;     /* enum xp_top_mode; 0: all code */
	char filter[XP_TOP_TYPED];
	unsigned int sort;      /* index of a column of the domains' table */
	bool reversed;
	size_t first;  /* how far their list is scrolled */
	bool frozen, help, quit, refresh;
	uint64_t delay_ns;
	enum xp_top_prompt prompt;
	char typed[XP_TOP_TYPED];
	char message[128];       /* of the last key; "" */
};

/* What keys move through, as it is on the screen. */
struct xp_top_choices {
	const uint16_t *domids; /* of the domains' table, from top to bottom */
	size_t nr;
	size_t nr_columns;      /* that can be sorted by */
	size_t nr_functions, page; /* and how many of them fit */
};

void xp_top_view_init(struct xp_top_view *v, uint64_t delay_ns);

/* A character (as code point) or an enum xp_top_key. False: it means nothing here. */
bool xp_top_view_key(struct xp_top_view *v, const struct xp_top_choices *c, uint32_t key);

/* "3", "0.5": seconds from 0.1 to 3600. */
bool xp_top_parse_delay(const char *text, uint64_t *ns);

#endif
