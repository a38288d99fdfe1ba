/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live patches of the running hypervisor: what is loaded, and xprof's own.
 *
 * Xen does these operations later, with all CPUs stopped; every function here
 * waits for the result. A busy host may need several attempts: they are made.
 */
#ifndef XP_HOST_LIVEPATCH_H
#define XP_HOST_LIVEPATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/error.h"
#include "lib/host/xen.h"

#define XP_LIVEPATCH_NAME "xprof"

struct xp_livepatch {
	char name[128];
	bool applied; /* else only uploaded */
	bool ours;
};

/*
 * Lists them in the order of their upload. Returns how many; *patches is to
 * be freed by the caller. XP_E_ABSENT: this Xen was built without livepatch.
 */
int xp_livepatch_list(struct xp_xen *xen, struct xp_livepatch **patches, struct xp_err *err);

/*
 * Uploads the payload in path and applies it, beside whatever is applied
 * already: the payload states itself which functions it expects unchanged.
 * After an error nothing of it is left.
 * XP_E_ABSENT: no livepatch, or no such file; XP_E_VERSION: the payload is for
 * another hypervisor; XP_E_BUSY: another patch has changed what it hooks, or
 * the host was too busy.
 */
int xp_livepatch_load(struct xp_xen *xen, const char *path, struct xp_err *err);

/*
 * Reverts and unloads it. No error when it is not there.
 * XP_E_BUSY: a session runs, a ring is still mapped, or another patch lies on
 * top: the text says which.
 */
int xp_livepatch_unload(struct xp_xen *xen, struct xp_err *err);

#endif
