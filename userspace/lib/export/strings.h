/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table of strings without doubles, as many formats have one: the same text, the same number. Number 0 is "". */
#ifndef XP_EXPORT_STRINGS_H
#define XP_EXPORT_STRINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"

struct xp_strings {
	const char **v;
	size_t nr, room;
	uint32_t *slots;      /* number + 1 */
	size_t mask;
	struct xp_arena arena;
	bool failed;          /* no memory: numbers are not to be believed */
};

void xp_strings_init(struct xp_strings *s);
void xp_strings_release(struct xp_strings *s);

/* text may be NULL (as ""); it is copied. */
uint32_t xp_strings_add(struct xp_strings *s, const char *text);

#endif
