/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of an address space: which table holds where. One of a process, of
 * a kernel with its modules.
 *
 * Looking up takes two binary searches and no memory, so that chains can be walked as
 * samples come. Ranges do not overlap: what is mapped covers what was there.
 *
 *   xp_unwind_space_map()      the process maps a file: its code, not read yet
 *   xp_unwind_space_walk()     a chain; *wanted is a range in which it had to stop or to go by
 *                              frame pointers because nobody has read its rules yet
 *   xp_unwind_space_set()      read: here they are. Walk again.
 */
#ifndef XP_UNWIND_SPACE_H
#define XP_UNWIND_SPACE_H

#include "lib/unwind/store.h"
#include "lib/unwind/walk.h"

#define XP_UNWIND_MAX_RANGES 65536u /* of one space: a process may map as many files as it likes */

struct xp_unwind_range {
	uint64_t start, end;
	uint64_t bias;   /* its table knows address a as a - bias */
	uint32_t owner;  /* the caller's: what is mapped there */
	bool read;       /* its rules have been looked for */
	struct xp_unwind_shared *rules; /* one user of them, or NULL */
};

struct xp_unwind_space {
	struct xp_unwind_store *store;  /* borrowed */
	struct xp_unwind_range *ranges; /* sorted */
	size_t nr, room;
};

void xp_unwind_space_init(struct xp_unwind_space *s, struct xp_unwind_store *store);
void xp_unwind_space_clear(struct xp_unwind_space *s); /* maps nothing any more; may be used again */

/* [start, end) is code, whose rules are not known yet. False: no memory, too many ranges, or it is empty. */
bool xp_unwind_space_map(struct xp_unwind_space *s, uint64_t start, uint64_t end, uint32_t owner);
/* False: no memory (a range has to be cut in two); then it stays. */
bool xp_unwind_space_unmap(struct xp_unwind_space *s, uint64_t start, uint64_t end);

/* Valid until the space is changed. NULL: no code there that is known. */
struct xp_unwind_range *xp_unwind_space_find(const struct xp_unwind_space *s, uint64_t addr);

/* What was read for this range; its one user becomes the range's. NULL: there are no rules. */
void xp_unwind_space_set(struct xp_unwind_space *s, struct xp_unwind_range *range, struct xp_unwind_shared *rules, uint64_t bias);

/*
 * Goes by frame pointers where there are no rules (xp_chain_by_rbp()). *wanted: the first range whose
 * rules were missing and have not been looked for; NULL: none.
 */
void xp_unwind_space_walk(struct xp_chain *chain, const struct xp_unwind_space *s, const struct xp_regs *regs,
			  const struct xp_stack *stack, struct xp_unwind_range **wanted);

#endif
