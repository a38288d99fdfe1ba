/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A symbol table: names put in, in any order, then sealed, then asked.
 *
 * Rules, the same for every source:
 *  - A symbol with a size ends at its end. Where one lies within another
 *    the inner one has the address; behind it the outer one goes on.
 *  - An open symbol (size unknown) runs to the next symbol, whatever that
 *    is, and never past the end that was given for it (of its section, of
 *    text). One that lies within a symbol with a size is a label: dropped.
 *  - A barrier is an open symbol without a name: it ends the one before it.
 *  - Of several that start at one address the lowest rank is taken, then the
 *    shortest name, then the first in byte order.
 */
#ifndef XP_SYM_SYMTAB_H
#define XP_SYM_SYMTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XP_SYM_NAME_MAX 4096u /* longer names are cut: C++ templates end well before */

enum xp_sym_rank { /* the lower, the better */
	XP_RANK_GLOBAL = 0, XP_RANK_WEAK = 1, XP_RANK_LOCAL = 2, /* kinds of binding, plus … */
	XP_RANK_NOTYPE = 3,  /* … not marked as a function */
	XP_RANK_OPEN = 6,    /* … of unknown size */
	XP_RANK_BARRIER = 31,
};

struct xp_sym {
	uint64_t start, end;  /* end exclusive */
	const char *name;     /* not terminated; NULL: barrier */
	uint32_t len : 24;
	uint32_t rank : 7;
	uint32_t open : 1;
};

struct xp_symtab {
	struct xp_sym *syms;
	size_t nr, room, max;
};

void xp_symtab_init(struct xp_symtab *t, size_t max); /* at most max symbols are taken */
void xp_symtab_release(struct xp_symtab *t);

/*
 * The name is borrowed: it must live until the table is released. Empty or
 * inverted ranges and empty names are passed over. False: no memory or no room.
 */
bool xp_symtab_add(struct xp_symtab *t, uint64_t start, uint64_t end, const char *name, size_t len,
		   unsigned int rank);
/* Open: up to the next symbol, at most to `limit`. NULL name: a barrier at start. */
bool xp_symtab_add_open(struct xp_symtab *t, uint64_t start, uint64_t limit, const char *name, size_t len,
			unsigned int rank);

/* Applies the rules: afterwards symbols are sorted and do not overlap. False: no memory. */
bool xp_symtab_seal(struct xp_symtab *t);

/* The symbol that holds addr, NULL if there is none. Only after sealing. */
const struct xp_sym *xp_symtab_find(const struct xp_symtab *t, uint64_t addr);

#endif
