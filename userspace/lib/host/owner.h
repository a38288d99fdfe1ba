/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose code lies at an address of the hypervisor, in words: for the message
 * that says who holds Xen's NMIs.
 */
#ifndef XP_HOST_OWNER_H
#define XP_HOST_OWNER_H

#include <stddef.h>
#include <stdint.h>

#include "lib/host/xen.h"

/*
 * Writes "microcode_nmi_callback" (Xen's own function there), or "the live
 * patch holder" (one of several: "one of the live patches a, b"), or "unknown
 * code". Never fails. Context: process, root in dom0.
 */
void xp_owner_name(struct xp_xen *xen, uint64_t addr, char *out, size_t size);

#endif
