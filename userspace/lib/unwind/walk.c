// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/walk.h"

#include <string.h>

#define REGS_CS  8   /* from the CFA of XP_FRAME_REGS */
#define REGS_RSP 24

#define PT_REGS_RBP 32 /* Linux's struct pt_regs on x86-64 */
#define PT_REGS_RIP 128

#define UCONTEXT_RBP 120 /* Linux's struct ucontext on x86-64 */
#define UCONTEXT_RSP 160
#define UCONTEXT_RIP 168

struct walk {
	const struct xp_stack *stack;
	struct xp_regs regs;
	bool rbp_known;
	bool by_rbp; /* regs were found by the frame pointer */
	bool exact; /* regs.rip was interrupted; otherwise it is a return address, and the call lies before it */
	struct xp_chain *chain;
};

static bool load(const struct walk *w, uint64_t at, uint64_t *value)
{
	uint64_t offset = at - w->stack->at;

	if (at < w->stack->at || offset > w->stack->len || w->stack->len - offset < sizeof(*value))
		return false;
	memcpy(value, w->stack->bytes + offset, sizeof(*value));
	return true;
}

static bool end(struct walk *w, enum xp_walk_end how)
{
	w->chain->end = how;
	w->chain->where = w->regs.rip;
	return false;
}

static bool uses_rbp(const struct xp_rule *r)
{
	return r->base == XP_CFA_RBP || r->base == XP_CFA_AT_RBP;
}

/* False: not in the copy. */
static bool find_cfa(const struct walk *w, const struct xp_rule *r, uint64_t *cfa)
{
	uint64_t offset = (uint64_t)(int64_t)r->cfa;

	switch ((enum xp_cfa_base)r->base) {
	case XP_CFA_RSP:
		*cfa = w->regs.rsp + offset;
		return true;
	case XP_CFA_RBP:
		*cfa = w->regs.rbp + offset;
		return true;
	case XP_CFA_AT_RSP:
		return load(w, w->regs.rsp + offset, cfa);
	case XP_CFA_AT_RBP:
		return load(w, w->regs.rbp + offset, cfa);
	case XP_CFA_AT_RSP_ADD:
		if (!load(w, w->regs.rsp, cfa))
			return false;
		*cfa += offset;
		return true;
	case XP_CFA_PLT:
		*cfa = w->regs.rsp + ((w->regs.rip & 15) >= offset ? 16 : 8);
		return true;
	case XP_CFA_BASES:
		break;
	}
	return false;
}

/* The caller's rbp. What is not in the copy is not known, which matters only if somebody asks for it. */
static void restore_rbp(struct walk *w, const struct xp_rule *r, uint64_t cfa)
{
	if (r->rbp_rule == XP_RBP_SAVED)
		w->rbp_known = load(w, cfa + (uint64_t)(int64_t)r->rbp, &w->regs.rbp);
	else if (r->rbp_rule == XP_RBP_AT_RBP)
		w->rbp_known = w->rbp_known && load(w, w->regs.rbp + (uint64_t)(int64_t)r->rbp, &w->regs.rbp);
	else if (r->rbp_rule != XP_RBP_SAME)
		w->rbp_known = false;
}

static bool leave_call(struct walk *w, const struct xp_rule *r, uint64_t cfa)
{
	uint64_t rip;

	if (w->stack->top && cfa - 8 >= w->stack->top)
		return end(w, XP_WALK_COMPLETE);
	if (cfa <= w->regs.rsp)
		return end(w, XP_WALK_BROKEN);
	if (!load(w, cfa - 8, &rip))
		return end(w, XP_WALK_TRUNCATED);
	if (!rip)
		return end(w, XP_WALK_COMPLETE); /* what begins a stack may leave a zero there */
	restore_rbp(w, r, cfa);
	w->regs.rip = rip;
	w->regs.rsp = cfa;
	w->exact = false;
	return true;
}

static bool leave_regs(struct walk *w, const struct xp_rule *r, uint64_t cfa)
{
	uint64_t rip, cs, rsp;

	if (!load(w, cfa, &rip) || !load(w, cfa + REGS_CS, &cs) || !load(w, cfa + REGS_RSP, &rsp))
		return end(w, XP_WALK_TRUNCATED);
	restore_rbp(w, r, cfa);
	if (cs & 3) {
		w->chain->outer = (struct xp_regs){ rip, rsp, w->rbp_known ? w->regs.rbp : 0 };
		return end(w, XP_WALK_OUTSIDE);
	}
	w->regs.rip = rip;
	w->regs.rsp = rsp;
	w->exact = true;
	return true;
}

