/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Linux's own unwind data, ORC [Documentation/arch/x86/orc-unwinder.rst;
 * arch/x86/include/asm/orc_types.h], to rules: a sorted table of addresses
 * (each a distance from itself) and one of six-byte entries.
 *
 * The entry has changed without a mark that all kernels carry. Three forms:
 *
 *   4.14 - 6.2  type: 2 bits (0 call, 1 registers, 2 part of them), end: 1
 *   6.3         type: 2 bits, signal: 1, end: 1
 *   6.4 -       type: 3 bits (1 end, 2 call, 3 registers, 4 part of them), signal: 1
 *
 * They are told apart by the entry that every function begins with (CFA = rsp
 * + 8, called), which is by far the most frequent one of any kernel, and by the bit that ends stacks.
 */
#ifndef XP_UNWIND_ORC_H
#define XP_UNWIND_ORC_H

#include "lib/unwind/code.h"
#include "lib/unwind/table.h"

#define XP_ORC_ENTRY_BYTES 6u
#define XP_ORC_MAX_ENTRIES (2u << 20) /* of one kernel or module; Debian's 6.1 has 384,849 */

enum xp_orc_format { XP_ORC_UNKNOWN, XP_ORC_END, XP_ORC_SIGNAL, XP_ORC_TYPES };

struct xp_orc {
	const uint8_t *ip;      /* nr numbers of 32 bits; borrowed */
	uint64_t ip_addr;       /* where the first one is in the kernel's memory */
	const uint8_t *entries; /* nr of XP_ORC_ENTRY_BYTES; borrowed */
	size_t nr;
};

/* By a whole kernel's entries: its modules have the same format, but too few entries to tell. */
enum xp_orc_format xp_orc_format(const uint8_t *entries, size_t nr);

/*
 * The rules of [start, end), which becomes the table's base; *t need not be initialized. Any bytes may be handed in.
 * XP_E_FORMAT: the format is not known, or nothing of it lies there. *t needs no release after an error.
 */
int xp_orc_rules(struct xp_unwind_table *t, const struct xp_orc *orc, enum xp_orc_format format, uint64_t start,
		 uint64_t end, struct xp_err *err);

/* Those of a vmlinux file. XP_E_ABSENT: it has no ORC. */
int xp_orc_code_rules(struct xp_unwind_table *t, const struct xp_unwind_code *vmlinux, struct xp_err *err);

#endif
