// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/insn.h"

#include <Zydis/Zydis.h>

#define IRET_BYTES    40 /* rip, cs, rflags, rsp, ss */
#define RET_FAR_BYTES 16 /* rip, cs */

struct decoded {
	ZydisDecodedInstruction insn;
	ZydisDecodedOperand op[ZYDIS_MAX_OPERAND_COUNT];
};

static bool decode(struct decoded *d, const uint8_t *bytes, size_t left)
{
	static const ZydisDecoderMode modes[] = { ZYDIS_DECODER_MODE_MPX, ZYDIS_DECODER_MODE_CET };
	ZydisDecoder decoder;
	size_t i;

	if (ZYAN_FAILED(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)))
		return false;
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		ZydisDecoderEnableMode(&decoder, modes[i], ZYAN_TRUE);
	return ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, left, &d->insn, d->op));
}

static bool is_reg(const ZydisDecodedOperand *op, ZydisRegister reg)
{
	return op->type == ZYDIS_OPERAND_TYPE_REGISTER && op->reg.value == reg;
}

/* reg, or a part of it. */
static bool is_within(const ZydisDecodedOperand *op, ZydisRegister reg)
{
	return op->type == ZYDIS_OPERAND_TYPE_REGISTER &&
	       ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, op->reg.value) == reg;
}

static bool writes(const struct decoded *d, ZydisRegister reg)
{
	unsigned int i;

	for (i = 0; i < d->insn.operand_count; i++)
		if ((d->op[i].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) && is_within(&d->op[i], reg))
			return true;
	return false;
}

static bool fits(int64_t value)
{
	return value == (int32_t)value;
}

/* [base + offset] without index or segment. */
static bool is_mem(const ZydisDecodedOperand *op, ZydisRegister base, int32_t *offset)
{
	int64_t disp;

	if (op->type != ZYDIS_OPERAND_TYPE_MEMORY || op->mem.base != base ||
	    op->mem.index != ZYDIS_REGISTER_NONE)
		return false;
	disp = op->mem.disp.has_displacement ? op->mem.disp.value : 0;
	*offset = (int32_t)disp;
	return fits(disp);
}

static bool is_imm(const ZydisDecodedOperand *op, int32_t *value)
{
	if (op->type != ZYDIS_OPERAND_TYPE_IMMEDIATE || !fits(op->imm.value.s))
		return false;
	*value = (int32_t)op->imm.value.s;
	return true;
}

static void add_to_rsp(struct xp_insn *out, int32_t n)
{
	out->rsp = XP_RSP_ADD;
	out->n = n;
}

static void rsp_arithmetic(const struct decoded *d, struct xp_insn *out)
{
	int32_t n;

	if (is_reg(&d->op[0], ZYDIS_REGISTER_RSP) && is_imm(&d->op[1], &n) && n != INT32_MIN)
		add_to_rsp(out, d->insn.mnemonic == ZYDIS_MNEMONIC_ADD ? n : -n);
}

static void lea(const struct decoded *d, struct xp_insn *out)
{
	int32_t n;

	if (is_reg(&d->op[0], ZYDIS_REGISTER_RSP)) {
		if (is_mem(&d->op[1], ZYDIS_REGISTER_RSP, &n)) {
			add_to_rsp(out, n);
		} else if (is_mem(&d->op[1], ZYDIS_REGISTER_RBP, &n)) {
			out->rsp = XP_RSP_FROM_RBP;
			out->n = n;
		}
	} else if (is_reg(&d->op[0], ZYDIS_REGISTER_RBP) && is_mem(&d->op[1], ZYDIS_REGISTER_RSP, &n)) {
		out->rbp = XP_RBP_FROM_RSP;
		out->m = n;
	}
}

static void mov(const struct decoded *d, struct xp_insn *out)
{
	if (is_reg(&d->op[0], ZYDIS_REGISTER_RSP)) {
		if (is_reg(&d->op[1], ZYDIS_REGISTER_RBP))
			out->rsp = XP_RSP_FROM_RBP;
		else if (d->op[1].type == ZYDIS_OPERAND_TYPE_REGISTER)
			out->rsp = XP_RSP_LOADED;
	} else if (is_reg(&d->op[0], ZYDIS_REGISTER_RBP)) {
		if (is_reg(&d->op[1], ZYDIS_REGISTER_RSP))
			out->rbp = XP_RBP_FROM_RSP;
		else if (is_mem(&d->op[1], ZYDIS_REGISTER_RSP, &out->m))
			out->rbp = XP_RBP_LOADED;
	} else if (is_reg(&d->op[1], ZYDIS_REGISTER_RBP) && is_mem(&d->op[0], ZYDIS_REGISTER_RSP, &out->m)) {
		out->rbp = XP_RBP_STORED;
	}
}

