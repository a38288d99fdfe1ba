/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hypervisor's own symbols, from the hypervisor itself: the file that
 * Linux makes of them (CONFIG_XEN_SYMS, xenfs), else XENPF_get_symbol, one
 * call a symbol. Both give text as xp_kallsyms_parse() takes it.
 *
 * Statics are told as "arch/x86/traps.c#do_trap": the name stays so.
 */
#ifndef XP_SYM_XENSYMS_H
#define XP_SYM_XENSYMS_H

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/sym/buildid.h"

/* Appends the text to b. XP_E_ABSENT: no xenfs, no such file, or it is empty. */
int xp_xensyms_read(struct xp_buf *b, const char *path, struct xp_err *err);

/* The same by hypercall. XP_E_NOXEN: no hypercalls from here; XP_E_SYSTEM: Xen refused. */
int xp_xensyms_ask(struct xp_buf *b, struct xp_err *err);

/* The running hypervisor's build-id, by hypercall. Codes as above; XP_E_ABSENT: it has none. */
int xp_xen_build_id_ask(struct xp_build_id *id, struct xp_err *err);

#endif
