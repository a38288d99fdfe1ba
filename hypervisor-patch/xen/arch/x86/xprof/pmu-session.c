/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters in a session: set up on every CPU at its start, given back at its
 * end, watched by a timer on each CPU.  Context: process, unless stated.
 */
#include <xen/cpumask.h>
#include <xen/delay.h>
#include <xen/smp.h>
#include <xen/time.h>
#include <xen/xmalloc.h>
#include <xen/spinlock.h>
#include <asm/vpmu.h>

#include "pmu.h"
#include "source.h"

#define TICK MILLISECS(10)

int xprof_pmu_cpu_create(struct xprof_session *s, struct xprof_cpu *c)
{
    if ( s->source != XPROF_SOURCE_PMU )
        return 0;

    c->pmu = xzalloc(struct xprof_pmu_cpu);
    if ( c->pmu )
        c->pmu->run = &xprof_no_counter;
    if ( c->pmu && (s->flags & XPROF_OPEN_COUNT) )
        c->pmu->rows = xprof_rows_create(c->cpu);

    return c->pmu && (c->pmu->rows || !(s->flags & XPROF_OPEN_COUNT))
           ? 0 : -ENOMEM;
}

void xprof_pmu_cpu_free(struct xprof_cpu *c)
{
    if ( c->pmu )
        xprof_rows_free(c->pmu->rows);
    xfree(c->pmu);
    c->pmu = NULL;
}

/* Softirq: the counters' housekeeping, and the way by which a CPU that came online gets them. */
static void cf_check tick(void *data)
{
    struct xprof_session *s = xprof_session;
    struct xprof_cpu *c = data;
    unsigned long flags;

    /* The CPU went offline and its timers moved. */
    if ( smp_processor_id() != c->cpu )
        return;

    local_irq_save(flags);
    if ( vpmu_mode != XENPMU_MODE_OFF )
    {
        if ( c->pmu->on )
            xprof_mark_gap(c, XPROF_GAP_VPMU);
        xprof_pmu_cpu_stop(s, c); /* guests have them from now on */
    }
    else
    {
        xprof_pmu_cpu_start(s, c);
        xprof_pmu_cpu_tick(s, c);
    }
    local_irq_restore(flags);

    set_timer(&c->timer, NOW() + TICK);
}

static void timer_begin(struct xprof_cpu *c)
{
    c->was_online = c->ticking = true;
    init_timer(&c->timer, tick, c, c->cpu);
    set_timer(&c->timer, NOW() + TICK * (c->cpu + 1) / nr_cpu_ids);
}

static void timer_end(struct xprof_cpu *c)
{
    if ( c->ticking )
        kill_timer(&c->timer);
    c->ticking = false;
}

static void timers_end(struct xprof_session *s)
{
    unsigned int cpu;

    for ( cpu = 0; cpu < s->nr_cpus; cpu++ )
        if ( s->cpu[cpu] )
            timer_end(s->cpu[cpu]);
}

static void cf_check start_here(void *data)
{
    struct xprof_session *s = data;

    xprof_pmu_cpu_start(s, s->cpu[smp_processor_id()]);
}

static void cf_check stop_here(void *data)
{
    struct xprof_session *s = data;
    unsigned int cpu = smp_processor_id();

    if ( cpu < s->nr_cpus && s->cpu[cpu] )
        xprof_pmu_cpu_stop(s, s->cpu[cpu]);
}

void xprof_pmu_start(struct xprof_session *s)
{
    unsigned int cpu;

    xprof_pmu_reserve();
    if ( (s->flags & XPROF_OPEN_COUNT) || s->nr_domains )
        xprof_switch_watch(s);
    on_selected_cpus(&cpu_online_map, start_here, s, 1);
    for_each_online_cpu ( cpu )
        timer_begin(s->cpu[cpu]);
}

/* Nothing of a counter is on its way when this returns. Also softirq, on a CPU that is not in an IPI. */
void xprof_pmu_stop(struct xprof_session *s)
{
    timers_end(s);
    on_selected_cpus(&cpu_online_map, stop_here, s, 1);
    xprof_switch_watch(NULL);
    udelay(20); /* an overflow of the last moment becomes an NMI */
    xprof_nmi_barrier();
    xprof_pmu_release();
}

/*
 * CPUs are about to come or go: all give their counters back, those that stay
 * take them again at the next check, which finds the others gone.
 */
void xprof_pmu_before_hotplug(struct xprof_session *s)
{
    timers_end(s);
    on_selected_cpus(&cpu_online_map, stop_here, s, 1);
}

void xprof_pmu_check(struct xprof_session *s)
{
    unsigned int cpu;

    for ( cpu = 0; cpu < s->nr_cpus; cpu++ )
    {
        struct xprof_cpu *c = s->cpu[cpu];

        if ( !c )
            continue;
        if ( c->was_online && !cpu_online(cpu) )
        {
            xprof_mark_gap(c, XPROF_GAP_OFFLINE);
            timer_end(c);
            c->was_online = false;
            c->pmu->on = false; /* its registers went with it */
            c->pmu->nr = 0;
            c->pmu->global = 0;
            c->pmu->run = &xprof_no_counter;
        }
        else if ( !c->ticking && cpu_online(cpu) )
            timer_begin(c);
    }
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
