/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unwind rules from nothing but machine code: what is known at the functions'
 * first instructions is followed along every way through the code, and where
 * ways meet only what all of them say is kept. Code that no way reaches, and
 * where nothing is left, gets no rule.
 *
 * Whether a call returns is not guessed from names: code behind it is followed
 * once a return has been found in what it calls. Jumps through registers
 * are taken for tail calls: code that only a jump table reaches gets no rule
 * (Xen and Linux are built without such tables).
 *
 * Any bytes and numbers may be handed in: memory is 5 times the text and about
 * 50 bytes an instruction, time the number of instructions times the few times
 * that a state can get worse.
 */
#ifndef XP_UNWIND_FLOW_H
#define XP_UNWIND_FLOW_H

#include <stddef.h>

#include "lib/base/error.h"
#include "lib/unwind/state.h"
#include "lib/unwind/table.h"

#define XP_FLOW_MAX_TEXT (64u << 20)

struct xp_flow;

/* Code lies in [base, base + size), at most XP_FLOW_MAX_TEXT of it. NULL: more than that, or no memory. */
struct xp_flow *xp_flow_new(uint64_t base, size_t size);
void xp_flow_free(struct xp_flow *f);

/* All of these return false for an address outside, and without memory. */

/* The bytes at addr; borrowed until xp_flow_free(). Ranges may touch but not overlap. */
bool xp_flow_add_text(struct xp_flow *f, uint64_t addr, const uint8_t *bytes, size_t len);
/* Something new begins here: a call to anywhere else in between is none, but a push. */
bool xp_flow_add_label(struct xp_flow *f, uint64_t addr);
/* Here, this is known, whatever comes from elsewhere: functions, and what is described by hand. */
bool xp_flow_add_entry(struct xp_flow *f, uint64_t addr, const struct xp_frame_state *state);
/* A fault at `from` goes on at `to`: exception tables. */
bool xp_flow_add_fixup(struct xp_flow *f, uint64_t from, uint64_t to);
/* The ud2 here is one behind which it goes on: warnings. */
bool xp_flow_add_warning(struct xp_flow *f, uint64_t addr);

/* Once. False: no memory. */
bool xp_flow_run(struct xp_flow *f);

/* Adds the rules to t, whose base is f's. False: no memory. */
bool xp_flow_rules(const struct xp_flow *f, struct xp_unwind_table *t);

/* What is known before the instruction at addr; for those who judge. False: no way reaches one there. */
bool xp_flow_state(const struct xp_flow *f, uint64_t addr, struct xp_frame_state *state);

#endif
