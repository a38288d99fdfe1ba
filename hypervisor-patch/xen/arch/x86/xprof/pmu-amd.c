/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AMD and Hygon.
 *
 * Up to and including the first Zens a counter's own value tells whether it
 * has overflowed: it runs from a negative number up, so its top bit clears.
 *   K7:    4 counters, MSRs C001_0000 to 0007
 *   Core:  6 counters, MSRs C001_0200 to 020B, CPUID 8000_0001h:ECX[23]
 * PerfMonV2 (CPUID 8000_0022h:EAX[0]) has them all in one status register and
 * one switch, MSRs C000_0300 to 0303.
 * [AMD64 APM vol. 2, "Performance Monitoring Counters".]
 */
#include <xen/lib.h>
#include <asm/apic.h>
#include <asm/nmi.h>
#include <asm/processor.h>

#include "nmi-pmu.h"

#define GLOBAL_STATUS     0xc0000300u
#define GLOBAL_CONTROL    0xc0000301u
#define GLOBAL_STATUS_CLR 0xc0000302u

#define WIDTH             48
#define TOP_BIT_HIGH      (1u << (WIDTH - 1 - 32)) /* in the upper half */
/* Event [35:32,7:0], unit mask [15:8], edge, invert, counter mask. */
#define SELECT_MASK       0xfff84ffffull

static uint32_t __read_mostly select0 = MSR_K7_EVNTSEL0;
static uint32_t __read_mostly value0 = MSR_K7_PERFCTR0;
static uint32_t __read_mostly step = 1;
static bool __read_mostly global;

static bool is_amd(void)
{
    return boot_cpu_data.x86_vendor & (X86_VENDOR_AMD | X86_VENDOR_HYGON);
}

static bool amd_probe(struct xprof_op_pmu *info)
{
    bool core = cpuid_ecx(0x80000001) & (1u << 23);

    if ( !is_amd() || boot_cpu_data.x86 < 6 )
        return false;

    if ( core )
    {
        select0 = MSR_AMD_FAM15H_EVNTSEL0;
        value0 = MSR_AMD_FAM15H_PERFCTR0;
        step = 2;
    }
    info->kind = core ? XPROF_PMU_CORE : XPROF_PMU_K7;
    info->nr_general = core ? 6 : 4;
    info->width_general = WIDTH;
    info->usable = (1ull << info->nr_general) - 1;
    info->select_mask = SELECT_MASK;

    return true;
}

static bool cf_check probe(struct xprof_op_pmu *info)
{
    return amd_probe(info);
}

static bool cf_check probe_v2(struct xprof_op_pmu *info)
{
    uint64_t control;

    if ( !is_amd() || cpuid_eax(0x80000000) < 0x80000022 ||
         !(cpuid_eax(0x80000022) & 1) || rdmsr_safe(GLOBAL_CONTROL, control) ||
         !amd_probe(info) )
        return false;

    global = true;
    info->kind = XPROF_PMU_V2;
    info->version = 2;
    info->nr_general = min(cpuid_ebx(0x80000022) & 15, XPROF_MAX_GENERAL);
    info->usable = (1ull << info->nr_general) - 1;

    return info->nr_general;
}

static void cf_check describe(unsigned int index,
                              const struct xprof_event *event, bool interrupt,
                              struct xprof_counter *c)
{
    c->index = index;
    c->msr = value0 + index * step;
    c->select_msr = select0 + index * step;
    c->global = 1ull << index;
    c->select = event->select | SEL_ENABLE |
                (event->flags & XPROF_EVENT_USR ? SEL_USR : 0) |
                (event->flags & XPROF_EVENT_OS ? SEL_OS : 0) |
                (interrupt ? SEL_INT : 0);
}

static void cf_check save(struct xprof_saved *saved, uint64_t usable)
{
    unsigned int i;

    if ( global )
        saved->global_control = xprof_msr(GLOBAL_CONTROL);
    for ( i = 0; i < XPROF_MAX_GENERAL; i++ )
        if ( usable & (1ull << i) )
        {
            saved->select[i] = xprof_msr(select0 + i * step);
            xprof_msr_set(select0 + i * step, 0);
            saved->value[i] = xprof_msr(value0 + i * step);
        }
}

static void cf_check restore(const struct xprof_saved *saved, uint64_t usable)
{
    unsigned int i;

    for ( i = 0; i < XPROF_MAX_GENERAL; i++ )
        if ( usable & (1ull << i) )
        {
            xprof_msr_set(value0 + i * step, saved->value[i]);
            xprof_msr_set(select0 + i * step, saved->select[i]);
        }
    if ( global )
    {
        xprof_msr_set(GLOBAL_STATUS_CLR, usable);
        xprof_msr_set(GLOBAL_CONTROL, saved->global_control);
    }
}

