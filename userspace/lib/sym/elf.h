/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ELF files: which build it is, where its code lies, what its functions are
 * called. Through libelf.
 *
 * Any file may be handed in: sizes, offsets and counts are checked, tables
 * are bounded (XP_ELF_MAX_*). Files are read, not mapped: one that is cut
 * off while we read gives an error, not SIGBUS.
 *
 * Which symbols are functions. Those of type FUNC or GNU_IFUNC, and global
 * or weak NOTYPE ones (labels of assembler), in sections with code, whose
 * address lies in their section. A symbol's end is start + st_size, at most
 * its section's end. Where st_size is 0 (assembler) it is open: it runs to
 * the next symbol, at most to its section's end. See symtab.h for the rest.
 */
#ifndef XP_SYM_ELF_H
#define XP_SYM_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/sym/buildid.h"
#include "lib/sym/symtab.h"

#define XP_ELF_MAX_SYMBOLS  (4u << 20)
#define XP_ELF_MAX_TABLE    (256u << 20) /* bytes of a symbol or string table */
#define XP_ELF_MAX_SECTIONS 65536u
#define XP_ELF_MAX_SEGMENTS 4096u

struct xp_elf_segment { uint64_t offset, size, addr; bool exec; };
struct xp_elf_section { uint64_t addr, size; bool exec; };

struct xp_elf {
	struct Elf *elf;
	char *name;                      /* for messages */
	struct xp_build_id build_id;
	bool relocatable;                /* ET_REL: symbols are relative to their sections */
	struct xp_elf_segment *segments; /* PT_LOAD */
	size_t nr_segments;
	struct xp_elf_section *sections; /* by section index */
	size_t nr_sections;
};

/* fd is borrowed until xp_elf_release(). XP_E_FORMAT: not an ELF file, or a broken one. *e needs no release after an error. */
int xp_elf_open(struct xp_elf *e, int fd, const char *name, struct xp_err *err);
/* data is borrowed until xp_elf_release(). */
int xp_elf_open_memory(struct xp_elf *e, const void *data, size_t len, const char *name, struct xp_err *err);
void xp_elf_release(struct xp_elf *e);

/* The ELF address that a mapping of the file at `offset` shows first. False: no segment has it. */
bool xp_elf_address(const struct xp_elf *e, uint64_t offset, uint64_t *addr);

enum xp_elf_table { XP_ELF_SYMTAB, XP_ELF_DYNSYM };

/*
 * Adds the functions of .symtab or .dynsym to t, which borrows their names
 * until xp_elf_release(). Returns how many; 0: there is no such table.
 */
int xp_elf_symbols(struct xp_elf *e, enum xp_elf_table which, struct xp_symtab *t, struct xp_err *err);

/* The separate debug file's name and CRC-32, from .gnu_debuglink. Valid until xp_elf_release(). NULL: none. */
const char *xp_elf_debuglink(struct xp_elf *e, uint32_t *crc);

/*
 * Of an ET_REL file: puts its code sections, in file order, each aligned, one behind the other from text (a multiple of 4096)
 * on: e->sections and symbols have these addresses from then on. Returns their size together.
 */
uint64_t xp_elf_place_sections(struct xp_elf *e, uint64_t text);
#define XP_ELF_UNLINKED 0x10000000u /* for `text` where nobody has loaded it */

/*
 * A live patch's ELF (ET_REL): gives its code sections the addresses at which
 * Xen's loader puts them, text being where its code begins and size how long
 * it is in Xen. XP_E_FORMAT: this file's code has another size.
 */
int xp_elf_place_text(struct xp_elf *e, uint64_t text, uint64_t size, struct xp_err *err);

#endif
