/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Source IPI: the Xen timer of each CPU sends an NMI to the next online CPU.
 *
 * A CPU is sampled whatever it does, interrupts off included, as long as the
 * CPU before it reaches its softirqs.
 */
#include <xen/cpumask.h>
#include <xen/delay.h>
#include <xen/smp.h>
#include <xen/time.h>
#include <asm/apicdef.h>
#include <asm/smp.h>

#include "source.h"

unsigned int xprof_ipi_why(void)
{
    return num_online_cpus() > 1 ? XPROF_WHY_OK : XPROF_WHY_ONE_CPU;
}

/* The evidence comes first, so that the handler finds it. */
static void tick_send(struct xprof_cpu *to)
{
    struct xprof_evidence *e = &to->evidence;

    ACCESS_ONCE(to->records.ring.header->ticks) = ++e->ticks;
    if ( ACCESS_ONCE(e->due) - ACCESS_ONCE(e->taken) < XPROF_MAX_DUE )
        (void)arch_fetch_and_add(&e->due, 1);
    else
        ACCESS_ONCE(to->records.ring.header->coalesced) = ++to->coalesced;
    smp_wmb();

    send_IPI_mask(cpumask_of(to->cpu), APIC_DM_NMI);
}

static void tick_rearm(struct xprof_session *s, struct xprof_cpu *c)
{
    s_time_t now = NOW();

    c->next_tick += s->period;
    if ( c->next_tick <= now )
        c->next_tick = now + s->period;
    set_timer(&c->timer, c->next_tick);
}

static void cf_check tick(void *data)
{
    struct xprof_session *s = xprof_session;
    struct xprof_cpu *c = data;
    unsigned int to;

    /* The CPU went offline and its timers moved: housekeeping restarts it. */
    if ( smp_processor_id() != c->cpu )
        return;

    to = cpumask_cycle(c->cpu, &cpu_online_map);
    if ( to != c->cpu && to < s->nr_cpus && s->cpu[to] )
        tick_send(s->cpu[to]);

    tick_rearm(s, c);
}

/*
 * Each CPU has its own phase: its tick must not come while its neighbour runs
 * its own, or the profile would show little but that.
 */
static void cpu_start(struct xprof_session *s, struct xprof_cpu *c)
{
    c->was_online = true;
    c->next_tick = NOW() + s->period +
                   s->period * (c->cpu % num_online_cpus()) / num_online_cpus();
    init_timer(&c->timer, tick, c, c->cpu);
    set_timer(&c->timer, c->next_tick);
}

void xprof_ipi_start(struct xprof_session *s)
{
    unsigned int cpu;

    for_each_online_cpu ( cpu )
        if ( s->cpu[cpu] )
            cpu_start(s, s->cpu[cpu]);
}

static bool tick_is_pending(const struct xprof_evidence *e)
{
    return ACCESS_ONCE(e->due) != ACCESS_ONCE(e->taken);
}

/* The last tick of each CPU is taken, or will never come, after this. */
void xprof_ipi_stop(struct xprof_session *s)
{
    unsigned int cpu, tries;

    for ( cpu = 0; cpu < s->nr_cpus; cpu++ )
        if ( s->cpu[cpu] && s->cpu[cpu]->was_online )
        {
            kill_timer(&s->cpu[cpu]->timer);
            s->cpu[cpu]->was_online = false;
        }

    for ( tries = 0; tries < 10; tries++ )
    {
        bool pending = false;

        xprof_nmi_barrier();
        for_each_online_cpu ( cpu )
            if ( s->cpu[cpu] && tick_is_pending(&s->cpu[cpu]->evidence) )
                pending = true;
        if ( !pending )
            break;
        udelay(20);
    }
}

void xprof_ipi_check(struct xprof_session *s)
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
            kill_timer(&c->timer);
            c->was_online = false;
        }
        else if ( !c->was_online && cpu_online(cpu) )
            cpu_start(s, c);
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
