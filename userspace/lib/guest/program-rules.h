/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How to unwind a guest's program: its .eh_frame, as far as that is in the
 * guest's memory, to rules (lib/unwind/cfi.h). It is found by its section or, where section headers are not in memory, by its
 * segment (PT_GNU_EH_FRAME, which static programs do not have). .debug_frame is no part of a running program.
 */
#ifndef XP_GUEST_PROGRAM_RULES_H
#define XP_GUEST_PROGRAM_RULES_H

#include "lib/guest/program.h"

#define XP_GRULES_MAX (16u << 20) /* bytes of one .eh_frame */

/* Appends its rules (xp_unwind_table_encode()); nothing if there are none. */
void xp_gprogram_rules(const struct xp_gprogram *p, const struct xp_gfile *f, struct xp_buf *rules);

#endif
