/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside the NMI: the handler and what it is made of. */
#ifndef XPROF_NMI_H
#define XPROF_NMI_H

#include <xen/xprof/session.h>
#include "compat.h"

/* The callback. Returns 1: the NMI was ours; 0: Xen's own handling goes on. */
xprof_nmi_ret_t cf_check xprof_nmi(const struct cpu_user_regs *regs, int cpu);

/*
 * Fills domid, vcpu, mode, ip and cr3 of a sample, and who the domain is.
 * Reads only what the hypervisor owns: nothing here can fault.
 */
void xprof_context(const struct cpu_user_regs *regs, struct xprof_sample *s,
                   struct xprof_who *who);

#endif /* XPROF_NMI_H */
