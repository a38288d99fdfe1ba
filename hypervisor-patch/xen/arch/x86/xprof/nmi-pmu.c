/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the handlers of counters do when a case is not the usual one.  Context:
 * NMI, unless it is said; see nmi.h.
 */
#include <xen/lib.h>
#include <asm/apic.h>

#include "nmi-pmu.h"

/*
 * Each period is the mean, an eighth less or more at most: a power of two of
 * values, so that the handler needs no division.
 */
void xprof_rate_set(struct xprof_rate *rate, uint64_t period, bool even)
{
    uint64_t span = even ? 0 : (1ull << min(fls64(period / 4) - 1, 32)) - 1;

    rate->period = rate->wanted = period;
    rate->span = span;
    rate->base = ((1ull << xprof_pmu_layout.width_general) - 1) &
                 -(period + span / 2);
}

/* The wanted period is its period from now on. Context: NMI, or counters off. */
void xprof_rate_adopt(struct xprof_cpu *c, unsigned int event)
{
    struct xprof_rate *rate = &c->pmu->rate[event];
    bool others = false;
    unsigned int i;

    if ( !rate->changed )
        return;
    rate->changed = false;
    for ( i = 0; i < XPROF_MAX_EVENTS; i++ )
        others |= c->pmu->rate[i].changed;
    if ( !others )
        c->records.unusual &= ~XPROF_UNUSUAL_RATE;

    xprof_rate_set(rate, rate->wanted,
                   xprof_session->event[event].flags & XPROF_EVENT_EVEN);
    c->records.period[event] = rate->period;
    c->records.period_reason[event] = rate->reason;
    c->records.period_events |= 1u << event;
}

static void dense_begin(struct xprof_cpu *c, uint64_t tsc)
{
    unsigned int event;

    c->pmu->dense = 0;
    c->pmu->dense_since = tsc;
    for ( event = 0; event < XPROF_MAX_EVENTS; event++ )
        c->pmu->dense_seen[event] = c->records.produced[event];
}

/* Since dense_begin(). */
static unsigned int most_frequent(const struct xprof_cpu *c)
{
    unsigned int event, most = 0;
    uint64_t samples, best = 0;

    for ( event = 0; event < XPROF_MAX_EVENTS; event++ )
    {
        samples = c->records.produced[event] - c->pmu->dense_seen[event];
        if ( samples > best )
        {
            best = samples;
            most = event;
        }
    }

    return most;
}

/*
 * An event with a frequency whose period had followed a slow time (an idle
 * CPU): what it would have had to be.
 */
static uint64_t period_by_rate(const struct xprof_cpu *c, unsigned int event,
                               uint64_t tsc)
{
    const struct xprof_rate *rate = &c->pmu->rate[event];
    uint64_t samples = c->records.produced[event] - c->pmu->dense_seen[event];
    uint64_t ticks = max(tsc - c->pmu->dense_since, (uint64_t)1);

    return samples * rate->period *
           ((uint64_t)cpu_khz * 1000 / xprof_session->event[event].period) /
           ticks;
}

/*
 * The CPU spent less than three handlers' time on anything else since the NMI
 * before.  If that goes on its timers may never run again: the period of what
 * overflows is raised here, from its next sample on.
 */
int xprof_pmu_dense(struct xprof_cpu *c, uint64_t tsc)
{
    struct xprof_pmu_cpu *p = c->pmu;
    struct xprof_rate *rate;
    unsigned int event;
    uint64_t wanted;

    if ( tsc - p->dense_since > 2 * XPROF_DENSE * c->dense_gap )
        dense_begin(c, tsc);
    if ( ++p->dense < XPROF_DENSE )
        return 1;

    event = most_frequent(c);
    rate = &p->rate[event];
    wanted = rate->period * 2;
    rate->reason = XPROF_PERIOD_THROTTLE;
    if ( xprof_session->event[event].flags & XPROF_EVENT_RATE )
    {
        wanted = max(wanted, period_by_rate(c, event, tsc));
        rate->reason = XPROF_PERIOD_RATE;
    }
    else
        rate->throttled++;
    dense_begin(c, tsc);
    rate->wanted = min(wanted, xprof_pmu->max_period);
    rate->changed = true;
    c->records.unusual |= XPROF_UNUSUAL_RATE;

    return 1;
}

void xprof_overflow(struct xprof_cpu *c, const struct xprof_counter *counter,
                    const struct cpu_user_regs *regs, uint64_t tsc)
{
    xprof_take(c, counter->what.event, regs, tsc);
    xprof_rate_adopt(c, counter->what.event);
    xprof_msr_set(counter->msr, xprof_next_period(counter->rate));
}

/*
 * Intel's LVTPC is masked by each NMI that it delivers.  This one came of an
 * overflow that is not to be seen any more, so no handler has unmasked it.
 */
static void unmask_lvtpc(const struct xprof_pmu_cpu *p)
{
    if ( p->on )
        apic_write(APIC_LVTPC, APIC_DM_NMI);
    else if ( apic_read(APIC_LVTPC) == (p->saved.lvtpc | APIC_LVT_MASKED) )
        apic_write(APIC_LVTPC, p->saved.lvtpc);
}

/* One NMI, not one for each reason to expect it. */
static bool take_owed(struct xprof_pmu_cpu *p, uint64_t ip, uint64_t tsc)
{
    if ( tsc >= p->owed_until &&
         (tsc >= p->behind_until || ip != p->behind_ip) )
        return false;

    p->owed_until = p->behind_until = 0;

    return true;
}

int xprof_pmu_end(struct xprof_cpu *c, const struct cpu_user_regs *regs,
                  uint64_t tsc, unsigned int found, bool foreign)
{
    struct xprof_pmu_cpu *p = c->pmu;
    bool ours;

    if ( found > 1 )
    {
        /* The second overflow's NMI may be latched behind this one. */
        uint64_t now = rdtsc();

        p->owed_until = now + XPROF_OWED_TICKS;
        p->behind_until = now + XPROF_BEHIND_TICKS;
        p->behind_ip = regs->rip;
    }

    if ( found )
    {
        xprof_end_usual(c, tsc);
        return !foreign;
    }

    ours = !foreign && take_owed(p, regs->rip, tsc);
    if ( ours )
    {
        unmask_lvtpc(p);
        ACCESS_ONCE(c->last_tsc) = tsc;
        c->nmis++;
    }
    else
        c->passed++;
    xprof_account(c, tsc);

    return ours;
}

const struct xprof_counter xprof_no_counter;

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
