/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The counters of one CPU: set up, watched, given back.  All functions run on
 * that CPU, in softirq context or in an IPI with interrupts off, unless they
 * say otherwise; the handler may come in between at any point.
 */
#include <xen/lib.h>
#include <xen/time.h>
#include <asm/apic.h>
#include <asm/io.h>
#include <asm/nmi.h>
#include <xen/spinlock.h>
#include <asm/vpmu.h>

#include "nmi-pmu.h"

#define LOOK_AT_RATES   10u  /* ticks of housekeeping from one to the next */
#define LOOK_AT_PORT_61 10u
#define SYSTEM_ERRORS   0xc0 /* of port 61h: SERR, IOCHK */

static uint64_t value_mask(const struct xprof_counter *counter)
{
    unsigned int width = counter->index < XPROF_FIXED
                         ? xprof_pmu_layout.width_general
                         : xprof_pmu_layout.width_fixed;

    return (1ull << width) - 1;
}

static uint64_t top_bit(const struct xprof_counter *counter)
{
    uint64_t mask = value_mask(counter);

    return mask & ~(mask >> 1);
}

static uint64_t first_value(struct xprof_session *s, struct xprof_pmu_cpu *p,
                            const struct xprof_counter *counter)
{
    struct xprof_rate *rate = &p->rate[counter->what.event];
    uint64_t left = rate->left;

    if ( s->flags & XPROF_OPEN_COUNT )
        return 0;

    rate->left = 0;

    return left ? value_mask(counter) & -left : xprof_next_period(rate);
}

static void counters_on(struct xprof_session *s, struct xprof_pmu_cpu *p)
{
    unsigned int i;

    for ( i = 0; i < p->nr; i++ )
    {
        struct xprof_counter *counter = &p->counter[i];
        uint64_t value = first_value(s, p, counter);

        p->rate[counter->what.event].seen_value = value;
        xprof_msr_set(counter->msr, value);
    }
    xprof_counters_publish(p);
    p->since_tsc = rdtsc();
    p->stuck = 0;
    p->control = p->saved.global_control | p->global;
    xprof_pmu->on(p);
}

static void account_time(struct xprof_pmu_cpu *p)
{
    uint64_t now = rdtsc();
    unsigned int i;

    if ( !p->since_tsc )
        return;

    p->active += now - p->since_tsc;
    for ( i = 0; i < p->nr; i++ )
        p->rate[p->counter[i].what.event].running += now - p->since_tsc;
    p->since_tsc = now;
}

/*
 * Adds what came since the counter was looked at last.  It runs up to its
 * overflow, so that is: where it is now, less where it was, and all periods
 * that it was given in between (by their mean).
 */
static void count_events(struct xprof_cpu *c, const struct xprof_counter *counter)
{
    struct xprof_rate *rate = &c->pmu->rate[counter->what.event];
    uint64_t samples = c->records.produced[counter->what.event];
    uint64_t value = xprof_msr(counter->msr);
    int64_t events;

    if ( !(value & top_bit(counter)) )
        value += value_mask(counter) + 1;
    events = (samples - rate->seen_samples) * rate->period +
             value - rate->seen_value;
    rate->events += max(events, (int64_t)0);
    rate->seen_samples = samples;
    rate->seen_value = value;
}

/* What is left of the present period is kept; an overflow in the last moment is the handler's. */
static void counters_off(struct xprof_session *s, struct xprof_cpu *c)
{
    struct xprof_pmu_cpu *p = c->pmu;
    unsigned int i;

    account_time(p);
    p->since_tsc = 0;
    p->owed_until = rdtsc() + XPROF_OWED_TICKS;
    p->control = p->saved.global_control & ~p->global;
    xprof_pmu->off(p);

    for ( i = 0; i < p->nr; i++ )
    {
        struct xprof_counter *counter = &p->counter[i];
        uint64_t value = xprof_msr(counter->msr);

        count_events(c, counter);
        p->rate[counter->what.event].left =
            value & top_bit(counter) ? value_mask(counter) & -value : 0;
    }
}

