/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which performance counters this host has, and who else uses them.
 * Context: process.
 */
#include <xen/delay.h>
#include <xen/lib.h>
#include <xen/xmalloc.h>
#include <asm/apic.h>
#include <asm/nmi.h>
#include <asm/processor.h>
#include <asm/vpmu.h>

#include "pmu.h"

#define lapic_nmi_owner XPROF_STATIC(lapic_nmi_owner)
#define LAPIC_NMI_RESERVED_BIT 1 /* LAPIC_NMI_RESERVED in arch/x86/nmi.c */

const struct xprof_pmu_ops *__read_mostly xprof_pmu;
struct xprof_op_pmu __read_mostly xprof_pmu_layout;
static bool probed, counts;
static bool reserved; /* by us */

static const struct xprof_pmu_ops *const drivers[] = {
    &xprof_pmu_amd_v2, &xprof_pmu_amd, &xprof_pmu_intel, &xprof_pmu_intel_v1,
};

static unsigned int vendor(void)
{
    switch ( boot_cpu_data.x86_vendor )
    {
    case X86_VENDOR_AMD:
        return 1;

    case X86_VENDOR_INTEL:
        return 2;

    case X86_VENDOR_HYGON:
        return 3;
    }

    return 0;
}

/* A counter that the hypervisor below or the firmware hides faults, forgets what was written, or stands still. */
static bool counter_works(unsigned int index)
{
    /* Instructions retired: of both vendors', and on any counter (AMD's family 15h counts cycles on three only). */
    struct xprof_event instructions = {
        .select = 0xc0,
        .flags = XPROF_EVENT_OS | XPROF_EVENT_USR,
    };
    struct xprof_pmu_cpu *p = xzalloc(struct xprof_pmu_cpu);
    struct xprof_counter *c;
    uint64_t old, first, last, found = 0;
    unsigned long flags;
    bool works = false;

    if ( !p )
        return false;
    c = &p->counter[0];
    p->nr = 1;
    xprof_pmu->describe(index, &instructions, false, c);
    p->global = c->global;
    if ( c->select_msr && rdmsr_safe(c->select_msr, found) )
        found = SEL_ENABLE;

    if ( !(found & SEL_ENABLE) && !rdmsr_safe(c->msr, old) &&
         !wrmsr_safe(c->msr, 0x1234) )
    {
        local_irq_save(flags);
        xprof_pmu->save(&p->saved, 1ull << index);
        p->control = p->saved.global_control | p->global;
        xprof_pmu->on(p);
        first = xprof_msr(c->msr);
        udelay(20);
        last = xprof_msr(c->msr);
        p->control = p->saved.global_control & ~p->global;
        xprof_pmu->off(p);
        works = first >= 0x1234 && last > first;
        xprof_pmu->restore(&p->saved, 1ull << index);
        local_irq_restore(flags);
        wrmsr_safe(c->msr, old);
    }
    xfree(p);

    return works;
}

static void find_driver(void)
{
    unsigned int i;

    xprof_pmu_layout = (struct xprof_op_pmu){
        .vendor = vendor(),
        .family = boot_cpu_data.x86,
        .model = boot_cpu_data.x86_model,
        .stepping = boot_cpu_data.x86_mask,
        .least_period = XPROF_LEAST_PERIOD,
    };
    for ( i = 0; !xprof_pmu && i < ARRAY_SIZE(drivers); i++ )
        if ( drivers[i]->probe(&xprof_pmu_layout) )
            xprof_pmu = drivers[i];
}

/* The watchdog has counter 0 on every CPU. */
static uint64_t left_by_watchdog(uint64_t counters)
{
    return nmi_watchdog == NMI_NONE ? counters : counters & ~1ull;
}

bool xprof_pmu_probe(void)
{
    uint64_t usable;

    if ( probed )
        return counts;
    find_driver();
    if ( !xprof_pmu )
        return false;

    /* Beside a vPMU that is on nothing is touched, not even to look. */
    if ( vpmu_mode != XENPMU_MODE_OFF )
        return false;
    usable = left_by_watchdog(xprof_pmu_layout.usable) & 0xffffffff;
    counts = usable && counter_works(fls64(usable) - 1);
    probed = true;

    return counts;
}

/*
 * xenoprof replaces the NMI callback without looking, but it is refused while
 * the counters are reserved.  (reserve_lapic_nmi() would switch the watchdog
 * off, and not on again on all CPUs.)
 */
void xprof_pmu_reserve(void)
{
    if ( !reserved )
        reserved = !test_and_set_bit(LAPIC_NMI_RESERVED_BIT, &lapic_nmi_owner);
}

void xprof_pmu_release(void)
{
    if ( reserved )
        clear_bit(LAPIC_NMI_RESERVED_BIT, &lapic_nmi_owner);
    reserved = false;
}

unsigned int xprof_pmu_why(void)
{
    bool works = xprof_pmu_probe();

    if ( !xprof_pmu )
        return XPROF_WHY_NO_PMU;
    if ( vpmu_mode != XENPMU_MODE_OFF )
        return XPROF_WHY_VPMU;
    if ( !reserved && test_bit(LAPIC_NMI_RESERVED_BIT, &lapic_nmi_owner) )
        return XPROF_WHY_PMU_OWNED;
    if ( !left_by_watchdog(xprof_pmu_layout.usable) )
        return XPROF_WHY_WATCHDOG;

    return works ? XPROF_WHY_OK : XPROF_WHY_PMU_HIDDEN;
}

void xprof_pmu_info(struct xprof_op_pmu *info)
{
    unsigned int why = xprof_pmu_why();

    *info = xprof_pmu_layout;
    info->why = why;
    info->usable = left_by_watchdog(info->usable);
}

/* Without a code only its fixed counter counts it. */
static uint64_t general_counters(const struct xprof_event *event)
{
    uint32_t can = event->counters;

    return !event->select ? 0 : can ?: ~0u;
}

int xprof_pmu_event(struct xprof_event *event)
{
    uint64_t usable = left_by_watchdog(xprof_pmu_layout.usable);
    uint64_t least = XPROF_LEAST_PERIOD;

    if ( (event->select & ~xprof_pmu_layout.select_mask) ||
         event->fixed > xprof_pmu_layout.nr_fixed )
        return -EINVAL;

    event->counters = general_counters(event);
    if ( event->fixed )
        event->counters |= 1ull << (XPROF_FIXED + event->fixed - 1);
    if ( !event->counters )
        return -EINVAL;
    event->counters &= usable;
    if ( !event->counters )
        return -EBUSY;

    if ( event->flags & XPROF_EVENT_RATE )
        return 0;
    if ( event->period && event->period < least )
        return -ERANGE;
    event->period = min(event->period, xprof_pmu->max_period);

    return 0;
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
