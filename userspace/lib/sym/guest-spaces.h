/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest's processes have mapped, for unwinding: the rules of each one's files, by its page tables. */
#ifndef XP_SYM_GUEST_SPACES_H
#define XP_SYM_GUEST_SPACES_H

#include "lib/sym/guest-processes.h"
#include "lib/unwind/space.h"

struct xp_guest_space {
	uint64_t cr3;
	uint32_t life;        /* whose mappings these are: the last that has these page tables */
	size_t seen;          /* mappings of the guest that were looked at */
	struct xp_unwind_space unwind;
};

struct xp_guest_spaces {
	struct xp_guest_space *v;
	size_t nr, room;      /* at most XP_GUEST_ROOTS */
};

/* Brought up to what is known by now. NULL: nothing is. */
struct xp_unwind_space *xp_guest_spaces_find(struct xp_guest_spaces *s, const struct xp_guest_processes *p, uint64_t cr3,
					     struct xp_unwind_store *store);
void xp_guest_spaces_release(struct xp_guest_spaces *s);

#endif
