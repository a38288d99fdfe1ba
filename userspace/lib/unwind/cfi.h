/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DWARF's call frame information, as .eh_frame and .debug_frame have it, to
 * rules [DWARF 5, 6.4; Linux Standard Base 5.0, 10.6].
 *
 * Read by ourselves, in one pass, and not by libdw, because all that is wanted
 * of it is three registers of every row: libdw answers for one address, keeps a
 * tree and a frame of 17 registers for each, and its input here is whatever
 * file a process maps. tests/unwind/judge-cfi.c compares the two.
 *
 * What becomes a rule: a CFA of rsp or rbp plus a constant, or at such an
 * address; a caller's rbp that is kept, saved relative to the CFA or to rbp, or
 * lost; the expression of PLTs; signal frames whose registers lie in a
 * ucontext; "rip is undefined", the end of a stack. All else has no rule.
 */
#ifndef XP_UNWIND_CFI_H
#define XP_UNWIND_CFI_H

#include "lib/unwind/table.h"

#define XP_CFI_MAX_BYTES (64u << 20) /* of one section */
#define XP_CFI_MAX_CIES  65536u
#define XP_CFI_MAX_FDES  (2u << 20)
#define XP_CFI_MAX_RULES (4u << 20)

struct xp_cfi_section {
	const char *name;     /* for messages */
	const uint8_t *bytes; /* borrowed while it is read */
	size_t len;
	uint64_t addr;        /* where its first byte is in memory, as the image was linked */
	bool debug;           /* .debug_frame's form, else .eh_frame's */
};

/*
 * Adds the rules of all sections to an empty table, whose base is set. Where
 * two functions' information overlaps, what begins first counts, then what is in the section named first.
 * Records that make no sense are passed over; XP_E_FORMAT: one does not even tell where the next
 * one is. *t needs no release after an error.
 */
int xp_cfi_rules(struct xp_unwind_table *t, const struct xp_cfi_section *sections, size_t nr, struct xp_err *err);

#endif
