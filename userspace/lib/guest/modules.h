/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The modules of a guest's kernel and their symbols, by the kernel's own list
 * and types.
 */
#ifndef XP_GUEST_MODULES_H
#define XP_GUEST_MODULES_H

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/guest/btf.h"
#include "lib/guest/memory.h"

#define XP_GMODULES_MAX 1024u
#define XP_GMODULE_SYMBOLS_MAX 65536u
#define XP_GMODULE_TEXT_MAX (64u << 20)  /* bytes of code */

/* What does not change while the kernel runs. */
struct xp_gmodule_layout {
	uint64_t head; /* address of its `modules`; 0: not known */
	uint32_t list, name, base, size, kallsyms; /* offsets in struct module: of the module's code, and in */
	uint32_t symtab, num_symtab, strtab, typetab; /* struct mod_kallsyms */
};

/* False: the types do not tell. */
bool xp_gmodules_layout(struct xp_gmodule_layout *l, const struct xp_btf *types, uint64_t head);

/*
 * Appends a line for each module to *modules ("NAME SIZE 0 - Live 0xADDRESS", address and size of its code), and one for each of
 * its symbols to *symbols ("ADDRESS TYPE NAME\t[MODULE]"), as /proc/modules and /proc/kallsyms have them. symbols may be NULL.
 *
 * A module that makes no sense (it is just loaded or removed) is passed over, and where the list makes none it ends. XP_E_NOMEM.
 */
int xp_gmodules_read(struct xp_gmemory *m, const struct xp_gmodule_layout *l, struct xp_buf *modules, struct xp_buf *symbols,
		     struct xp_err *err);

#endif
