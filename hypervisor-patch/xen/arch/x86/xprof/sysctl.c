/* SPDX-License-Identifier: GPL-2.0-only */
/* The profiler's door: what arch_do_sysctl() does with XEN_SYSCTL_xprof_op. */
#include <xen/guest_access.h>
#include <xen/hypercall.h>
#include <xen/sched.h>

#include <xen/xprof/session.h>

#include "sysctl.h"

long xprof_do_sysctl(struct xen_sysctl *op,
                     XEN_GUEST_HANDLE_PARAM(xen_sysctl_t) u_sysctl)
{
    bool copyback;
    long rc;

    BUILD_BUG_ON(sizeof(struct xprof_sysctl) > sizeof(op->u));

    rc = xprof_sysctl((struct xprof_sysctl *)&op->u, &copyback);

    /* Somebody holds the CPU maps (live patching, CPU hotplug): try again. */
    if ( rc == -ERESTART )
        return hypercall_create_continuation(__HYPERVISOR_sysctl, "h",
                                             u_sysctl);

    if ( copyback && __copy_to_guest(u_sysctl, op, 1) )
        rc = -EFAULT;

    return rc;
}

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
