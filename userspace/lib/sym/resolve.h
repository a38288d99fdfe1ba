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

/* Xen and the live patch. `how` (a literal or within buf) says where the names come from. */
int xp_resolve_xen(struct xp_emit *e, const struct xp_names_config *cfg, const struct xp_addrs *addrs, char *how,
		   size_t how_size, struct xp_err *err);

/* dom0's kernel and modules. `before`: the modules when the session began. */
int xp_resolve_kernel(struct xp_emit *e, const char *root, const struct xp_regions *before,
		      const struct xp_addrs *addrs, struct xp_err *err);

/* dom0's processes. */
int xp_resolve_processes(struct xp_emit *e, struct xp_follow *f, const struct xp_addrs *addrs, struct xp_err *err);

#endif
