/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From addresses of a program to source lines and inlined functions.
 *
 * Debug data (DWARF, by libdw) are read in a child that may crash: then there
 * are no lines, and a text that says why. What was found is kept in a cache by
 * build-id, so that the second question is cheap and needs no file.
 */
#ifndef XP_LINES_LINES_H
#define XP_LINES_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/error.h"
#include "lib/lines/binary.h"

/*
 * Innermost first. The last one is the function that a symbol table names, and has no name here: DWARF's differs from the
 * symbol's now and then (aliases, clones), and one program should have one name for it.
 */
struct xp_line_frame {
	const char *function;  /* inlined, demangled; NULL: the symbol's */
	const char *file;      /* NULL: not known */
	uint32_t line;         /* 0: not known */
};

struct xp_line {
	uint64_t addr;
	size_t first, nr;      /* of frames; nr 0: the debug data say nothing of this address */
};

struct xp_lines {
	struct xp_line *v;     /* by address */
	size_t nr;
	struct xp_line_frame *frames;
	size_t nr_frames;
	char source[4096];     /* the file it is from, "" if nothing was found */
	struct xp_err why;     /* its text: why there is less than was asked for; "": there is not */
	struct xp_arena strings;
};

#define XP_LINES_MAX_ADDRESSES (1u << 20)

/*
 * Lines of addresses (sorted, all different) of the program that `image` describes. An address that nothing is known of
 * has no frames. 0 also if there are no lines at all: out->why says it, for people. Else XP_E_NOMEM.
 * Release *out in any case.
 */
int xp_lines_find(struct xp_lines *out, const struct xp_binary_wanted *image, const struct xp_binary_places *places,
		  const uint64_t *addrs, size_t nr, struct xp_err *err);
void xp_lines_release(struct xp_lines *l);

/* NULL: it was not asked for. */
const struct xp_line *xp_lines_at(const struct xp_lines *l, uint64_t addr);

#endif
