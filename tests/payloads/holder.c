/* SPDX-License-Identifier: GPL-2.0-only */
/* Another user of Xen's NMI callback: holds it from apply to revert. */
#include <xen/lib.h>
#include <xen/livepatch.h>
#include <xen/livepatch_payload.h>
#include <asm/nmi.h>

int cf_check xprof_test_holder(const struct cpu_user_regs *regs, int cpu);

int cf_check xprof_test_holder(const struct cpu_user_regs *regs, int cpu)
{
    return 0;
}

/* After and before the CPUs are stopped: in between, live patching has a callback of its own. */
static void cf_check hold(livepatch_payload_t *payload)
{
    set_nmi_callback(xprof_test_holder);
}
LIVEPATCH_POSTAPPLY_HOOK(hold);

static int cf_check let_go(livepatch_payload_t *payload)
{
    unset_nmi_callback();

    return 0;
}
LIVEPATCH_PREREVERT_HOOK(let_go);
