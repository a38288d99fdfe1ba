/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Symbols of a running kernel or hypervisor, as text: /proc/kallsyms with
 * /proc/modules, or /proc/xen/xensyms (the same lines: address, type, name).
 *
 * Sizes are not told. A function ends at the next symbol of whatever type,
 * and never past the end of its region: [_stext, _etext), [_sinittext,
 * _einittext), a module as /proc/modules has it. Code that the kernel makes
 * at run time ([bpf], [__builtin__kprobes], [__builtin__ftrace]) is told
 * without any end: there a symbol also ends at the end of its page, and what
 * a longer BPF program has behind that stays without a name.
 *
 * Marks of the linker's script (_text, __sched_text_start, …) are no
 * functions: they end the symbol before them and give no name themselves.
 */
#ifndef XP_SYM_KALLSYMS_H
#define XP_SYM_KALLSYMS_H

#include "lib/base/error.h"
#include "lib/sym/span.h"
#include "lib/sym/symtab.h"

#define XP_KALLSYMS_MAX_BYTES   (128u << 20)
#define XP_KALLSYMS_MAX_SYMBOLS (2u << 20)
#define XP_KALLSYMS_MAX_REGIONS 65536u
#define XP_KERNEL_NAME          64u /* MODULE_NAME_LEN and more */

struct xp_region {          /* of code */
	uint64_t start, end;
	char image[XP_KERNEL_NAME]; /* "": the kernel (hypervisor) itself; else the module */
};

struct xp_regions {
	struct xp_region *v; /* sorted by start, do not overlap once sealed */
	size_t nr, room;
};

struct xp_kallsyms {
	struct xp_regions regions;
	struct xp_symtab syms; /* sealed; names point into the text that was parsed */
};

/*
 * Both texts are borrowed until xp_kallsyms_release(); modules may be empty.
 * XP_E_FORMAT: not such a text, or all addresses are hidden (kptr_restrict).
 * *k needs no release after an error.
 */
int xp_kallsyms_parse(struct xp_kallsyms *k, struct xp_span kallsyms, struct xp_span modules, struct xp_err *err);
void xp_kallsyms_release(struct xp_kallsyms *k);

/* /proc/modules alone. False: no memory. Lines that are none are passed over. */
bool xp_regions_from_modules(struct xp_regions *r, struct xp_span modules);
/* Adds [start, end) of an image ("": the kernel itself); the caller keeps them sorted. False: no memory, no room. */
bool xp_regions_add(struct xp_regions *r, uint64_t start, uint64_t end, const char *image);
const struct xp_region *xp_regions_find(const struct xp_regions *r, uint64_t addr);
void xp_regions_release(struct xp_regions *r);

#endif
