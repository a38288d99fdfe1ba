/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names for addresses in a guest's processes. */
#ifndef XP_SYM_GUEST_FILES_H
#define XP_SYM_GUEST_FILES_H

#include "lib/sym/guest-processes.h"
#include "lib/sym/resolve.h"

/*
 * Images, maps and symbols of what the processes of a guest have mapped where samples lie. guest: under which name its files are
 * kept; root: before dom0's own paths, where files with the same build-id may be.
 */
int xp_resolve_guest_processes(struct xp_emit *e, const struct xp_guest_processes *p, uint16_t domid, const char *guest,
			       const char *root, const struct xp_addrs *addrs, struct xp_err *err);

#endif
