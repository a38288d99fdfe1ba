/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A running guest, by Xen: its vCPUs' page tables, its frames.
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
	uint32_t vcpus;           /* numbers up to this may be there */
	uint64_t root;
	unsigned int levels;
	struct xc_interface_core *xc;
	struct xenforeignmemory_handle *fmem;
};

/*
 * XP_E_ABSENT: there is no such domain, or no vCPU. XP_E_NOXEN: this is no control domain. *x needs no xp_gxen_close() after an
 * error. root is not set yet.
 */
int xp_gxen_open(struct xp_gxen *x, uint32_t domid, struct xp_err *err);

/*
 * Page tables of a vCPU: root, levels. XP_E_BUSY: the kernel does not run there (yet): later it may. XP_E_ABSENT: there is no such
 * vCPU, or the guest's memory cannot be read: 32-bit.
 */
int xp_gxen_ask(struct xp_gxen *x, uint32_t vcpu, struct xp_err *err);

void xp_gxen_close(struct xp_gxen *x);

#endif