static void push_pop(const struct decoded *d, struct xp_insn *out, bool push)
{
	int32_t bytes = d->insn.operand_width == 16 ? 2 : 8;

	if (d->insn.mnemonic == ZYDIS_MNEMONIC_POP && is_within(&d->op[0], ZYDIS_REGISTER_RSP))
		return;
	add_to_rsp(out, push ? -bytes : bytes);
	if (is_reg(&d->op[0], ZYDIS_REGISTER_RBP))
		out->rbp = push ? XP_RBP_PUSHED : XP_RBP_POPPED;
}

/* Those whose effect is known are described; for all others it is enough that they write. */
static void describe(const struct decoded *d, struct xp_insn *out)
{
	switch (d->insn.mnemonic) {
	case ZYDIS_MNEMONIC_PUSH:
	case ZYDIS_MNEMONIC_PUSHFQ:
	case ZYDIS_MNEMONIC_PUSHF:
		push_pop(d, out, true);
		break;
	case ZYDIS_MNEMONIC_POP:
	case ZYDIS_MNEMONIC_POPFQ:
	case ZYDIS_MNEMONIC_POPF:
		push_pop(d, out, false);
		break;
	case ZYDIS_MNEMONIC_ADD:
	case ZYDIS_MNEMONIC_SUB:
		rsp_arithmetic(d, out);
		break;
	case ZYDIS_MNEMONIC_LEA:
		lea(d, out);
		break;
	case ZYDIS_MNEMONIC_MOV:
		mov(d, out);
		break;
	case ZYDIS_MNEMONIC_LEAVE:
		out->rsp = XP_RSP_LEAVE;
		out->rbp = XP_RBP_POPPED;
		break;
	default:
		break;
	}
}

static void set_target(const struct decoded *d, struct xp_insn *out, uint64_t addr, int direct, int any)
{
	if (d->op[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE && d->op[0].imm.is_relative) {
		out->flow = (uint8_t)direct;
		out->target = addr + d->insn.length + (uint64_t)d->op[0].imm.value.s;
	} else {
		out->flow = (uint8_t)any;
	}
}

static void follow_unusual(const struct decoded *d, struct xp_insn *out)
{
	switch (d->insn.mnemonic) {
	case ZYDIS_MNEMONIC_IRETQ:
		out->n = IRET_BYTES;
		/* fallthrough */
	case ZYDIS_MNEMONIC_IRET:
	case ZYDIS_MNEMONIC_IRETD:
	case ZYDIS_MNEMONIC_SYSRET:
	case ZYDIS_MNEMONIC_SYSEXIT:
		out->flow = XP_FLOW_RET_REGS;
		break;
	case ZYDIS_MNEMONIC_UD0:
	case ZYDIS_MNEMONIC_UD1:
	case ZYDIS_MNEMONIC_UD2:
		out->flow = XP_FLOW_TRAP;
		break;
	case ZYDIS_MNEMONIC_INT3:
		out->flow = XP_FLOW_STOP;
		break;
	default:
		break;
	}
}

static void follow(const struct decoded *d, struct xp_insn *out, uint64_t addr)
{
	bool far = d->insn.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR;

	switch (d->insn.meta.category) {
	case ZYDIS_CATEGORY_CALL:
		set_target(d, out, addr, XP_FLOW_CALL, far ? XP_FLOW_STOP : XP_FLOW_CALL_ANY);
		break;
	case ZYDIS_CATEGORY_UNCOND_BR:
		set_target(d, out, addr, XP_FLOW_JUMP, far ? XP_FLOW_STOP : XP_FLOW_JUMP_ANY);
		break;
	case ZYDIS_CATEGORY_COND_BR:
		set_target(d, out, addr, XP_FLOW_BRANCH, XP_FLOW_STOP);
		break;
	case ZYDIS_CATEGORY_RET:
		out->flow = far ? XP_FLOW_RET_REGS : XP_FLOW_RET;
		out->n = far ? RET_FAR_BYTES : 0;
		break;
	default:
		break;
	}
	follow_unusual(d, out);
}

/* Calls and returns write rsp, too, but leave it as it was for those who go on behind them. */
static bool is_transfer(const struct xp_insn *out)
{
	return out->flow != XP_FLOW_NEXT;
}

bool xp_insn_decode(struct xp_insn *insn, uint64_t addr, const uint8_t *bytes, size_t left)
{
	struct decoded d;

	if (!decode(&d, bytes, left))
		return false;
	*insn = (struct xp_insn){ .len = d.insn.length };
	follow(&d, insn, addr);
	if (is_transfer(insn))
		return true;
	describe(&d, insn);
	if (insn->rsp == XP_RSP_KEPT && writes(&d, ZYDIS_REGISTER_RSP))
		insn->rsp = XP_RSP_LOST;
	if (insn->rbp == XP_RBP_KEPT && writes(&d, ZYDIS_REGISTER_RBP))
		insn->rbp = XP_RBP_WRITTEN;
	return true;
}
