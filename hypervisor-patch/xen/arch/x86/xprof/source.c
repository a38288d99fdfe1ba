/* SPDX-License-Identifier: GPL-2.0-only */
/* Which source a session has, and what is to be said about both. */
#include <xen/lib.h>
#include <xen/smp.h>
#include <xen/virtual_region.h>
#include <asm/apic.h>
#include <asm/vpmu.h>

#include "compat.h"
#include "nmi.h"
#include "pmu.h"
#include "source.h"
#include "sysctl.h"

#define applied_list XPROF_STATIC(applied_list)
#define opt_nmi      XPROF_STATIC(opt_nmi)

static bool nmi_is_fatal(void)
{
    return opt_nmi[0] != 'd' && opt_nmi[0] != 'i';
}

int xprof_source_why(unsigned int source)
{
    unsigned int why;

    switch ( source )
    {
    case XPROF_SOURCE_IPI:
        why = xprof_ipi_why();
        break;

    case XPROF_SOURCE_HPET:
        why = xprof_hpet_why();
        break;

    case XPROF_SOURCE_PMU:
        why = xprof_pmu_why();
        break;

    default:
        return XPROF_WHY_NO_HPET;
    }

    return why == XPROF_WHY_OK && nmi_is_fatal() ? XPROF_WHY_NMI_FATAL : why;
}

void xprof_source_limit(struct xprof_session *s)
{
    s_time_t least;

    if ( s->source == XPROF_SOURCE_PMU )
        return;

    least = s->source == XPROF_SOURCE_HPET ? XPROF_HPET_MIN_PERIOD
                                          : XPROF_IPI_MIN_PERIOD;
    s->period = min(max(s->period, least), XPROF_MAX_PERIOD);
    if ( s->source == XPROF_SOURCE_HPET )
        xprof_hpet_round(s);
    s->period_tsc = (uint64_t)s->period * cpu_khz / 1000000;
}

int xprof_source_start(struct xprof_session *s)
{
    /* CPUs may have come or gone since the session was opened. */
    if ( xprof_source_why(s->source) != XPROF_WHY_OK &&
         xprof_source_why(s->source) != XPROF_WHY_NMI_FATAL )
        return -EOPNOTSUPP;

    if ( s->source == XPROF_SOURCE_PMU )
        xprof_pmu_start(s);
    else if ( s->source == XPROF_SOURCE_HPET )
        xprof_hpet_start(s);
    else
        xprof_ipi_start(s);

    return 0;
}

void xprof_source_stop(struct xprof_session *s)
{
    if ( s->source == XPROF_SOURCE_PMU )
        xprof_pmu_stop(s);
    else if ( s->source == XPROF_SOURCE_HPET )
        xprof_hpet_stop();
    else
        xprof_ipi_stop(s);
}

/* CPUs come or go: the HPET's broadcast must stop, the neighbours take over. */
static void hpet_give_up(struct xprof_session *s)
{
    unsigned int cpu;

    xprof_hpet_stop();
    for ( cpu = 0; cpu < s->nr_cpus; cpu++ )
        if ( s->cpu[cpu] )
        {
            xprof_mark_gap(s->cpu[cpu], XPROF_GAP_SOURCE);
            s->cpu[cpu]->was_online = false;
            s->cpu[cpu]->evidence.taken = s->cpu[cpu]->evidence.due;
        }
    s->period = max(s->period, (s_time_t)XPROF_IPI_MIN_PERIOD);
    s->source = XPROF_SOURCE_IPI;
}

/* Housekeeping does the same when it sees a CPU gone: not both at once. */
void xprof_source_before_hotplug(void)
{
    struct xprof_session *s = xprof_session;

    if ( !s || s->state != XPROF_STATE_RUNNING )
        return;

    xprof_housekeeping_stop(s);
    if ( s->source == XPROF_SOURCE_PMU )
        xprof_pmu_before_hotplug(s);
    else if ( s->source == XPROF_SOURCE_HPET )
    {
        hpet_give_up(s);
        xprof_ipi_start(s);
    }
    xprof_housekeeping_start(s);
}

void xprof_source_check(struct xprof_session *s)
{
    if ( s->source == XPROF_SOURCE_HPET &&
         !cpumask_equal(&cpu_present_map, &cpu_online_map) )
        hpet_give_up(s);

    if ( s->source == XPROF_SOURCE_PMU )
        xprof_pmu_check(s);
    else if ( s->source == XPROF_SOURCE_HPET )
        xprof_hpet_anchor(s);
    else
        xprof_ipi_check(s);
}

const void *xprof_livepatch_mark(void)
{
#ifdef CONFIG_LIVEPATCH
    return ACCESS_ONCE(applied_list.prev);
#else
    return NULL;
#endif
}

static void cf_check nothing(void *unused)
{
}

void xprof_nmi_barrier(void)
{
    on_selected_cpus(&cpu_online_map, nothing, NULL, 1);
}

/* Where the code lies when a live patch brought it. */
static void own_text(struct xprof_op_info *info)
{
#ifdef XPROF_LIVEPATCH
    const struct virtual_region *region =
        find_text_region((unsigned long)xprof_nmi_timer);

    if ( region )
    {
        info->text = (unsigned long)region->text_start;
        info->text_size = region->text_end - region->text_start;
    }
#endif
}

void xprof_arch_info(struct xprof_op_info *info)
{
    unsigned int i;

    for ( i = XPROF_SOURCE_IPI; i <= XPROF_SOURCE_PMU; i++ )
    {
        info->why[i] = xprof_source_why(i);
        if ( info->why[i] == XPROF_WHY_OK )
            info->sources |= XPROF_SOURCE_BIT(i);
    }
    info->max_hz = info->sources & XPROF_SOURCE_BIT(XPROF_SOURCE_HPET)
                   ? SECONDS(1) / XPROF_HPET_MIN_PERIOD
                   : SECONDS(1) / XPROF_IPI_MIN_PERIOD;
    info->tsc_khz = cpu_khz;
    info->watchdog = nmi_watchdog != NMI_NONE;
    info->vpmu = vpmu_mode;
    info->owner = xprof_callback_owner();
    info->features = (xprof_stacks_can() ? XPROF_FEATURE_STACKS : 0) |
                     (xprof_sees_switches() ? XPROF_FEATURE_SWITCH : 0);
    own_text(info);
    info->tsc = rdtsc();
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
