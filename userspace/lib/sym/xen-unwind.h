/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unwind rules of the running hypervisor, from a xen-syms file of the same
 * build-id: they follow from its code (lib/unwind/xen.h). Where no such file is
 * installed there are none, and `why` says so.
 */
#ifndef XP_SYM_XEN_UNWIND_H
#define XP_SYM_XEN_UNWIND_H

#include "lib/sym/buildid.h"
#include "lib/unwind/table.h"

struct xp_xen_unwind {
	struct xp_unwind_table table; /* nr 0: none */
	char why[512];                /* there are none; "": there are */
};

/* Takes about 0.3 s. root: put before each path. */
void xp_xen_unwind_init(struct xp_xen_unwind *u, const char *root, const struct xp_build_id *id);
void xp_xen_unwind_release(struct xp_xen_unwind *u);

#endif
