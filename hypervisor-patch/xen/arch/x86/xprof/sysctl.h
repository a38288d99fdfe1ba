/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XPROF_SYSCTL_H
#define XPROF_SYSCTL_H

#include <xen/types.h>

struct vcpu;

#include <public/sysctl.h>
#include <public/xprof.h>

/*
 * Handles XEN_SYSCTL_xprof_op.  The caller has been found privileged and
 * sysctl_lock is held; results have been copied back when this returns.
 */
long xprof_do_sysctl(struct xen_sysctl *op,
                     XEN_GUEST_HANDLE_PARAM(xen_sysctl_t) u_sysctl);

/* To be called before a CPU may come online. Context: process. */
void xprof_source_before_hotplug(void);

/* At the end of each context_switch(), on the CPU itself, interrupts on. */
void xprof_switched(struct vcpu *next);

#endif /* XPROF_SYSCTL_H */
