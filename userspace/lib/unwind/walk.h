/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks a copy of a stack: registers, the bytes above rsp, and somebody who
 * knows the rules, in; return addresses, and how it ended, out. Allocates
 * nothing, reads nothing but the copy, takes at most XP_CHAIN_MAX steps,
 * whatever the bytes are.
 */
#ifndef XP_UNWIND_WALK_H
#define XP_UNWIND_WALK_H

#include <stddef.h>

#include "lib/unwind/rule.h"

#define XP_CHAIN_MAX 128

struct xp_regs {
	uint64_t rip, rsp, rbp;
};

struct xp_stack {
	uint64_t at;          /* the address of its first byte */
	const uint8_t *bytes; /* borrowed */
	size_t len;
	uint64_t top;         /* no return address lies at or above it; 0: nobody knows.
	                       * Of Xen: the guest's registers at the end of a CPU's stack. */
};

/* Who knows the rules. ip lies in the instruction that the rule is wanted for. False: no rule. */
struct xp_rules {
	bool (*find)(void *ctx, uint64_t ip, struct xp_rule *rule);
	void *ctx;
};

enum xp_walk_end {
	XP_WALK_COMPLETE,  /* reached what nothing called, or the stack's top */
	XP_WALK_OUTSIDE,   /* complete so far, and goes on in whom this interrupted, with `outer` (a
	                    * guest, a process): cs of the registers found had another privilege */
	XP_WALK_TRUNCATED, /* the copy ends, or the chain is full */
	XP_WALK_NO_RULE,   /* at `where` */
	XP_WALK_BROKEN,    /* the stack contradicts the rule at `where` */
};

struct xp_chain {
	uint64_t ip[XP_CHAIN_MAX]; /* the interrupted instruction, then return addresses, innermost first */
	size_t nr;
	enum xp_walk_end end;
	uint64_t where;            /* the address at which it ended */
	struct xp_regs outer;      /* of XP_WALK_OUTSIDE */
};

void xp_walk(struct xp_chain *chain, const struct xp_regs *regs, const struct xp_stack *stack,
	     const struct xp_rules *rules);

#endif
