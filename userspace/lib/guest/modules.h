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

/*
 * Appends a line for each module to *modules ("NAME SIZE 0 - Live 0xADDRESS", address and size of its code), and one for each of
 * its symbols to *kallsyms ("ADDRESS TYPE NAME\t[MODULE]"), as /proc/modules and /proc/kallsyms have them.
 *
 * list: the address of the kernel's `modules`. XP_E_ABSENT: the types lack what is needed. A module that makes no
 * sense (it is just loaded or removed) is passed over, and where the list makes none it ends.
 */
int xp_gmodules_read(struct xp_gmemory *m, const struct xp_btf *types, uint64_t list, struct xp_buf *modules,
		     struct xp_buf *kallsyms, struct xp_err *err);

#endif
