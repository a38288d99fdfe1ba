/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last step: from addresses that occur to images, maps and symbols. One
 * function for each kind of owner.
 */
#ifndef XP_SYM_RESOLVE_H
#define XP_SYM_RESOLVE_H

#include "lib/sym/emit.h"
#include "lib/sym/follow.h"
#include "lib/sym/kallsyms.h"
#include "lib/sym/names.h"

/* The addresses of a session, sorted by space and ip. */
struct xp_addrs { const struct xp_addr *v; size_t nr; };

/* Those of them in [start, end) of a space. */
struct xp_addrs xp_addrs_in(const struct xp_addrs *all, uint64_t space, uint64_t start, uint64_t end);

/* Symbols that are kept from one call to the next: *kept is NULL at first. kept NULL: they are read for this call only. */
struct xp_xen_table;
struct xp_kernel_table;
void xp_xen_table_free(struct xp_xen_table *t);       /* NULL is fine */
void xp_kernel_table_free(struct xp_kernel_table *t);

/* Xen and the live patch. `how` says where the names come from. */
int xp_resolve_xen(struct xp_emit *e, const struct xp_names_config *cfg, const struct xp_addrs *addrs, struct xp_xen_table **kept,
		   char *how, size_t how_size, struct xp_err *err);

/* dom0's kernel and modules. `before`: the modules when the session began. (Kept symbols are read again when modules have changed.) */
int xp_resolve_kernel(struct xp_emit *e, const char *root, const struct xp_regions *before, const struct xp_addrs *addrs,
		      struct xp_kernel_table **kept, struct xp_err *err);

/* dom0's processes. */
int xp_resolve_processes(struct xp_emit *e, struct xp_follow *f, const struct xp_addrs *addrs, struct xp_err *err);

#endif
