/* SPDX-License-Identifier: GPL-2.0-only */
/* A hypervisor that panics when this is applied. */
#include <xen/lib.h>
#include <xen/livepatch.h>
#include <xen/livepatch_payload.h>

static void cf_check die(livepatch_payload_t *payload)
{
    panic("xprof-test: this is the panic that was asked for\n");
}
LIVEPATCH_POSTAPPLY_HOOK(die);
