// SPDX-License-Identifier: GPL-2.0-or-later
/* Any bytes as an ELF file: headers, both symbol tables, debuglink, a live patch's layout. */
#include <stddef.h>
#include <stdint.h>

#include "lib/sym/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xp_symtab syms;
	struct xp_elf elf;
	struct xp_err err;
	uint32_t crc;
	uint64_t addr;

	if (xp_elf_open_memory(&elf, data, size, "fuzz", &err))
		return 0;
	xp_symtab_init(&syms, XP_ELF_MAX_SYMBOLS);
	xp_elf_debuglink(&elf, &crc);
	xp_elf_address(&elf, 0x1000, &addr);
	xp_elf_place_text(&elf, 0xffff82d040800000, 4096, &err);
	xp_elf_symbols(&elf, XP_ELF_SYMTAB, &syms, &err);
	xp_elf_symbols(&elf, XP_ELF_DYNSYM, &syms, &err);
	if (xp_symtab_seal(&syms))
		xp_symtab_find(&syms, 0x1000);
	xp_symtab_release(&syms);
	xp_elf_release(&elf);
	return 0;
}
