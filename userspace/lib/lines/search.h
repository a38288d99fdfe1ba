/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Goes through the places where the file of an image may be (binary.h lists them), and remembers why candidates were not taken. */
#ifndef XP_LINES_SEARCH_H
#define XP_LINES_SEARCH_H

#include <gelf.h>
#include <limits.h>

#include "lib/lines/binary.h"

struct xp_binary_search {
	struct xp_binary *b;
	const struct xp_binary_wanted *w;
	const struct xp_binary_places *places;
	enum xp_binary_part part;
	bool found;
	char refused[256];  /* the first file of another build, "" */
	char lacking[256];  /* the first of this build without the part */
	char link[NAME_MAX + 1]; /* what its .gnu_debuglink names */
};

/* True: s->b is open. */
bool xp_binary_search(struct xp_binary_search *s);

/* Is it a section of that kind, with contents? */
bool xp_binary_is_part(Elf *elf, const GElf_Shdr *sh, enum xp_binary_part part);

#endif
