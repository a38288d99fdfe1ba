/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The live patch: two functions replaced, and a revert that may be refused.
 *
 * The expectations make Xen refuse the patch where a function does not begin
 * as in the hypervisor that this was built for, for instance because somebody
 * else's live patch has replaced it.
 */
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/livepatch.h>
#include <xen/livepatch_payload.h>
#include <xen/sched.h>
#include <asm/time.h>

#include <xen/xprof/session.h>

#include "../compat.h"
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
 * context_switch() calls this for the vCPU that it has switched to, last of
 * all; its whole body is the one call below.
 */
void xprof_update_vcpu_system_time(struct vcpu *v);

void xprof_update_vcpu_system_time(struct vcpu *v)
{
    xprof_switched(v);
    XPROF_STATIC(__update_vcpu_system_time)(v, 0);
}

/* That it does is seen in the text that runs: it may be another's by now. */
bool xprof_sees_switches(void)
{
    const uint8_t *text = (const uint8_t *)context_switch;
    const uint8_t *call = text + SWITCH_CALL;
    int32_t distance;

    memcpy(&distance, call + 1, sizeof(distance));

    return SWITCH_CALL && text[SWITCH_PATCHED_AT] != 0xe9 /* jmp */ &&
           call[0] == 0xe8 /* call */ &&
           call + 5 + distance == (const uint8_t *)update_vcpu_system_time;
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

struct livepatch_func __section(".livepatch.funcs") xprof_livepatch_funcs[] = {
    {
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
    },
#if SWITCH_CALL
    {
        .version = LIVEPATCH_PAYLOAD_VERSION,
        .name = "update_vcpu_system_time",
        .old_addr = update_vcpu_system_time,
        .old_size = SWITCH_SIZE,
        .new_addr = xprof_update_vcpu_system_time,
        .new_size = REPLACEMENT_SIZE,
        .expect = {
            .enabled = 1,
            .len = SWITCH_SIZE,
            .data = { SWITCH_BYTES },
        },
    },
#endif
};
