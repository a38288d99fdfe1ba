/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Brings the profiler into the running host, and out of it: the live patch in
 * Xen (unless xprof is built in) and the module in the kernel.
 *
 * What was loaded is noted in the state folder before it is loaded, so that
 * the next command can undo it whatever happens to this one. The caller holds
 * xp_state_lock().
 */
#ifndef XP_HOST_ATTACH_H
#define XP_HOST_ATTACH_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/error.h"
#include "lib/host/state.h"
#include "lib/host/xen.h"

struct xp_attached {
	bool payload;  /* by this call, or (noted) by an earlier one */
	bool module;
	bool automatic;/* goes with the session; false: stays until 'detach' */
};

/* Where the payload for this hypervisor is, or would be. */
void xp_payload_path(const struct xp_xen *xen, const char *libdir, char *path, size_t size);

/*
 * Loads what is not there yet. automatic: it is to go with the session; an
 * explicit attach after an automatic one makes it stay. *what says what this
 * call loaded. After an error everything that it had loaded is gone again.
 */
int xp_attach(struct xp_xen *xen, struct xp_state *s, const char *libdir, bool automatic,
	      struct xp_attached *what, struct xp_err *err);

/* What is noted as loaded by us. false: nothing. */
bool xp_attach_noted(const struct xp_state *s, struct xp_attached *what);

/*
 * Unloads all of it, whoever loaded it. XP_E_BUSY: a session is open, rings
 * are mapped, or another live patch lies on top. 1: there was nothing.
 */
int xp_detach(struct xp_xen *xen, struct xp_state *s, struct xp_err *err);

/* Unloads what was noted as automatic, and only that. 0 also when there is nothing; 1: something was unloaded. */
int xp_detach_automatic(struct xp_xen *xen, struct xp_state *s, struct xp_err *err);

#endif
