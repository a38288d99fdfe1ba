// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/cfa.h"

#include <dwarf.h>

#define MAX_REMEMBERED 16u

#define RBP 6
#define RSP 7
#define RIP 16

/* Not in every <dwarf.h>: of GNU tools. */
#define GNU_ARGS_SIZE 0x2e
#define GNU_NEGATIVE_OFFSET_EXTENDED 0x2f

struct machine {
	struct xp_cursor c;
	const struct xp_cfa_common *common;
	struct xp_cfa_row row;
	struct xp_cfa_row remembered[MAX_REMEMBERED];
	unsigned int nr_remembered;
	uint64_t loc, end, at;
	struct xp_unwind_table *table; /* NULL: a CIE's program: there is one row, and it is not added */
	bool full;                     /* the table has no room */
};

int64_t xp_dwarf_sleb(struct xp_cursor *c)
{
	uint64_t value = 0;
	unsigned int shift = 0;
	uint8_t byte;

	do {
		byte = xp_cursor_u8(c);
		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while ((byte & 0x80) && shift < 70);
	if (byte & 0x80)
		xp_cursor_fail(c, "a number has more than 64 bits");
	if ((byte & 0x40) && shift < 64)
		value |= UINT64_MAX << shift;
	return (int64_t)value;
}

uint64_t xp_dwarf_address(struct xp_cursor *c, uint8_t encoding, uint64_t at)
{
	uint64_t value = 0, base = 0;

	if ((encoding & 0x70) == DW_EH_PE_pcrel)
		base = at + xp_cursor_offset(c);
	else if (encoding & 0xf0)
		xp_cursor_fail(c, "an address is relative to what is not known");
	switch (encoding & 0x0f) {
	case DW_EH_PE_absptr:
	case DW_EH_PE_udata8:
	case DW_EH_PE_sdata8:
		value = xp_cursor_u64(c);
		break;
	case DW_EH_PE_udata4:
		value = xp_cursor_u32(c);
		break;
	case DW_EH_PE_sdata4:
		value = (uint64_t)(int64_t)(int32_t)xp_cursor_u32(c);
		break;
	case DW_EH_PE_udata2:
		value = xp_cursor_u16(c);
		break;
	case DW_EH_PE_sdata2:
		value = (uint64_t)(int64_t)(int16_t)xp_cursor_u16(c);
		break;
	case DW_EH_PE_uleb128:
		value = xp_dwarf_uleb(c);
		break;
	case DW_EH_PE_sleb128:
		value = (uint64_t)xp_dwarf_sleb(c);
		break;
	default:
		xp_cursor_fail(c, "an address of unknown form");
	}
	return base + value;
}

/* NULL: one that is not followed. */
static struct xp_cfa_reg *tracked(struct xp_cfa_row *row, uint64_t reg)
{
	switch (reg) {
	case RBP:
		return &row->regs[XP_TRACK_RBP];
	case RSP:
		return &row->regs[XP_TRACK_RSP];
	case RIP:
		return &row->regs[XP_TRACK_RIP];
	default:
		return NULL;
	}
}

static void set(struct machine *m, uint64_t reg, int how, int64_t offset)
{
	struct xp_cfa_reg *r = tracked(&m->row, reg);

	if (!r)
		return;
	*r = (struct xp_cfa_reg){ .offset = offset };
	r->how = how;
}

static int64_t factored(const struct machine *m, int64_t n)
{
	return (int64_t)((uint64_t)n * (uint64_t)m->common->data_align);
}

static struct xp_cfa_expr read_expr(struct machine *m)
{
	struct xp_cfa_expr e = { (const uint8_t *)"", 0 };
	struct xp_cursor sub;

	if (xp_cursor_sub(&m->c, &sub) && sub.left <= UINT32_MAX)
		e = (struct xp_cfa_expr){ sub.pos, (uint32_t)sub.left };
	return e;
}

static void set_expr(struct machine *m, uint64_t reg, int how)
{
	struct xp_cfa_expr e = read_expr(m);
	struct xp_cfa_reg *r = tracked(&m->row, reg);

	set(m, reg, how, 0);
	if (r)
		r->expr = e;
}

static void restore(struct machine *m, uint64_t reg)
{
	struct xp_cfa_row initial = m->common->initial;
	struct xp_cfa_reg *r = tracked(&m->row, reg);

	if (r)
		*r = *tracked(&initial, reg);
}

static void define_cfa(struct machine *m, uint64_t reg, int64_t offset)
{
	m->row.by_expr = false;
	m->row.reg = reg;
	m->row.offset = offset;
}

/* The row holds up to loc. */
static void advance(struct machine *m, uint64_t loc)
{
	struct xp_rule rule;

	if (loc < m->loc || loc > m->end || !m->table) {
		xp_cursor_fail(&m->c, "a row outside of its function");
		return;
	}
	if (loc == m->loc)
		return;
	xp_cfa_rule(&rule, &m->row, m->common->signal);
	m->full |= !xp_unwind_table_add(m->table, m->loc, &rule);
	m->loc = loc;
}

static void advance_by(struct machine *m, uint64_t delta)
{
	uint64_t bytes, loc;

	if (__builtin_mul_overflow(delta, m->common->code_align, &bytes) || __builtin_add_overflow(m->loc, bytes, &loc))
		xp_cursor_fail(&m->c, "a row outside of its function");
	else
		advance(m, loc);
}

static void remember(struct machine *m)
{
	if (m->nr_remembered == MAX_REMEMBERED)
		xp_cursor_fail(&m->c, "too many remembered rows");
	else
		m->remembered[m->nr_remembered++] = m->row;
}

static void recall(struct machine *m)
{
	if (!m->nr_remembered)
		xp_cursor_fail(&m->c, "no row was remembered");
	else
		m->row = m->remembered[--m->nr_remembered];
}

/* What C and C++ leave open: operands are read in their order. */
static void set_next(struct machine *m, int how, bool is_signed, int sign)
{
	uint64_t reg = xp_dwarf_uleb(&m->c);
	int64_t n = is_signed ? xp_dwarf_sleb(&m->c) : (int64_t)xp_dwarf_uleb(&m->c);

	set(m, reg, how, factored(m, n) * sign);
}

static void define_next_cfa(struct machine *m, bool is_signed)
{
	uint64_t reg = xp_dwarf_uleb(&m->c);

	define_cfa(m, reg, is_signed ? factored(m, xp_dwarf_sleb(&m->c)) : (int64_t)xp_dwarf_uleb(&m->c));
}

static void extended(struct machine *m, uint8_t op)
{
	switch (op) {
	case DW_CFA_nop:
		break;
	case DW_CFA_set_loc:
		advance(m, xp_dwarf_address(&m->c, m->common->encoding, m->at));
		break;
	case DW_CFA_advance_loc1:
		advance_by(m, xp_cursor_u8(&m->c));
		break;
	case DW_CFA_advance_loc2:
		advance_by(m, xp_cursor_u16(&m->c));
		break;
	case DW_CFA_advance_loc4:
		advance_by(m, xp_cursor_u32(&m->c));
		break;
	case DW_CFA_offset_extended:
		set_next(m, XP_REG_AT_CFA, false, 1);
		break;
	case DW_CFA_offset_extended_sf:
		set_next(m, XP_REG_AT_CFA, true, 1);
		break;
	case GNU_NEGATIVE_OFFSET_EXTENDED:
		set_next(m, XP_REG_AT_CFA, false, -1);
		break;
	case DW_CFA_val_offset:
		set_next(m, XP_REG_IS_CFA, false, 1);
		break;
	case DW_CFA_val_offset_sf:
		set_next(m, XP_REG_IS_CFA, true, 1);
		break;
	case DW_CFA_restore_extended:
		restore(m, xp_dwarf_uleb(&m->c));
		break;
	case DW_CFA_undefined:
		set(m, xp_dwarf_uleb(&m->c), XP_REG_UNDEFINED, 0);
		break;
	case DW_CFA_same_value:
		set(m, xp_dwarf_uleb(&m->c), XP_REG_SAME, 0);
		break;
	case DW_CFA_register:
		set_next(m, XP_REG_OTHER, false, 1);
		break;
	case DW_CFA_expression:
		set_expr(m, xp_dwarf_uleb(&m->c), XP_REG_AT_EXPR);
		break;
	case DW_CFA_val_expression:
		set_expr(m, xp_dwarf_uleb(&m->c), XP_REG_OTHER);
		break;
	case DW_CFA_remember_state:
		remember(m);
		break;
	case DW_CFA_restore_state:
		recall(m);
		break;
	case DW_CFA_def_cfa:
		define_next_cfa(m, false);
		break;
	case DW_CFA_def_cfa_sf:
		define_next_cfa(m, true);
		break;
	case DW_CFA_def_cfa_register:
		define_cfa(m, xp_dwarf_uleb(&m->c), m->row.offset);
		break;
	case DW_CFA_def_cfa_offset:
		define_cfa(m, m->row.reg, (int64_t)xp_dwarf_uleb(&m->c));
		break;
	case DW_CFA_def_cfa_offset_sf:
		define_cfa(m, m->row.reg, factored(m, xp_dwarf_sleb(&m->c)));
		break;
	case DW_CFA_def_cfa_expression:
		m->row.expr = read_expr(m);
		m->row.by_expr = true;
		break;
	case GNU_ARGS_SIZE:
		xp_dwarf_uleb(&m->c);
		break;
	default:
		xp_cursor_fail(&m->c, "an unknown instruction %#x", op);
	}
}

static void step(struct machine *m)
{
	uint8_t op = xp_cursor_u8(&m->c), low = op & 0x3f;

	switch (op & 0xc0) {
	case DW_CFA_advance_loc:
		advance_by(m, low);
		break;
	case DW_CFA_offset:
		set(m, low, XP_REG_AT_CFA, factored(m, (int64_t)xp_dwarf_uleb(&m->c)));
		break;
	case DW_CFA_restore:
		restore(m, low);
		break;
	default:
		extended(m, op);
	}
}

static void run(struct machine *m)
{
	while (m->c.left && xp_cursor_ok(&m->c) && !m->full)
		step(m);
}

bool xp_cfa_initial(struct xp_cfa_common *common, const uint8_t *program, size_t len)
{
	struct machine m = { .common = common, .row = { .reg = UINT64_MAX } };

	xp_cursor_init(&m.c, "CIE", program, len, NULL);
	run(&m);
	common->initial = m.row;
	return xp_cursor_ok(&m.c);
}

bool xp_cfa_run(struct xp_unwind_table *t, const struct xp_cfa_common *common, uint64_t start, uint64_t end,
		const uint8_t *program, size_t len, uint64_t at)
{
	const struct xp_rule none = { .kind = XP_FRAME_NONE };
	struct machine m = { .common = common, .row = common->initial, .loc = start, .end = end, .at = at, .table = t };

	xp_cursor_init(&m.c, "FDE", program, len, NULL);
	run(&m);
	if (xp_cursor_ok(&m.c) && !m.full)
		advance(&m, end);
	return !m.full && xp_unwind_table_add(t, m.loc, &none);
}
