/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unwind rules for a Xen hypervisor: stock builds have neither frame pointers
 * nor unwind data, so they are derived from its code (flow.h). What cannot be
 * seen there, where Xen is entered from guests and by exceptions, is described
 * by name (xen-entry.c).
 *
 * Where the guest's own registers follow, a chain is complete: whoever took
 * the sample knows them better than the stack does.
 */
#ifndef XP_UNWIND_XEN_H
#define XP_UNWIND_XEN_H

#include "lib/unwind/flow.h"
#include "lib/unwind/code.h"
#include "lib/unwind/walk.h"

/* Words of a stack that the hypervisor copies at most: of fewer, the last lies right below the guest's registers. */
#define XP_XEN_STACK_WORDS 127

/* For those who want to look at the code as well; the image must outlive it. NULL, and a text: no code, or no memory. */
struct xp_flow *xp_xen_flow(const struct xp_unwind_code *image, struct xp_err *err);

/* *t needs no release after an error. */
int xp_xen_rules(struct xp_unwind_table *t, const struct xp_unwind_code *image, struct xp_err *err);

/*
 * The chain of a sample in Xen: its registers and the nr words from regs->rsp
 * on. XP_WALK_COMPLETE and XP_WALK_OUTSIDE: reached the guest's registers (the
 * idle loop, where there would be a guest's).
 */
void xp_xen_walk(struct xp_chain *chain, const struct xp_unwind_table *t, const struct xp_regs *regs,
		 const uint64_t *words, size_t nr);

/* What is known by name. False: it is not an entry that is described. */
bool xp_xen_entry(const char *name, struct xp_frame_state *state);

#endif
