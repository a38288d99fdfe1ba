/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One row of call frame information, and the programs (DW_CFA_*) that make
 * rows out of rows.
 */
#ifndef XP_UNWIND_CFA_H
#define XP_UNWIND_CFA_H

#include "lib/base/cursor.h"
#include "lib/unwind/table.h"

struct xp_cfa_expr { const uint8_t *bytes; uint32_t len; }; /* borrowed from the section */

/* What is known of a caller's register. */
struct xp_cfa_reg {
	enum { XP_REG_UNSAID, XP_REG_SAME, XP_REG_UNDEFINED, XP_REG_AT_CFA, XP_REG_IS_CFA, XP_REG_AT_EXPR, XP_REG_OTHER } how;
	int64_t offset;          /* XP_REG_AT_CFA, XP_REG_IS_CFA: from the CFA */
	struct xp_cfa_expr expr;
};

enum { XP_TRACK_RBP, XP_TRACK_RSP, XP_TRACK_RIP, XP_TRACKED };

struct xp_cfa_row {
	bool by_expr;
	uint64_t reg;            /* DWARF's number */
	int64_t offset;
	struct xp_cfa_expr expr;
	struct xp_cfa_reg regs[XP_TRACKED];
};

/* What a CIE says. */
struct xp_cfa_common {
	uint64_t code_align;
	int64_t data_align;
	uint8_t encoding;        /* DW_EH_PE_* of addresses */
	bool signal;             /* the frame was interrupted, not called from */
	struct xp_cfa_row initial;
};

/* Runs a CIE's program. False: it makes no sense. */
bool xp_cfa_initial(struct xp_cfa_common *common, const uint8_t *program, size_t len);

/*
 * Runs a function's program: adds a rule for each row within [start, end), and none from where it makes no
 * sense. at: the address of the program's first byte. False: no room in the table.
 */
bool xp_cfa_run(struct xp_unwind_table *t, const struct xp_cfa_common *common, uint64_t start, uint64_t end,
		const uint8_t *program, size_t len, uint64_t at);

/* LEB128 numbers, and addresses in one of .eh_frame's encodings; at: the address of the cursor's start. Others fail. */
#define xp_dwarf_uleb xp_cursor_varint
int64_t xp_dwarf_sleb(struct xp_cursor *c);
uint64_t xp_dwarf_address(struct xp_cursor *c, uint8_t encoding, uint64_t at);

/* What a row comes down to; *r is a rule of XP_FRAME_NONE if it does to nothing that rules can say. */
void xp_cfa_rule(struct xp_rule *r, const struct xp_cfa_row *row, bool signal);

#endif
