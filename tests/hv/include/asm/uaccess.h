/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name: what a PV guest may use, and a copy that the test makes fault. */
#pragma once
#define HYPERVISOR_VIRT_END 0xffff880000000000ul
#define __addr_ok(addr) ((unsigned long)(addr) < (1ul << 47) || (unsigned long)(addr) >= HYPERVISOR_VIRT_END)

/* Returns how many bytes could not be copied. */
unsigned int copy_from_guest_pv(void *to, const void *from, unsigned int len);
