/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What ring.h and record.c need from the hypervisor.  The tests have a file
 * of the same name that supplies it in userspace.
 */
#ifndef XPROF_KERNEL_H
#define XPROF_KERNEL_H

#include <xen/lib.h>
#include <xen/types.h>
#include <asm/system.h>

#endif /* XPROF_KERNEL_H */
