/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which events have which counters of a CPU, and whether the handler sees
 * them.  Context: as of pmu-cpu.c.
 */
#include <xen/lib.h>

#include "nmi-pmu.h"

void xprof_counters_publish(struct xprof_pmu_cpu *p)
{
    barrier();
    ACCESS_ONCE(p->run) = p->counter;
}

void xprof_counters_hide(struct xprof_pmu_cpu *p)
{
    ACCESS_ONCE(p->run) = &xprof_no_counter;
    barrier();
}

static void counter_add(struct xprof_session *s, struct xprof_pmu_cpu *p,
                        unsigned int event, unsigned int index)
{
    struct xprof_counter *counter = &p->counter[p->nr];

    xprof_pmu->describe(index, &s->event[event],
                        !(s->flags & XPROF_OPEN_COUNT), counter);
    counter->what = (struct xprof_what)XPROF_WHAT(event);
    counter->rate = &p->rate[event];
    p->global |= counter->global;
    p->nr++;
}

/* Who has which counter, while they are being given out. */
struct deal {
    uint64_t free, tried;
    uint8_t event[XPROF_FIXED + XPROF_MAX_FIXED]; /* of a counter that is not free */
    uint8_t counter[XPROF_MAX_EVENTS];            /* of an event; NONE */
};
#define NONE 0xff

/*
 * Gives the event a counter: the first of the free ones that can count it, a
 * fixed one rather than a general one; else one whose event can be moved to
 * another.  None is tried twice, and each event on the way has one, so this
 * goes no deeper than there are events.
 */
static bool give_counter(const struct xprof_session *s, struct deal *d,
                         unsigned int event)
{
    uint64_t can = s->event[event].counters & d->free;
    unsigned int index;

    if ( can )
    {
        index = fls64(can) - 1;
        d->free &= ~(1ull << index);
    }
    else
        do {
            can = s->event[event].counters & ~d->tried;
            if ( !can )
                return false;
            index = fls64(can) - 1;
            d->tried |= 1ull << index;
        } while ( !give_counter(s, d, d->event[index]) );

    d->event[index] = event;
    d->counter[event] = index;

    return true;
}

void xprof_counters_assign(struct xprof_session *s, struct xprof_pmu_cpu *p)
{
    struct deal d = { .free = p->saved.usable };
    unsigned int i;

    xprof_counters_hide(p);
    memset(p->counter, 0, sizeof(p->counter));
    memset(d.counter, NONE, sizeof(d.counter));
    p->nr = 0;
    p->global = 0;
    for ( i = 0; i < s->nr_events; i++ )
    {
        d.tried = ~p->saved.usable;
        give_counter(s, &d, (p->first + i) % s->nr_events);
    }
    for ( i = 0; i < s->nr_events; i++ )
    {
        unsigned int event = (p->first + i) % s->nr_events;

        if ( d.counter[event] != NONE )
            counter_add(s, p, event, d.counter[event]);
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