static void cf_check on(const struct xprof_pmu_cpu *p)
{
    unsigned int i;

    for ( i = 0; i < p->nr; i++ )
        xprof_msr_set(p->counter[i].select_msr, p->counter[i].select);
    if ( global )
    {
        xprof_msr_set(GLOBAL_STATUS_CLR, p->global);
        xprof_msr_set(GLOBAL_CONTROL, p->control);
    }
}

static void cf_check off(const struct xprof_pmu_cpu *p)
{
    unsigned int i;

    if ( global )
        xprof_msr_set(GLOBAL_CONTROL, p->control);
    for ( i = 0; i < p->nr; i++ )
        xprof_msr_set(p->counter[i].select_msr, 0);
}

static bool cf_check in_use(unsigned int index)
{
    return xprof_msr(select0 + index * step) & SEL_ENABLE;
}

static bool cf_check intact(const struct xprof_pmu_cpu *p)
{
    unsigned int i;

    for ( i = 0; i < p->nr; i++ )
        if ( xprof_msr(p->counter[i].select_msr) != p->counter[i].select )
            return false;

    return !global || (xprof_msr(GLOBAL_CONTROL) & p->global) == p->global;
}

static uint32_t cf_check pmc_number(unsigned int index)
{
    return index;
}

/* Did the watchdog's counter 0 overflow, too? Then Xen must see this NMI. */
static always_inline bool watchdog_overflowed(void)
{
    return unlikely(nmi_watchdog != NMI_NONE) &&
           !xprof_msr_high_bit(value0, TOP_BIT_HIGH);
}

static noinline int slow(const struct cpu_user_regs *regs, struct xprof_cpu *c,
                         unsigned int found)
{
    uint64_t tsc = rdtsc();
    const struct xprof_counter *counter;

    for ( counter = c->pmu->run; counter->msr; counter++ )
        if ( !xprof_msr_high_bit(counter->msr, TOP_BIT_HIGH) )
        {
            xprof_overflow(c, counter, regs, tsc);
            found++;
        }

    return xprof_pmu_end(c, regs, tsc, found, watchdog_overflowed());
}

static xprof_nmi_ret_t cf_check handler(const struct cpu_user_regs *regs,
                                        int cpu)
{
    uint64_t tsc = xprof_now();
    struct xprof_cpu *c = xprof_nmi_cpus[cpu];
    const struct xprof_counter *counter;

    if ( unlikely(!c) )
        return 0;

    for ( counter = c->pmu->run; ; counter++ )
    {
        if ( unlikely(!counter->msr) )
            return slow(regs, c, 0);
        if ( !xprof_msr_high_bit(counter->msr, TOP_BIT_HIGH) )
            break;
    }

    if ( unlikely(!xprof_overflow_usual(c, counter, regs, tsc)) )
        return slow(regs, c, 0);

    while ( (++counter)->msr )
        if ( unlikely(!xprof_msr_high_bit(counter->msr, TOP_BIT_HIGH)) )
            return slow(regs, c, 1);

    return xprof_end_usual(c, tsc);
}

static noinline int slow_v2(const struct cpu_user_regs *regs, struct xprof_cpu *c,
                            uint64_t status)
{
    uint64_t tsc = rdtsc();
    const struct xprof_counter *counter;
    unsigned int found = 0;

    for ( counter = c->pmu->run; counter->msr; counter++ )
        if ( status & counter->global )
        {
            xprof_overflow(c, counter, regs, tsc);
            found++;
        }
    if ( found )
        xprof_msr_set(GLOBAL_STATUS_CLR, status & c->pmu->global);

    return xprof_pmu_end(c, regs, tsc, found, watchdog_overflowed());
}

static xprof_nmi_ret_t cf_check handler_v2(const struct cpu_user_regs *regs,
                                           int cpu)
{
    uint64_t tsc = xprof_now(), status;
    struct xprof_cpu *c = xprof_nmi_cpus[cpu];
    const struct xprof_counter *counter;

    if ( unlikely(!c) )
        return 0;

    status = xprof_msr(GLOBAL_STATUS) & c->pmu->global;
    if ( unlikely(!status) || unlikely(status & (status - 1)) )
        return slow_v2(regs, c, status);

    for ( counter = c->pmu->run; counter->msr; counter++ )
        if ( counter->global == status )
            break;
    if ( unlikely(!counter->msr) || unlikely(!xprof_overflow_usual(c, counter, regs, tsc)) )
        return slow_v2(regs, c, status);
    xprof_msr_set(GLOBAL_STATUS_CLR, status);

    return xprof_end_usual(c, tsc);
}

const struct xprof_pmu_ops xprof_pmu_amd = {
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
    .max_period = 1ull << (WIDTH - 2),
};

const struct xprof_pmu_ops xprof_pmu_amd_v2 = {
    .probe = probe_v2,
    .nmi = handler_v2,
    .describe = describe,
    .save = save,
    .restore = restore,
    .on = on,
    .off = off,
    .in_use = in_use,
    .intact = intact,
    .pmc_number = pmc_number,
    .max_period = 1ull << (WIDTH - 2),
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
