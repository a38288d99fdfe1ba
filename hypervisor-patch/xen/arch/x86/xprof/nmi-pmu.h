/* SPDX-License-Identifier: GPL-2.0-only */
/* What the handlers of counters share. Context: NMI; see nmi.h. */
#ifndef XPROF_NMI_PMU_H
#define XPROF_NMI_PMU_H

#include "nmi.h"
#include "pmu.h"

/*
 * For so long after a handler that dealt with several overflows, or after
 * counters were stopped, an NMI without an overflow may still be on its way.
 */
#define XPROF_OWED_TICKS (1u << 20)
/* So many NMIs in a row, each with less than three times its handler's time before it. */
#define XPROF_DENSE      64u

/* pmu-cpu.c */
void xprof_pmu_adopt(struct xprof_cpu *c, struct xprof_pmu_cpu *p,
                     unsigned int event); /* rate.wanted becomes the period */
void xprof_pmu_throttle(struct xprof_pmu_cpu *p);

static always_inline void xprof_rearm(struct xprof_cpu *c,
                                      struct xprof_pmu_cpu *p,
                                      const struct xprof_counter *counter)
{
    if ( unlikely(p->changed) )
        xprof_pmu_adopt(c, p, counter->event);

    xprof_msr_set(counter->msr,
                  xprof_next_period(p, &p->rate[counter->event]));
}

/*
 * found: bit per event that had overflowed.  foreign: so had a counter that is
 * not ours, and whoever it belongs to must see this NMI.
 */
static always_inline int xprof_pmu_nmi_end(struct xprof_cpu *c,
                                           struct xprof_pmu_cpu *p,
                                           uint64_t tsc, unsigned int found,
                                           bool foreign)
{
    bool ours = true;
    uint64_t ticks;

    if ( likely(found) )
    {
        ACCESS_ONCE(c->last_tsc) = tsc;
        c->nmis++;
        if ( unlikely(found & (found - 1)) )
            p->owed_until = tsc + XPROF_OWED_TICKS;
    }
    else if ( !foreign && tsc < p->owed_until )
    {
        p->owed_until = 0;
        c->nmis++;
    }
    else
    {
        ours = false;
        c->passed++;
    }

    ticks = xprof_account(c, tsc);
    if ( likely(tsc - p->last_end >= 3 * ticks) )
        p->dense = p->dense_events = 0;
    else
    {
        p->dense_events |= found;
        if ( ++p->dense == XPROF_DENSE )
            xprof_pmu_throttle(p);
    }
    p->last_end = tsc + ticks;

    return ours && !foreign;
}

#endif /* XPROF_NMI_PMU_H */
