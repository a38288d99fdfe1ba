/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Intel: architectural performance monitoring, versions 1 to 6.
 * [Intel SDM vol. 3, "Performance Monitoring" (chapter 20 in edition 078 of
 * December 2022; it has had other numbers): "Architectural Performance
 * Monitoring", versions 1, 2 (fixed counters, global control and status) and
 * 4 (status reset and set); "Full-Width Writes to Performance Counter
 * Registers". "Local Vector Table": the mask bit of LVTPC is set when its
 * interrupt is delivered.]
 *
 * Freezing on PMI is left off (DEBUGCTL is the guest's across VM entries): the
 * handler stops all counters itself.
 */
#include <xen/lib.h>
#include <asm/apic.h>
#include <asm/nmi.h>
#include <asm/processor.h>

#include "nmi-pmu.h"

#define FULL_WIDTH_PMC0   0x4c1u
#define GLOBAL_STATUS     MSR_CORE_PERF_GLOBAL_STATUS
#define GLOBAL_CONTROL    MSR_CORE_PERF_GLOBAL_CTRL
#define GLOBAL_RESET      MSR_CORE_PERF_GLOBAL_OVF_CTRL /* v4: STATUS_RESET */
#define FIXED_CONTROL     MSR_CORE_PERF_FIXED_CTR_CTRL
#define FW_WRITE          (1u << 13) /* of PERF_CAPABILITIES */
/* Event, unit mask, edge, invert, counter mask; not PC, not AnyThread. */
#define SELECT_MASK       0xff84ffffull
/* What a write of 32 bits can hold (they are sign-extended), less an eighth that periods vary by. */
#define MAX_PERIOD        0x70000000u
#define FIXED_OS          1u
#define FIXED_USR         2u
#define FIXED_PMI         8u

static uint32_t __read_mostly value0 = MSR_P6_PERFCTR(0);
static unsigned int __read_mostly width;

static bool overflown(uint64_t value)
{
    return !(value & (1ull << (width - 1)));
}

static bool full_width_writes(void)
{
    uint64_t capabilities;

    return (cpuid_ecx(1) & (1u << 15)) /* PDCM */ &&
           !rdmsr_safe(MSR_IA32_PERF_CAPABILITIES, capabilities) &&
           (capabilities & FW_WRITE);
}

static bool intel_probe(struct xprof_op_pmu *info, unsigned int least,
                        unsigned int most)
{
    unsigned int eax, ebx, ecx, edx, version;

    if ( boot_cpu_data.x86_vendor != X86_VENDOR_INTEL ||
         boot_cpu_data.cpuid_level < 0xa )
        return false;
    cpuid(0xa, &eax, &ebx, &ecx, &edx);
    version = eax & 0xff;
    if ( version < least || version > most )
        return false;

    info->kind = XPROF_PMU_INTEL;
    info->version = version;
    info->nr_general = min((eax >> 8) & 0xff, XPROF_MAX_GENERAL);
    info->width_general = width = (eax >> 16) & 0xff;
    info->unavailable = ebx & ((1u << (eax >> 24 < 31 ? eax >> 24 : 31)) - 1);
    info->usable = (1ull << info->nr_general) - 1;
    info->select_mask = SELECT_MASK;
    if ( version >= 2 )
    {
        info->nr_fixed = min(edx & 0x1f, XPROF_MAX_FIXED);
        info->width_fixed = (edx >> 5) & 0xff;
        /* An event moves between both kinds with its period, so they must be alike. (They are, so far.) */
        if ( info->width_fixed == info->width_general )
            info->usable |= ((1ull << info->nr_fixed) - 1) << XPROF_FIXED;
    }
    if ( full_width_writes() )
        value0 = FULL_WIDTH_PMC0;

    return info->nr_general && width >= 32 && width < 64;
}

static bool cf_check probe(struct xprof_op_pmu *info)
{
    uint64_t msr;

    return intel_probe(info, 2, 255) && !rdmsr_safe(GLOBAL_CONTROL, msr) &&
           !rdmsr_safe(FIXED_CONTROL, msr);
}

static bool cf_check probe_v1(struct xprof_op_pmu *info)
{
    return intel_probe(info, 1, 1);
}

static void cf_check describe(unsigned int index,
                              const struct xprof_event *event, bool interrupt,
                              struct xprof_counter *c)
{
    unsigned int fixed = index - XPROF_FIXED;

    c->index = index;
    c->global = 1ull << index;
    if ( index >= XPROF_FIXED )
    {
        c->msr = MSR_CORE_PERF_FIXED_CTR0 + fixed;
        c->select_msr = 0;
        c->select = (uint64_t)((event->flags & XPROF_EVENT_USR ? FIXED_USR : 0) |
                               (event->flags & XPROF_EVENT_OS ? FIXED_OS : 0) |
                               (interrupt ? FIXED_PMI : 0)) << (4 * fixed);
        return;
    }

    c->msr = value0 + index;
    c->select_msr = MSR_P6_EVNTSEL(index);
    c->select = event->select | SEL_ENABLE |
                (event->flags & XPROF_EVENT_USR ? SEL_USR : 0) |
                (event->flags & XPROF_EVENT_OS ? SEL_OS : 0) |
                (interrupt ? SEL_INT : 0);
}

static bool has_global(void)
{
    return xprof_pmu_layout.version >= 2;
}

static void cf_check save(struct xprof_saved *saved, uint64_t usable)
{
    unsigned int i;

    if ( has_global() )
    {
        saved->global_control = xprof_msr(GLOBAL_CONTROL);
        saved->fixed_control = xprof_msr(FIXED_CONTROL);
    }
    for ( i = 0; i < XPROF_MAX_GENERAL; i++ )
        if ( usable & (1ull << i) )
        {
            saved->select[i] = xprof_msr(MSR_P6_EVNTSEL(i));
            xprof_msr_set(MSR_P6_EVNTSEL(i), 0);
            saved->value[i] = xprof_msr(value0 + i);
        }
    for ( i = 0; i < XPROF_MAX_FIXED; i++ )
        if ( usable & (1ull << (XPROF_FIXED + i)) )
            saved->fixed[i] = xprof_msr(MSR_CORE_PERF_FIXED_CTR0 + i);
}

static void cf_check restore(const struct xprof_saved *saved, uint64_t usable)
{
    unsigned int i;

    if ( has_global() )
        xprof_msr_set(FIXED_CONTROL, saved->fixed_control);
    for ( i = 0; i < XPROF_MAX_FIXED; i++ )
        if ( usable & (1ull << (XPROF_FIXED + i)) )
            xprof_msr_set(MSR_CORE_PERF_FIXED_CTR0 + i, saved->fixed[i]);
    for ( i = 0; i < XPROF_MAX_GENERAL; i++ )
        if ( usable & (1ull << i) )
        {
            xprof_msr_set(value0 + i, saved->value[i]);
            xprof_msr_set(MSR_P6_EVNTSEL(i), saved->select[i]);
        }
    if ( has_global() )
    {
        xprof_msr_set(GLOBAL_RESET, usable);
        xprof_msr_set(GLOBAL_CONTROL, saved->global_control);
    }
}

/* Control bits of all fixed counters that p uses; mask: which bits those are. */
static uint64_t fixed_control(const struct xprof_pmu_cpu *p, uint64_t *mask)
{
    uint64_t control = 0;
    unsigned int i;

    *mask = 0;
    for ( i = 0; i < p->nr; i++ )
        if ( !p->counter[i].select_msr )
        {
            control |= p->counter[i].select;
            *mask |= 15ull << (4 * (p->counter[i].index - XPROF_FIXED));
        }

    return control;
}

/* LVTPC is not touched here, but for its mask: whoever set it up wrote it last. */
static void cf_check on(const struct xprof_pmu_cpu *p)
{
    uint64_t mask, control = fixed_control(p, &mask);
    unsigned int i;

    for ( i = 0; i < p->nr; i++ )
        if ( p->counter[i].select_msr )
            xprof_msr_set(p->counter[i].select_msr, p->counter[i].select);
    if ( !has_global() )
        return;
    if ( mask )
        xprof_msr_set(FIXED_CONTROL,
                      (xprof_msr(FIXED_CONTROL) & ~mask) | control);
    xprof_msr_set(GLOBAL_RESET, p->global);
    xprof_msr_set(GLOBAL_CONTROL, p->control);
}

static void cf_check off(const struct xprof_pmu_cpu *p)
{
    uint64_t mask;
    unsigned int i;

    if ( has_global() )
        xprof_msr_set(GLOBAL_CONTROL, p->control);
    for ( i = 0; i < p->nr; i++ )
        if ( p->counter[i].select_msr )
            xprof_msr_set(p->counter[i].select_msr, 0);
    fixed_control(p, &mask);
    if ( mask )
        xprof_msr_set(FIXED_CONTROL, xprof_msr(FIXED_CONTROL) & ~mask);
}

static bool cf_check in_use(unsigned int index)
{
    if ( index < XPROF_FIXED )
        return xprof_msr(MSR_P6_EVNTSEL(index)) & SEL_ENABLE;

    return (xprof_msr(FIXED_CONTROL) >> (4 * (index - XPROF_FIXED))) &
           (FIXED_OS | FIXED_USR);
}

static bool cf_check intact(const struct xprof_pmu_cpu *p)
{
    uint64_t mask, control = fixed_control(p, &mask);
    unsigned int i;

    for ( i = 0; i < p->nr; i++ )
        if ( p->counter[i].select_msr &&
             xprof_msr(p->counter[i].select_msr) != p->counter[i].select )
            return false;

    return !has_global() ||
           ((xprof_msr(GLOBAL_CONTROL) & p->global) == p->global &&
            (!mask || (xprof_msr(FIXED_CONTROL) & mask) == control));
}

static uint32_t cf_check pmc_number(unsigned int index)
{
    return index < XPROF_FIXED ? index : (1u << 30) | (index - XPROF_FIXED);
}

/* Did the watchdog's counter 0 overflow, too? Then Xen must see this NMI. */
static always_inline bool watchdog_overflowed(void)
{
    return unlikely(nmi_watchdog != NMI_NONE) &&
           overflown(xprof_msr(MSR_P6_PERFCTR(0)));
}

/*
 * LVTPC is unmasked for the watchdog's NMI, too: until Xen's own handler does
 * so counters run again, and an overflow of ours would be lost.
 */
static always_inline void reset_and_go_on(struct xprof_cpu *c, uint64_t status)
{
    if ( likely(status) )
        xprof_msr_set(GLOBAL_RESET, status);
    if ( likely(status) || c->pmu->on )
        apic_write(APIC_LVTPC, APIC_DM_NMI);
    xprof_msr_set(GLOBAL_CONTROL, c->pmu->control);
}

static noinline int slow(const struct cpu_user_regs *regs, struct xprof_cpu *c,
                         uint64_t status)
{
    uint64_t tsc = rdtsc();
    const struct xprof_counter *counter;
    unsigned int found = 0;
    bool foreign;

    for ( counter = c->pmu->run; counter->msr; counter++ )
        if ( status & counter->global )
        {
            xprof_overflow(c, counter, regs, tsc);
            found++;
        }
    foreign = watchdog_overflowed();
    reset_and_go_on(c, status);

    return xprof_pmu_end(c, regs, tsc, found, foreign);
}

/*
 * Counters stand still in here, so no overflow can come between the look at
 * the status and the unmasking of LVTPC, and be lost.
 */
static xprof_nmi_ret_t cf_check handler(const struct cpu_user_regs *regs,
                                        int cpu)
{
    uint64_t tsc = xprof_now(), status;
    struct xprof_cpu *c = xprof_nmi_cpus[cpu];
    const struct xprof_counter *counter;

    if ( unlikely(!c) )
        return 0;
    if ( unlikely(!c->pmu->global) ) /* not set up yet, or given back */
        return xprof_pmu_end(c, regs, tsc, 0, watchdog_overflowed());

    xprof_msr_set(GLOBAL_CONTROL, 0);
    status = xprof_msr(GLOBAL_STATUS) & c->pmu->global;
    if ( unlikely(!status) || unlikely(status & (status - 1)) )
        return slow(regs, c, status);

    for ( counter = c->pmu->run; counter->msr; counter++ )
        if ( counter->global == status )
            break;
    if ( unlikely(!counter->msr) || unlikely(!xprof_overflow_usual(c, counter, regs, tsc)) )
        return slow(regs, c, status);
    reset_and_go_on(c, status);

    return xprof_end_usual(c, tsc);
}

/* Version 1 has no status: a counter that overflowed is one that is not negative. */
static xprof_nmi_ret_t cf_check handler_v1(const struct cpu_user_regs *regs,
                                           int cpu)
{
    uint64_t tsc = rdtsc();
    struct xprof_cpu *c = xprof_nmi_cpus[cpu];
    const struct xprof_counter *counter;
    unsigned int found = 0;
    bool foreign;

    if ( unlikely(!c) )
        return 0;

    for ( counter = c->pmu->run; counter->msr; counter++ )
        if ( overflown(xprof_msr(counter->msr)) )
        {
            xprof_overflow(c, counter, regs, tsc);
            found++;
        }
    foreign = watchdog_overflowed();
    if ( likely(found) || c->pmu->on )
        apic_write(APIC_LVTPC, APIC_DM_NMI);

    return xprof_pmu_end(c, regs, tsc, found, foreign);
}

const struct xprof_pmu_ops xprof_pmu_intel = {
    .probe = probe,
    .nmi = handler,
    .describe = describe,
    .save = save,
    .restore = restore,
    .on = on,
    .off = off,
    .in_use = in_use,
    .intact = intact,
    .pmc_number = pmc_number,
    .max_period = MAX_PERIOD,
};

const struct xprof_pmu_ops xprof_pmu_intel_v1 = {
    .probe = probe_v1,
    .nmi = handler_v1,
    .describe = describe,
    .save = save,
    .restore = restore,
    .on = on,
    .off = off,
    .in_use = in_use,
    .intact = intact,
    .pmc_number = pmc_number,
    .max_period = MAX_PERIOD,
};

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
