/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of rsp and rbp before an instruction, how an instruction
 * changes it, and what is left where two ways meet. The three parts are known
 * or lost each for itself, and only ever get lost: the flow settles.
 */
#ifndef XP_UNWIND_STATE_H
#define XP_UNWIND_STATE_H

#include "lib/unwind/insn.h"
#include "lib/unwind/rule.h"

#define XP_LOST INT32_MIN

struct xp_frame_state {
	uint8_t kind;  /* enum xp_frame_kind; NONE: two ways met that do not fit */
	int32_t rsp;   /* CFA - rsp, or XP_LOST */
	int32_t rbp;   /* CFA - rbp where rbp points into the frame, or XP_LOST */
	int32_t saved; /* where the caller's rbp is: CFA + saved; 0: in rbp; or XP_LOST */
};

/* At a function's first instruction. */
#define XP_STATE_CALLED ((struct xp_frame_state){ XP_FRAME_CALL, 8, XP_LOST, 0 })
/* Where nothing called, whatever happens to rsp. */
#define XP_STATE_OUTERMOST ((struct xp_frame_state){ XP_FRAME_END, XP_LOST, XP_LOST, XP_LOST })

void xp_state_step(struct xp_frame_state *s, const struct xp_insn *insn);

/* What both say. True: *s has changed. */
bool xp_state_join(struct xp_frame_state *s, const struct xp_frame_state *other);

void xp_state_rule(const struct xp_frame_state *s, struct xp_rule *rule);

#endif
