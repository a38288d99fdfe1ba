/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Somebody else's live patch of context_switch() (this one changes nothing):
 * xprof cannot see from what runs that its own part of it is still called.
 */
#include <xen/lib.h>
#include <xen/livepatch.h>
#include <xen/livepatch_payload.h>
#include <xen/sched.h>

#include "original.h"

void xprof_test_switcher(struct vcpu *prev, struct vcpu *next);

struct livepatch_func __section(".livepatch.funcs") xprof_test_switcher_func = {
    .version = LIVEPATCH_PAYLOAD_VERSION,
    .name = "context_switch",
    .old_addr = context_switch,
    .old_size = SWITCHER_SIZE,
    .new_addr = xprof_test_switcher,
    .new_size = REPLACEMENT_SIZE,
};
