// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/state.h"

#define MAX_FRAME (16 << 20) /* what is larger is no frame: also keeps sums from overflowing */

static int32_t bounded(int64_t value)
{
	return value > MAX_FRAME || value < -MAX_FRAME ? XP_LOST : (int32_t)value;
}

static int32_t sub(int32_t distance, int32_t n)
{
	return distance == XP_LOST ? XP_LOST : bounded((int64_t)distance - n);
}

/* Where [rsp + n] lies, from the CFA; XP_LOST: unknown, or above what is the frame's own. */
static int32_t slot(const struct xp_frame_state *s, int32_t n)
{
	int32_t at = sub(s->rsp, n);

	return at == XP_LOST || at <= 0 ? XP_LOST : -at;
}

/* rbp gets another value; if it was still the caller's, that is gone. */
static void overwrite_rbp(struct xp_frame_state *s, int32_t rbp)
{
	s->rbp = rbp;
	if (!s->saved)
		s->saved = XP_LOST;
}

static void reload_rbp(struct xp_frame_state *s, int32_t from)
{
	overwrite_rbp(s, XP_LOST);
	if (from != XP_LOST && s->saved == from)
		s->saved = 0;
}

static void store_rbp(struct xp_frame_state *s, int32_t at)
{
	if (!s->saved && at != XP_LOST && at)
		s->saved = at;
}

static void step_rsp(struct xp_frame_state *s, const struct xp_insn *insn)
{
	switch ((enum xp_insn_rsp)insn->rsp) {
	case XP_RSP_KEPT:
		break;
	case XP_RSP_ADD:
		s->rsp = sub(s->rsp, insn->n);
		break;
	case XP_RSP_FROM_RBP:
		s->rsp = sub(s->rbp, insn->n);
		break;
	case XP_RSP_LEAVE:
		s->rsp = s->rbp;
		break;
	case XP_RSP_LOADED:
		/* An entry stub that loads rsp has moved its registers to where rsp points now; a
		 * function has left its frame, for good unless rbp still knows it. */
		if (s->kind == XP_FRAME_REGS)
			break;
		s->rsp = XP_LOST;
		if (s->rbp == XP_LOST)
			s->kind = XP_FRAME_NONE;
		break;
	case XP_RSP_LOST:
		s->rsp = XP_LOST;
		break;
	}
}

static void step_rbp(struct xp_frame_state *s, const struct xp_frame_state *before, const struct xp_insn *insn)
{
	switch ((enum xp_insn_rbp)insn->rbp) {
	case XP_RBP_KEPT:
		break;
	case XP_RBP_PUSHED:
		store_rbp(s, slot(s, 0));
		break;
	case XP_RBP_POPPED:
		reload_rbp(s, slot(insn->rsp == XP_RSP_LEAVE ? s : before, 0));
		break;
	case XP_RBP_FROM_RSP:
		overwrite_rbp(s, sub(s->rsp, insn->m));
		break;
	case XP_RBP_STORED:
		store_rbp(s, slot(s, insn->m));
		break;
	case XP_RBP_LOADED:
		reload_rbp(s, slot(s, insn->m));
		break;
	case XP_RBP_WRITTEN:
		overwrite_rbp(s, XP_LOST);
		break;
	}
}

void xp_state_step(struct xp_frame_state *s, const struct xp_insn *insn)
{
	struct xp_frame_state before = *s;

	if (s->kind == XP_FRAME_END || s->kind == XP_FRAME_NONE)
		return;
	step_rsp(s, insn);
	step_rbp(s, &before, insn);
	if (insn->rsp == XP_RSP_LEAVE)
		s->rsp = sub(s->rsp, 8);
}

static int32_t agreed(int32_t a, int32_t b)
{
	return a == b ? a : XP_LOST;
}

bool xp_state_join(struct xp_frame_state *s, const struct xp_frame_state *other)
{
	struct xp_frame_state both = { XP_FRAME_NONE, XP_LOST, XP_LOST, XP_LOST };
	bool changed;

	if (s->kind == other->kind)
		both = (struct xp_frame_state){ s->kind, agreed(s->rsp, other->rsp),
			agreed(s->rbp, other->rbp), agreed(s->saved, other->saved) };
	changed = both.kind != s->kind || both.rsp != s->rsp || both.rbp != s->rbp || both.saved != s->saved;
	*s = both;
	return changed;
}

static void set_rbp_rule(const struct xp_frame_state *s, struct xp_rule *rule)
{
	rule->rbp_rule = XP_RBP_LOST;
	if (!s->saved) {
		rule->rbp_rule = XP_RBP_SAME;
	} else if (s->saved == (int16_t)s->saved) {
		rule->rbp_rule = XP_RBP_SAVED;
		rule->rbp = (int16_t)s->saved;
	}
}

void xp_state_rule(const struct xp_frame_state *s, struct xp_rule *rule)
{
	*rule = (struct xp_rule){ .kind = XP_FRAME_NONE };
	if (s->kind == XP_FRAME_END) {
		rule->kind = XP_FRAME_END;
	} else if (s->kind != XP_FRAME_NONE && (s->rsp != XP_LOST || s->rbp != XP_LOST)) {
		rule->kind = s->kind;
		rule->base = s->rsp != XP_LOST ? XP_CFA_RSP : XP_CFA_RBP;
		rule->cfa = s->rsp != XP_LOST ? s->rsp : s->rbp;
		set_rbp_rule(s, rule);
	}
}
