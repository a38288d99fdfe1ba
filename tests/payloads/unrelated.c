/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Somebody else's live patch: it replaces a function that has nothing to do
 * with the profiler and can be seen from dom0 (`xl info xen_extra`).
 */
#include <xen/lib.h>
#include <xen/livepatch.h>
#include <xen/livepatch_payload.h>
#include <xen/version.h>

#include "original.h"

const char *xprof_test_extra_version(void);

const char *xprof_test_extra_version(void)
{
    return "-unrelated";
}

struct livepatch_func __section(".livepatch.funcs") xprof_test_unrelated = {
    .version = LIVEPATCH_PAYLOAD_VERSION,
    .name = "xen_extra_version",
    .old_addr = xen_extra_version,
    .old_size = EXTRA_VERSION_SIZE,
    .new_addr = xprof_test_extra_version,
    .new_size = REPLACEMENT_SIZE,
};
