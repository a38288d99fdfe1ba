/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machine code of x86 as text, in AT&T's syntax, by Zydis, with names for what is jumped to, called and read. */
#ifndef XP_ANNOTATE_DISASM_H
#define XP_ANNOTATE_DISASM_H

#include <Zydis/Zydis.h>

#include "lib/annotate/relocs.h"
#include "lib/lines/place.h"
#include "lib/sym/symtab.h"

#define XP_INSN_TEXT 512u

struct xp_disasm {
	/* borrowed */
	const struct xp_symtab *syms;     /* sealed; by the file's addresses */
	const struct xp_place *place;     /* where the file's code runs */
	const struct xp_relocs *relocs;
	/* own */
	ZydisDecoder decoder;
	ZydisFormatter formatter;
};

/* wide: 64-bit code. */
void xp_disasm_init(struct xp_disasm *d, bool wide, const struct xp_symtab *syms, const struct xp_place *place,
		    const struct xp_relocs *relocs);

/* The instruction that runs at addr, of which `left` bytes are there. Its length; "(bad)", of length 1: it is none. */
uint8_t xp_disasm_one(struct xp_disasm *d, uint64_t addr, const uint8_t *bytes, size_t left, char text[XP_INSN_TEXT]);

#endif
