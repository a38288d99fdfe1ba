/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A running guest, by Xen: its first vCPU's page tables, its frames.
 *
 * Asking for a vCPU's state pauses it (a PV guest) or the domain (HVM, PVH) for
 * that moment. Frames are mapped read-only while they are copied, never longer.
 */
#ifndef XP_GUEST_XEN_H
#define XP_GUEST_XEN_H

#include "lib/base/error.h"
#include "lib/guest/memory.h"

struct xp_gxen {
	uint32_t domid;
	bool translated;          /* HVM or PVH */
	struct xp_gframes frames; /* its arg is this struct: do not move it */
	uint64_t root;
	unsigned int levels;
	struct xc_interface_core *xc;
	struct xenforeignmemory_handle *fmem;
};

/*
 * XP_E_BUSY: its kernel does not run (yet): later it may. XP_E_ABSENT: there is no such domain, or its memory cannot be
 * read: 32-bit. *x needs no xp_gxen_close() after an error.
 */
int xp_gxen_open(struct xp_gxen *x, uint32_t domid, struct xp_err *err);
void xp_gxen_close(struct xp_gxen *x);

#endif
