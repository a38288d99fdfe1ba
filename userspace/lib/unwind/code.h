/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program consists of as far as unwinding goes: bytes at addresses, and
 * labels. From an ELF file, or put together by whoever has them from elsewhere.
 */
#ifndef XP_UNWIND_CODE_H
#define XP_UNWIND_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"

#define XP_UNWIND_CODE_MAX_SECTIONS 65536u
#define XP_UNWIND_CODE_MAX_LABELS   (4u << 20)
#define XP_UNWIND_CODE_MAX_BYTES    (256u << 20) /* of one section */

struct xp_unwind_code_section {
	uint64_t addr;
	size_t len;
	const uint8_t *bytes; /* borrowed */
	const char *name;     /* borrowed */
	bool exec;
};

struct xp_unwind_code_label {
	uint64_t addr;
	const char *name; /* borrowed */
	bool function;    /* marked as one, not just a label of assembler */
};

struct xp_unwind_code {
	struct xp_unwind_code_section *sections;
	struct xp_unwind_code_label *labels;
	size_t nr_sections, nr_labels;
	struct Elf *elf;  /* owns what is borrowed, or NULL */
};

/*
 * Sections that are in memory and in the file, and symbols of .symtab that lie in code or carry one of Xen's
 * table names. data is borrowed until xp_unwind_code_release(). *i needs no release after an error.
 */
int xp_unwind_code_load(struct xp_unwind_code *i, const void *data, size_t len, const char *name, struct xp_err *err);
void xp_unwind_code_release(struct xp_unwind_code *i);

/* len bytes at addr, NULL if no section has them all. */
const uint8_t *xp_unwind_code_at(const struct xp_unwind_code *i, uint64_t addr, size_t len);

/* NULL: no such label, or section. */
const struct xp_unwind_code_label *xp_unwind_code_label(const struct xp_unwind_code *i, const char *name);
const struct xp_unwind_code_section *xp_unwind_code_section(const struct xp_unwind_code *i, const char *name);

#endif