/* ---- Start, stop, pause -------------------------------------------------*/

static void rates_init(struct xprof_session *s, struct xprof_cpu *c)
{
    struct xprof_pmu_cpu *p = c->pmu;
    unsigned int i;

    for ( i = 0; i < s->nr_events; i++ )
    {
        const struct xprof_event *event = &s->event[i];
        uint64_t period = event->period;

        p->rate[i].random = (event->seed ?: rdtsc()) * (2 * c->cpu + 1ull) + i;
        if ( event->flags & XPROF_EVENT_RATE )
            /* As if it came with each cycle; the first look at its rate corrects that. */
            period = max((uint64_t)cpu_khz * 1000 / event->period,
                         (uint64_t)XPROF_LEAST_PERIOD);
        if ( !period || p->rate[i].period )
            continue;
        xprof_rate_set(&p->rate[i], period, event->flags & XPROF_EVENT_EVEN);
        if ( event->flags & XPROF_EVENT_RATE )
        {
            /* The first sample is to be worth this, not a frequency. */
            c->records.period[i] = period;
            c->records.period_reason[i] = XPROF_PERIOD_RATE;
            c->records.period_events |= 1u << i;
        }
    }
}

/* A counter that somebody has enabled is somebody's. */
static uint64_t not_in_use(uint64_t counters)
{
    unsigned int i;

    for ( i = 0; i < XPROF_FIXED + XPROF_MAX_FIXED; i++ )
        if ( (counters & (1ull << i)) && xprof_pmu->in_use(i) )
            counters &= ~(1ull << i);

    return counters;
}

static uint64_t all_counters(const struct xprof_session *s)
{
    uint64_t all = 0;
    unsigned int i;

    for ( i = 0; i < s->nr_events; i++ )
        all |= s->event[i].counters;

    return all;
}

void xprof_pmu_cpu_start(struct xprof_session *s, struct xprof_cpu *c)
{
    struct xprof_pmu_cpu *p = c->pmu;

    if ( p->on )
        return;

    rates_init(s, c);
    c->dense_gap = cpu_khz / 100; /* 10 us, until a handler has been measured */
    c->records.unusual = nmi_watchdog != NMI_NONE ? XPROF_UNUSUAL_WATCHDOG : 0;
    p->saved.usable = not_in_use(all_counters(s));
    p->saved.lvtpc = apic_read(APIC_LVTPC);
    xprof_pmu->save(&p->saved, p->saved.usable);
    p->first = 0;
    p->on = true;
    p->paused = !xprof_domain_wanted(s, current->domain->domain_id);
    ACCESS_ONCE(c->last_tsc) = rdtsc();

    apic_write(APIC_LVTPC, APIC_DM_NMI);
    xprof_counters_assign(s, p);
    if ( !p->paused )
        counters_on(s, p);
    if ( p->rows )
        xprof_rows_begin(c);
}

void xprof_pmu_cpu_stop(struct xprof_session *s, struct xprof_cpu *c)
{
    struct xprof_pmu_cpu *p = c->pmu;

    if ( !p->on )
        return;

    if ( p->rows )
        xprof_rows_charge(s, c);
    if ( p->since_tsc )
        counters_off(s, c);
    p->on = false;
    xprof_counters_hide(p);
    p->nr = 0;
    p->global = 0; /* an NMI that is late finds nothing to stop, restart or set anew */
    barrier();
    xprof_pmu->restore(&p->saved, p->saved.usable);
    apic_write(APIC_LVTPC, p->saved.lvtpc);
}

void xprof_pmu_cpu_pause(struct xprof_session *s, struct xprof_cpu *c,
                         bool pause)
{
    struct xprof_pmu_cpu *p = c->pmu;

    if ( p->paused == pause )
        return;
    p->paused = pause;
    if ( pause && p->since_tsc )
        counters_off(s, c);
    else if ( !pause )
    {
        counters_on(s, p);
        if ( p->rows )
            xprof_rows_begin(c); /* counters began from 0 */
    }
}

