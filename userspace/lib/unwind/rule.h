/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How to get from a frame to its caller's, at one address: what .eh_frame,
 * Linux's ORC and our reading of machine code all come down to for the three
 * registers that are followed (rip, rsp, rbp).
 *
 * Everything hangs on one address, the frame's CFA: of a call, what rsp was
 * before the call instruction pushed the return address; of registers, where
 * the CPU pushed rip, cs, rflags, rsp and ss.
 */
#ifndef XP_UNWIND_RULE_H
#define XP_UNWIND_RULE_H

#include <stdbool.h>
#include <stdint.h>

enum xp_frame_kind {
	XP_FRAME_NONE,   /* nobody knows; says so instead of guessing */
	XP_FRAME_CALL,   /* return address at CFA - 8, the caller's rsp is the CFA */
	XP_FRAME_REGS,   /* an exception or interrupt: rip at CFA, cs at + 8, rsp at + 24 */
	XP_FRAME_SIGNAL, /* a signal's return: a ucontext at rsp + cfa */
	XP_FRAME_END,    /* the outermost: nothing called this */
	XP_FRAME_KINDS
};

enum xp_cfa_base {
	XP_CFA_RSP,        /* CFA = rsp + cfa */
	XP_CFA_RBP,        /* CFA = rbp + cfa */
	XP_CFA_AT_RSP,     /* CFA = [rsp + cfa] */
	XP_CFA_AT_RBP,     /* CFA = [rbp + cfa] */
	XP_CFA_AT_RSP_ADD, /* CFA = [rsp] + cfa */
	XP_CFA_PLT,        /* CFA = rsp + 8, and 8 more from byte cfa of each 16 on */
	XP_CFA_BASES
};

enum xp_rbp_rule {
	XP_RBP_SAME,  /* rbp is still the caller's */
	XP_RBP_SAVED, /* the caller's is at CFA + rbp */
	XP_RBP_LOST,
	XP_RBP_AT_RBP, /* the caller's is at rbp + rbp (functions that align their stack) */
	XP_RBP_RULES
};

struct xp_rule {
	uint32_t start;  /* the first byte it holds for, from its table's base */
	int32_t cfa;
	int16_t rbp;     /* of XP_RBP_SAVED, XP_RBP_AT_RBP */
	uint8_t kind;    /* enum xp_frame_kind */
	uint8_t base : 4, rbp_rule : 4;
};

static inline bool xp_rule_same(const struct xp_rule *a, const struct xp_rule *b)
{
	return a->kind == b->kind && a->cfa == b->cfa && a->rbp == b->rbp && a->base == b->base &&
	       a->rbp_rule == b->rbp_rule;
}

#endif
