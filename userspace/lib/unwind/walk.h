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

/* Who knows the rules. ip lies in the instruction that the rule is wanted for. */
struct xp_rules {
	/*
	 * False: no rule. True with one of kind NONE: no rule, but code: where nothing lies on the stack up to its top, this is the
	 * outermost frame all the same.
	 */
	bool (*find)(void *ctx, uint64_t ip, struct xp_rule *rule);
	void *ctx;
	/*
	 * Whether ip lies in code. With it the walk goes on by frame pointers where there is no rule: rbp must lie in the
	 * copy, at or above rsp, and what lies above it point into code. Who has set up no frame is skipped by that: the caller of a leaf
	 * function. NULL: it ends there.
	 */
	bool (*is_code)(void *ctx, uint64_t ip);
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
	uint64_t exact[XP_CHAIN_MAX / 64]; /* bits: which were interrupted and are no return addresses: the first, and others */
	uint64_t by_rbp[XP_CHAIN_MAX / 64]; /* bits: which were found by the frame pointer (xp_chain_by_rbp()) */
	enum xp_walk_end end;
	uint64_t where;            /* the address at which it ended */
	struct xp_regs outer;      /* of XP_WALK_OUTSIDE; its rbp is 0 if it is not known */
};

static inline bool xp_chain_exact(const struct xp_chain *chain, size_t i)
{
	return chain->exact[i / 64] >> i % 64 & 1;
}

static inline bool xp_chain_by_rbp(const struct xp_chain *chain, size_t i)
{
	return chain->by_rbp[i / 64] >> i % 64 & 1;
}

void xp_walk(struct xp_chain *chain, const struct xp_regs *regs, const struct xp_stack *stack,
	     const struct xp_rules *rules);

#endif