static bool leave_signal(struct walk *w, const struct xp_rule *r)
{
	uint64_t at = w->regs.rsp + (uint64_t)(int64_t)r->cfa;
	struct xp_regs regs;

	if (!load(w, at + UCONTEXT_RIP, &regs.rip) || !load(w, at + UCONTEXT_RSP, &regs.rsp) ||
	    !load(w, at + UCONTEXT_RBP, &regs.rbp))
		return end(w, XP_WALK_TRUNCATED);
	w->regs = regs;
	w->rbp_known = true;
	w->exact = true;
	return true;
}

/* ---- by frame pointers ---------------------------------------------------*/

/* A kernel with frame pointers marks the registers that its entry saved with an odd rbp (ENCODE_FRAME_POINTER). */
static bool leave_marked_regs(struct walk *w, const struct xp_rules *rules)
{
	const struct xp_rule regs = { .kind = XP_FRAME_REGS, .rbp_rule = XP_RBP_SAVED, .rbp = PT_REGS_RBP - PT_REGS_RIP };
	uint64_t rip, cs, cfa = w->regs.rbp - 1 + PT_REGS_RIP;

	if (!load(w, cfa, &rip) || !load(w, cfa + REGS_CS, &cs) || cs > UINT16_MAX || (!(cs & 3) && !rules->is_code(rules->ctx, rip)))
		return end(w, XP_WALK_NO_RULE);
	return leave_regs(w, &regs, cfa);
}

/* Not from a return address that is none: who has been led there by a rule was led astray. */
static bool may_guess(const struct walk *w, const struct xp_rules *rules)
{
	return rules->is_code && w->rbp_known && w->regs.rbp >= w->regs.rsp &&
	       (w->exact || rules->is_code(rules->ctx, w->regs.rip - 1));
}

static bool leave_frame(struct walk *w, const struct xp_rules *rules)
{
	uint64_t rbp = w->regs.rbp, rip, caller;

	if (!may_guess(w, rules))
		return end(w, XP_WALK_NO_RULE);
	if (rbp % 8 == 1)
		return leave_marked_regs(w, rules);
	if (rbp % 8 || !load(w, rbp, &caller) || !load(w, rbp + 8, &rip) || (rip && !rules->is_code(rules->ctx, rip - 1)))
		return end(w, XP_WALK_NO_RULE);
	if (!rip)
		return end(w, XP_WALK_COMPLETE);
	w->regs = (struct xp_regs){ .rip = rip, .rsp = rbp + 16, .rbp = caller };
	w->exact = false;
	w->by_rbp = true;
	return true;
}

/* To the caller. False: that was the last one. */
static bool step(struct walk *w, const struct xp_rules *rules)
{
	struct xp_rule rule;
	uint64_t cfa;
	bool found;

	w->by_rbp = false;
	found = rules->find(rules->ctx, w->exact ? w->regs.rip : w->regs.rip - 1, &rule);
	if (found && rule.kind == XP_FRAME_NONE && w->stack->top && w->regs.rsp == w->stack->top)
		return end(w, XP_WALK_COMPLETE); /* nothing lies on the stack: whatever this is, nobody called it */
	if (!found || rule.kind == XP_FRAME_NONE || (uses_rbp(&rule) && !w->rbp_known))
		return leave_frame(w, rules);
	if (rule.kind == XP_FRAME_END)
		return end(w, XP_WALK_COMPLETE);
	if (rule.kind == XP_FRAME_SIGNAL)
		return leave_signal(w, &rule);
	if (!find_cfa(w, &rule, &cfa))
		return end(w, XP_WALK_TRUNCATED);
	return rule.kind == XP_FRAME_REGS ? leave_regs(w, &rule, cfa) : leave_call(w, &rule, cfa);
}

void xp_walk(struct xp_chain *chain, const struct xp_regs *regs, const struct xp_stack *stack,
	     const struct xp_rules *rules)
{
	struct walk w = { .stack = stack, .regs = *regs, .rbp_known = true, .exact = true, .chain = chain };

	chain->nr = 0;
	memset(chain->by_rbp, 0, sizeof(chain->by_rbp));
	memset(chain->exact, 0, sizeof(chain->exact));
	chain->outer = (struct xp_regs){ 0 };
	do {
		if (chain->nr == XP_CHAIN_MAX) {
			end(&w, XP_WALK_TRUNCATED);
			return;
		}
		chain->by_rbp[chain->nr / 64] |= (uint64_t)w.by_rbp << chain->nr % 64;
		chain->exact[chain->nr / 64] |= (uint64_t)w.exact << chain->nr % 64;
		chain->ip[chain->nr++] = w.regs.rip;
	} while (step(&w, rules));
}
