// SPDX-License-Identifier: GPL-2.0-or-later
/* Any bytes as a kernel module: where it ran by its symbols, its relocations, its instructions as text. */
#include <stddef.h>
#include <stdint.h>

#include "lib/annotate/disasm.h"

#define MAX_BYTES 4096u /* of a section */

/* A profile's image that has seen two functions of tests/data/fuzz/fuzz_code/module. */
static struct xp_symbol symbols[] = {
	{ 0xffffffffc0100000, 0xffffffffc0100014, "helper" },
	{ 0xffffffffc0120040, 0xffffffffc0120060, "rare" },
};
static const struct xp_image image = { .kind = XP_IMAGE_MODULE, .name = "my_mod", .why = "", .symbols = symbols, .nr_symbols = 2 };

static void disassemble(const struct xp_binary *b, const struct xp_symtab *syms, const struct xp_place *place, uint64_t start, uint64_t size)
{
	const uint8_t *bytes = xp_binary_bytes(b, start, start + size);
	struct xp_relocs relocs;
	struct xp_disasm d;
	char text[XP_INSN_TEXT];
	uint64_t at, addr;
	struct xp_err err;

	if (bytes && !xp_relocs_read(&relocs, b, start, start + size, &err)) {
		xp_disasm_init(&d, true, syms, place, &relocs);
		if (!xp_place_in_image(place, start, &addr))
			addr = start;
		for (at = 0; at < size;)
			at += xp_disasm_one(&d, addr + at, bytes + at, size - at, text);
		xp_relocs_release(&relocs);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xp_binary b = { .path = "fuzz", .fd = -1 };
	struct xp_symtab syms;
	struct xp_place place;
	struct xp_err err;
	size_t i;

	if (xp_elf_open_memory(&b.elf, data, size, "fuzz", &err))
		return 0;
	if (b.elf.relocatable)
		xp_elf_place_sections(&b.elf, XP_ELF_UNLINKED);
	xp_symtab_init(&syms, XP_ELF_MAX_SYMBOLS);
	if (xp_elf_symbols(&b.elf, XP_ELF_SYMTAB, &syms, &err) >= 0 && xp_symtab_seal(&syms)) {
		if (xp_place_find(&place, &b, &image, &err))
			xp_place_whole(&place, 0);
		for (i = 0; i < b.elf.nr_sections && i < 16; i++)
			if (b.elf.sections[i].exec)
				disassemble(&b, &syms, &place, b.elf.sections[i].addr,
					    b.elf.sections[i].size < MAX_BYTES ? b.elf.sections[i].size : MAX_BYTES);
	}
	xp_symtab_release(&syms);
	xp_elf_release(&b.elf);
	return 0;
}
