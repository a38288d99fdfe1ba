/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The least that a user of Xen's NMI callback costs: a callback that does
 * nothing and says that the NMI was its own. Such a callback cannot set a
 * counter up again, so a timer does: CPU 0's first counter (of AMD's K7 layout)
 * overflows once in each millisecond or two, after a number of cycles that
 * varies, wherever the CPU is by then.
 *
 * For a machine on which nobody else uses the counters. As found on revert.
 */
#include <xen/cpumask.h>
#include <xen/lib.h>
#include <xen/livepatch.h>
#include <xen/livepatch_payload.h>
#include <xen/smp.h>
#include <xen/timer.h>
#include <asm/apic.h>
#include <asm/msr.h>
#include <asm/nmi.h>

#define CYCLES_WITH_NMI 0x530076 /* enabled, interrupts, all modes; 76h: cycles not halted */
#define LEAST_CYCLES    20000
#define CYCLES_MASK     0x3ffff

static struct timer xprof_test_empty_timer;
static uint64_t xprof_test_empty_select;
static unsigned int xprof_test_empty_lvtpc, xprof_test_empty_random = 1;

int cf_check xprof_test_empty(const struct cpu_user_regs *regs, int cpu);

int cf_check xprof_test_empty(const struct cpu_user_regs *regs, int cpu)
{
    return 1;
}

static void cf_check again(void *unused)
{
    xprof_test_empty_random = xprof_test_empty_random * 1664525 + 1013904223;
    wrmsrl(MSR_K7_PERFCTR0,
           -(int64_t)(LEAST_CYCLES + (xprof_test_empty_random >> 8 & CYCLES_MASK)));
    set_timer(&xprof_test_empty_timer, NOW() + MILLISECS(1));
}

static void cf_check begin(void *unused)
{
    rdmsrl(MSR_K7_EVNTSEL0, xprof_test_empty_select);
    xprof_test_empty_lvtpc = apic_read(APIC_LVTPC);
    apic_write(APIC_LVTPC, APIC_DM_NMI);
    again(NULL);
    wrmsrl(MSR_K7_EVNTSEL0, CYCLES_WITH_NMI);
}

static void cf_check end(void *unused)
{
    wrmsrl(MSR_K7_EVNTSEL0, xprof_test_empty_select);
    apic_write(APIC_LVTPC, xprof_test_empty_lvtpc);
}

static void cf_check hold(livepatch_payload_t *payload)
{
    set_nmi_callback(xprof_test_empty);
    init_timer(&xprof_test_empty_timer, again, NULL, 0);
    on_selected_cpus(cpumask_of(0), begin, NULL, 1);
}
LIVEPATCH_POSTAPPLY_HOOK(hold);

static int cf_check let_go(livepatch_payload_t *payload)
{
    kill_timer(&xprof_test_empty_timer);
    on_selected_cpus(cpumask_of(0), end, NULL, 1);
    unset_nmi_callback();

    return 0;
}
LIVEPATCH_PREREVERT_HOOK(let_go);
