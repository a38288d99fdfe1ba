// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows to rules: which of DWARF's ways to say it are those that compilers and C libraries use. */
#include "lib/unwind/cfa.h"

#include <dwarf.h>

#define RBP 6
#define RSP 7

#define UCONTEXT_RIP 168 /* as in walk.c */
#define RIP_TO_RSP (-8)
#define RIP_TO_RBP (-48)

/* "register + offset", and in *deref whether that address is then read. */
static bool as_register(const struct xp_cfa_expr *e, uint64_t *reg, int64_t *offset, bool *deref)
{
	struct xp_cursor c;
	uint8_t op;

	xp_cursor_init(&c, "expression", e->bytes, e->len, NULL);
	op = xp_cursor_u8(&c);
	if (op < DW_OP_breg0 || op > DW_OP_breg31)
		return false;
	*reg = op - DW_OP_breg0;
	*offset = xp_dwarf_sleb(&c);
	*deref = c.left && xp_cursor_u8(&c) == DW_OP_deref;
	return xp_cursor_ok(&c) && !c.left;
}

/* "rsp + 8, and 8 more from byte N of each entry on": N, or -1. */
static int as_plt(const struct xp_cfa_expr *e)
{
	static const uint8_t before[] = { DW_OP_breg0 + RSP, 8, DW_OP_breg16, 0, DW_OP_lit15, DW_OP_and };
	static const uint8_t behind[] = { DW_OP_ge, DW_OP_lit3, DW_OP_shl, DW_OP_plus };
	uint8_t lit;

	if (e->len != sizeof(before) + 1 + sizeof(behind) || memcmp(e->bytes, before, sizeof(before)) ||
	    memcmp(e->bytes + sizeof(before) + 1, behind, sizeof(behind)))
		return -1;
	lit = e->bytes[sizeof(before)];
	return lit >= DW_OP_lit0 && lit <= DW_OP_lit15 ? lit - DW_OP_lit0 : -1;
}

static bool is_at(const struct xp_cfa_reg *r, int64_t rsp_offset)
{
	uint64_t reg;
	int64_t offset;
	bool deref;

	return r->how == XP_REG_AT_EXPR && as_register(&r->expr, &reg, &offset, &deref) && reg == RSP && !deref &&
	       offset == rsp_offset;
}

/* All of the caller's registers lie where a ucontext has them. */
static bool signal_rule(struct xp_rule *r, const struct xp_cfa_row *row)
{
	const struct xp_cfa_reg *rip = &row->regs[XP_TRACK_RIP];
	uint64_t reg, cfa_reg;
	int64_t offset, cfa;
	bool deref;

	if (rip->how != XP_REG_AT_EXPR || !as_register(&rip->expr, &reg, &offset, &deref) || reg != RSP || deref)
		return false;
	if (!is_at(&row->regs[XP_TRACK_RBP], offset + RIP_TO_RBP))
		return false;
	if (!is_at(&row->regs[XP_TRACK_RSP], offset + RIP_TO_RSP) &&
	    !(row->by_expr && as_register(&row->expr, &cfa_reg, &cfa, &deref) && deref && cfa_reg == RSP &&
	      cfa == offset + RIP_TO_RSP))
		return false;
	if (offset < 0 || offset > INT32_MAX)
		return false;
	*r = (struct xp_rule){ .kind = XP_FRAME_SIGNAL, .cfa = (int32_t)offset - UCONTEXT_RIP };
	return true;
}

static bool set_cfa(struct xp_rule *r, uint64_t reg, int64_t offset, bool deref)
{
	if ((reg != RSP && reg != RBP) || offset != (int32_t)offset)
		return false;
	if (deref)
		r->base = reg == RSP ? XP_CFA_AT_RSP : XP_CFA_AT_RBP;
	else
		r->base = reg == RSP ? XP_CFA_RSP : XP_CFA_RBP;
	r->cfa = (int32_t)offset;
	return true;
}

static bool cfa_rule(struct xp_rule *r, const struct xp_cfa_row *row)
{
	uint64_t reg;
	int64_t offset;
	bool deref;
	int plt;

	if (!row->by_expr)
		return set_cfa(r, row->reg, row->offset, false);
	plt = as_plt(&row->expr);
	if (plt >= 0) {
		r->base = XP_CFA_PLT;
		r->cfa = plt;
		return true;
	}
	return as_register(&row->expr, &reg, &offset, &deref) && set_cfa(r, reg, offset, deref);
}

static void saved(struct xp_rule *r, enum xp_rbp_rule rule, int64_t offset)
{
	r->rbp_rule = offset == (int16_t)offset ? rule : XP_RBP_LOST;
	r->rbp = r->rbp_rule == XP_RBP_LOST ? 0 : (int16_t)offset;
}

/* The CFA is known by then. */
static void rbp_rule(struct xp_rule *r, const struct xp_cfa_reg *rbp)
{
	uint64_t reg;
	int64_t offset;
	bool deref;

	r->rbp_rule = XP_RBP_LOST;
	if (rbp->how == XP_REG_UNSAID || rbp->how == XP_REG_SAME)
		r->rbp_rule = XP_RBP_SAME;
	else if (rbp->how == XP_REG_AT_CFA)
		saved(r, XP_RBP_SAVED, rbp->offset);
	else if (rbp->how == XP_REG_AT_EXPR && as_register(&rbp->expr, &reg, &offset, &deref) && !deref) {
		if (reg == RBP)
			saved(r, XP_RBP_AT_RBP, offset);
		else if (reg == RSP && r->base == XP_CFA_RSP)
			saved(r, XP_RBP_SAVED, offset - r->cfa);
	}
}

/* The caller's rsp is the CFA, and it says so or nothing. */
static bool rsp_is_cfa(const struct xp_cfa_reg *rsp)
{
	return rsp->how == XP_REG_UNSAID || (rsp->how == XP_REG_IS_CFA && !rsp->offset);
}

void xp_cfa_rule(struct xp_rule *r, const struct xp_cfa_row *row, bool signal)
{
	const struct xp_cfa_reg *rip = &row->regs[XP_TRACK_RIP];

	*r = (struct xp_rule){ .kind = XP_FRAME_NONE };
	if (rip->how == XP_REG_UNDEFINED) {
		r->kind = XP_FRAME_END;
		return;
	}
	if (signal) {
		signal_rule(r, row);
		return;
	}
	if (rip->how != XP_REG_AT_CFA || rip->offset != -8 || !rsp_is_cfa(&row->regs[XP_TRACK_RSP]) || !cfa_rule(r, row)) {
		*r = (struct xp_rule){ .kind = XP_FRAME_NONE };
		return;
	}
	r->kind = XP_FRAME_CALL;
	rbp_rule(r, &row->regs[XP_TRACK_RBP]);
}