/* ---- Housekeeping -------------------------------------------------------*/

static void start_over(struct xprof_session *s, struct xprof_cpu *c,
                       unsigned int reason)
{
    struct xprof_pmu_cpu *p = c->pmu;
    unsigned int i;

    xprof_mark_gap(c, reason);
    p->rearmed++;
    account_time(p);
    if ( p->rows )
        xprof_rows_miss(c);
    p->owed_until = rdtsc() + XPROF_OWED_TICKS;
    p->control = p->saved.global_control & ~p->global;
    xprof_pmu->off(p);
    for ( i = 0; i < p->nr; i++ )
        p->rate[p->counter[i].what.event].left = 0;
    apic_write(APIC_LVTPC, APIC_DM_NMI);
    counters_on(s, p);
    if ( p->rows )
        xprof_rows_begin(c);
}

/* Beyond the longest period, or still overflown a tick later: no NMI comes of it any more. */
static bool counter_is_lost(struct xprof_pmu_cpu *p, unsigned int i)
{
    const struct xprof_counter *counter = &p->counter[i];
    const struct xprof_rate *rate = &p->rate[counter->what.event];
    uint64_t value = xprof_msr(counter->msr), bit = 1ull << i;

    if ( value & top_bit(counter) )
    {
        p->stuck &= ~bit;
        /* "left" may be of a longer period than the present one. */
        return (value_mask(counter) & -value) >
               4 * max(rate->period, rate->wanted);
    }

    if ( p->stuck & bit )
        return true;
    p->stuck |= bit;

    return false;
}

static void look_for_changes(struct xprof_session *s, struct xprof_cpu *c)
{
    struct xprof_pmu_cpu *p = c->pmu;
    unsigned int i;

    if ( (apic_read(APIC_LVTPC) & (APIC_LVT_MASKED | APIC_MODE_MASK)) !=
         APIC_DM_NMI || !xprof_pmu->intact(p) )
    {
        start_over(s, c, XPROF_GAP_COUNTERS);
        return;
    }

    for ( i = 0; !(s->flags & XPROF_OPEN_COUNT) && i < p->nr; i++ )
        if ( counter_is_lost(p, i) )
        {
            start_over(s, c, XPROF_GAP_OVERFLOW);
            return;
        }
}

/* The next events get the counters. */
static void rotate(struct xprof_session *s, struct xprof_cpu *c)
{
    struct xprof_pmu_cpu *p = c->pmu;

    if ( p->nr == s->nr_events )
        return;

    if ( p->rows )
        xprof_rows_charge(s, c);
    counters_off(s, c);
    /* One on, not as many as have counters now: that could go round among a few of them for ever. */
    p->first = (p->first + 1) % s->nr_events;
    xprof_counters_assign(s, p);
    counters_on(s, p);
    if ( p->rows )
        xprof_rows_begin(c);
}

/* The period that gives the event's frequency at the rate at which it has come lately; 0: not known. */
static uint64_t period_wanted(const struct xprof_event *event,
                              struct xprof_rate *rate)
{
    uint64_t ticks = rate->running - rate->seen_running, wanted;

    if ( !ticks )
        return 0;

    wanted = rate->events * ((uint64_t)cpu_khz * 1000 / event->period) / ticks;
    rate->events = 0;
    rate->seen_running = rate->running;
    wanted = max(wanted, max(rate->period / 4, (uint64_t)XPROF_LEAST_PERIOD));

    return min(wanted, min(rate->period * 4, xprof_pmu->max_period));
}

static bool differs(uint64_t a, uint64_t b)
{
    return a * 8 < b * 7 || b * 8 < a * 7;
}

