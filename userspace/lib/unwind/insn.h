/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one x86-64 instruction does to rsp and rbp, and where it goes on.
 * Decoded by Zydis, which allocates nothing and is fuzzed by its authors.
 */
#ifndef XP_UNWIND_INSN_H
#define XP_UNWIND_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum xp_insn_flow {
	XP_FLOW_NEXT,
	XP_FLOW_JUMP,     /* to target */
	XP_FLOW_BRANCH,   /* to target, or on */
	XP_FLOW_CALL,     /* of target, and on if that returns */
	XP_FLOW_CALL_ANY, /* of something that registers or memory say */
	XP_FLOW_JUMP_ANY, /* the same, a jump */
	XP_FLOW_RET,
	XP_FLOW_RET_REGS, /* iret, far ret, sysret, sysexit: pops n bytes of a frame (0: that is not all) */
	XP_FLOW_TRAP,     /* ud2: most end here */
	XP_FLOW_STOP,
};

enum xp_insn_rsp {
	XP_RSP_KEPT,
	XP_RSP_ADD,      /* rsp += n */
	XP_RSP_FROM_RBP, /* rsp = rbp + n */
	XP_RSP_LEAVE,    /* rsp = rbp, then pop rbp */
	XP_RSP_LOADED,   /* from another register */
	XP_RSP_LOST,
};

enum xp_insn_rbp {
	XP_RBP_KEPT,
	XP_RBP_PUSHED,
	XP_RBP_POPPED,
	XP_RBP_FROM_RSP, /* rbp = rsp + m */
	XP_RBP_STORED,   /* [rsp + m] = rbp */
	XP_RBP_LOADED,   /* rbp = [rsp + m] */
	XP_RBP_WRITTEN,  /* with something else */
};

struct xp_insn {
	uint8_t len, flow, rsp, rbp;
	int32_t n, m;
	uint64_t target;
};

/* False: no instruction begins with these bytes, or it is longer than they are. */
bool xp_insn_decode(struct xp_insn *insn, uint64_t addr, const uint8_t *bytes, size_t left);

#endif
