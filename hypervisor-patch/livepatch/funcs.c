/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The live patch: one function replaced, and a revert that may be refused.
 *
 * The expectation makes Xen refuse the patch where the function does not begin
 * as in the hypervisor that this was built for, for instance because somebody
 * else's live patch has replaced it.
 */
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/livepatch.h>
#include <xen/livepatch_payload.h>

#include <xen/xprof/session.h>

#include "../sysctl.h"
#include "original.h"

long xprof_original_do_sysctl(struct xen_sysctl *op,
                              XEN_GUEST_HANDLE_PARAM(xen_sysctl_t) u_sysctl);
long xprof_arch_do_sysctl(struct xen_sysctl *op,
                          XEN_GUEST_HANDLE_PARAM(xen_sysctl_t) u_sysctl);

long xprof_arch_do_sysctl(struct xen_sysctl *op,
                          XEN_GUEST_HANDLE_PARAM(xen_sysctl_t) u_sysctl)
{
    if ( op->cmd == XEN_SYSCTL_xprof_op )
        return xprof_do_sysctl(op, u_sysctl);

    if ( op->cmd == XEN_SYSCTL_cpu_hotplug )
        xprof_source_before_hotplug();

    return xprof_original_do_sysctl(op, u_sysctl);
}

/*
 * All CPUs stand still with interrupts off here.  -EBUSY leaves the patch
 * applied: a session, its callback or a page that somebody maps would
 * otherwise point into freed code.
 */
static int cf_check xprof_revert(livepatch_payload_t *payload)
{
    return xprof_is_idle() ? revert_payload(payload) : -EBUSY;
}
LIVEPATCH_REVERT_HOOK(xprof_revert);

struct livepatch_func __section(".livepatch.funcs") xprof_livepatch_func = {
    .version = LIVEPATCH_PAYLOAD_VERSION,
    .name = "arch_do_sysctl",
    .old_addr = arch_do_sysctl,
    .old_size = ORIGINAL_SIZE,
    .new_addr = xprof_arch_do_sysctl,
    .new_size = REPLACEMENT_SIZE,
    .expect = {
        .enabled = 1,
        .len = ORIGINAL_LENGTH,
        .data = { ORIGINAL_BYTES },
    },
};