/* Events whose period is far too long get the new one now, the others from their next sample on. */
static void shorten(struct xprof_session *s, struct xprof_cpu *c)
{
    struct xprof_pmu_cpu *p = c->pmu;
    unsigned int i;

    counters_off(s, c);
    for ( i = 0; i < p->nr; i++ )
    {
        struct xprof_rate *rate = &p->rate[p->counter[i].what.event];

        if ( rate->wanted >= rate->period / 2 )
            continue;
        xprof_rate_adopt(c, p->counter[i].what.event);
        rate->left = min(rate->left, rate->wanted);
    }
    counters_on(s, p);
}

static void follow_rates(struct xprof_session *s, struct xprof_cpu *c)
{
    struct xprof_pmu_cpu *p = c->pmu;
    bool far = false;
    unsigned int i;

    account_time(p);
    for ( i = 0; i < p->nr; i++ )
    {
        const struct xprof_counter *counter = &p->counter[i];
        const struct xprof_event *event = &s->event[counter->what.event];
        struct xprof_rate *rate = &p->rate[counter->what.event];
        uint64_t wanted;

        if ( !(event->flags & XPROF_EVENT_RATE) )
            continue;
        count_events(c, counter);
        wanted = period_wanted(event, rate);
        if ( !wanted || !differs(wanted, rate->period) )
            continue;
        rate->wanted = wanted;
        rate->reason = XPROF_PERIOD_RATE;
        barrier();
        ACCESS_ONCE(rate->changed) = true;
        ACCESS_ONCE(c->records.unusual) |= XPROF_UNUSUAL_RATE;
        far |= wanted < rate->period / 2;
    }
    if ( far )
        shorten(s, c);
}

/* An NMI of the chipset that merged with one of ours would never be seen: it is sent again, as nobody's. */
static void look_at_port_61(struct xprof_cpu *c)
{
    struct xprof_pmu_cpu *p = c->pmu;

    if ( c->cpu != nmi_cpu || p->ticks % LOOK_AT_PORT_61 )
        return;

    if ( (inb(0x61) & SYSTEM_ERRORS) && p->passed_seen == c->passed )
    {
        p->owed_until = p->behind_until = 0;
        self_nmi();
    }
    p->passed_seen = c->passed;
}

/* How long a handler takes: the least mean of a tick, as an SMI or a hypervisor below may stretch any. */
static void measure_handler(struct xprof_cpu *c)
{
    struct xprof_pmu_cpu *p = c->pmu;
    uint64_t nmis = c->nmis - p->handler_nmis;
    uint64_t ticks = c->handler_ticks - p->handler_ticks;

    if ( nmis < 4 )
        return;

    if ( !p->handler_least || ticks / nmis < p->handler_least )
        p->handler_least = ticks / nmis;
    ACCESS_ONCE(c->dense_gap) = 4 * p->handler_least;
    p->handler_nmis = c->nmis;
    p->handler_ticks = c->handler_ticks;
}

void xprof_pmu_cpu_tick(struct xprof_session *s, struct xprof_cpu *c)
{
    struct xprof_pmu_cpu *p = c->pmu;

    p->ticks++;
    measure_handler(c);
    if ( p->since_tsc )
    {
        look_for_changes(s, c);
        if ( p->ticks < LOOK_AT_RATES || !(p->ticks % LOOK_AT_RATES) )
            follow_rates(s, c);
        account_time(p);
        rotate(s, c);
    }
    look_at_port_61(c);
}

void xprof_pmu_publish(const struct xprof_session *s, struct xprof_cpu *c)
{
    struct xprof_ring_header *h = c->records.ring.header;
    unsigned int event;

    ACCESS_ONCE(h->active) = c->pmu->active;
    ACCESS_ONCE(h->rearmed) = c->pmu->rearmed;
    for ( event = 0; event < s->nr_events; event++ )
    {
        ACCESS_ONCE(h->running[event]) = c->pmu->rate[event].running;
        ACCESS_ONCE(h->period[event]) = c->pmu->rate[event].period;
        ACCESS_ONCE(h->throttled[event]) = c->pmu->rate[event].throttled;
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
