/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ELF file of a guest's program or library: which build it is and what its
 * functions are called, as far as that is in the guest's memory.
 *
 * Which symbols are functions is the same as for dom0's files: lib/sym/elf.h.
 */
#ifndef XP_GUEST_PROGRAM_H
#define XP_GUEST_PROGRAM_H

#include "lib/base/buf.h"
#include "lib/guest/gfile.h"

#define XP_GPROGRAM_SEGMENTS 16u
#define XP_GPROGRAM_SYMBOLS (1u << 20)
#define XP_GPROGRAM_TABLE (32u << 20) /* bytes of a table, or of its names */
#define XP_GBUILD_ID 20u

enum xp_gsymtab { XP_GTABLE_NONE, XP_GTABLE_DYNAMIC, XP_GTABLE_ALL }; /* which symbols there are: those that it exports, or all */

struct xp_gsegment { uint64_t offset, size, address; uint64_t executable; };

struct xp_gprogram {
	uint32_t table;             /* enum xp_gsymtab */
	uint32_t nr_segments;
	struct xp_gsegment segments[XP_GPROGRAM_SEGMENTS];
	uint8_t build_id[XP_GBUILD_ID];
	uint32_t build_id_len;      /* 0: it has none */
	char why[100];              /* "": all symbols are there; else why not */
};

/* One symbol, and its name behind it. */
struct xp_gsymbol {
	uint64_t start, end;        /* end: of its section, if it is open */
	uint8_t bind, notype, open; /* STB_* of elf.h */
	uint8_t unused;
	uint32_t len;               /* of the name, at least 1 */
};

/* Headers and build-id. False: it is no 64-bit ELF file, or not in memory; p->why says so. */
bool xp_gprogram_open(struct xp_gprogram *p, const struct xp_gfile *f);

/* Where the file's byte at offset lies, as it was linked. Mappings begin up to a page before the segment's own bytes. The offset itself
 * where no segment has it. */
uint64_t xp_gprogram_address(const struct xp_gprogram *p, uint64_t offset);

/* The address of its first segment, as it was linked: what its unwind rules count from (program-rules.h). */
uint64_t xp_gprogram_base(const struct xp_gprogram *p);

/* Appends its symbols, if they can be had. */
void xp_gprogram_symbols(struct xp_gprogram *p, const struct xp_gfile *f, struct xp_buf *symbols);

/* The next one of such bytes. False: there is none, or it is cut off. */
bool xp_gsymbol_next(const uint8_t **at, size_t *left, struct xp_gsymbol *s, const char **name);

#endif
