/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Somebody else's live patch of the very function that xprof replaces: a
 * vendor's fix of arch_do_sysctl() (this one changes nothing).
 */
#include <xen/hypercall.h>
#include <xen/lib.h>
#include <xen/livepatch.h>
#include <xen/livepatch_payload.h>

#include "original.h"

long xprof_test_rival_sysctl(struct xen_sysctl *op,
                             XEN_GUEST_HANDLE_PARAM(xen_sysctl_t) u_sysctl);

struct livepatch_func __section(".livepatch.funcs") xprof_test_rival = {
    .version = LIVEPATCH_PAYLOAD_VERSION,
    .name = "arch_do_sysctl",
    .old_addr = arch_do_sysctl,
    .old_size = ORIGINAL_SIZE,
    .new_addr = xprof_test_rival_sysctl,
    .new_size = REPLACEMENT_SIZE,
};
