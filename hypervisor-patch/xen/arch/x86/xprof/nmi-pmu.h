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
#define XPROF_OWED_TICKS   (1u << 20)
/*
 * One that was latched meanwhile interrupts just where that handler returned
 * to, but what is below Xen may not let the CPU run for a while in between.
 */
#define XPROF_BEHIND_TICKS (1u << 30)
/* So many NMIs that leave the CPU little time raise the period; see xprof_pmu_dense(). */
#define XPROF_DENSE      64u

/* Bits of records.unusual. */
#define XPROF_UNUSUAL_WATCHDOG 1u /* counter 0 is the watchdog's */
#define XPROF_UNUSUAL_RATE     2u /* some rate is changed */

/* nmi-pmu.c: an NMI soon after the one before. Returns 1. */
int xprof_pmu_dense(struct xprof_cpu *c, uint64_t tsc);

/*
 * What the counter is set to for its next period: the mean, an eighth less or
 * more at most.  [A linear congruential generator modulo 2^64 of full period
 * (Knuth, TAOCP vol. 2, 3.2.1.2, theorem A), of which the high half is used;
 * the multiplier is that of Borosh and Niederreiter (3.3.4, table 1), and an
 * immediate operand.]
 */
static always_inline uint64_t xprof_next_period(struct xprof_rate *rate)
{
    rate->random = rate->random * 1812433253u + 1;

    return rate->base + ((rate->random >> 32) & rate->span);
}

/*
 * A handler's usual case is one overflow of which xprof_overflow_usual() can
 * take the sample.  It has no calls but the last, so it keeps everything in
 * registers that it need not save.  Whatever is not usual begins anew in the
 * driver's slow handler, which is made of the functions below these.
 */
static always_inline bool
xprof_overflow_usual(struct xprof_cpu *c, const struct xprof_counter *counter,
                     const struct cpu_user_regs *regs, uint64_t tsc)
{
    if ( unlikely(!xprof_take_usual(c, &counter->what, regs, tsc)) )
        return false;

    xprof_msr_set(counter->msr, xprof_next_period(counter->rate));

    return true;
}

static always_inline int xprof_end_usual(struct xprof_cpu *c, uint64_t tsc)
{
    uint64_t since = tsc - c->last_tsc;

    ACCESS_ONCE(c->last_tsc) = tsc;
    c->nmis++;
    xprof_account(c, tsc);
    if ( unlikely(since < c->dense_gap) )
        return xprof_pmu_dense(c, tsc);

    return 1;
}

/* nmi-pmu.c, as all below. The sample of a counter that has overflowed, and its next period. */
void xprof_overflow(struct xprof_cpu *c, const struct xprof_counter *counter,
                    const struct cpu_user_regs *regs, uint64_t tsc);
/*
 * found: how many had overflowed.  foreign: so had a counter that is not ours,
 * and whoever it belongs to must see this NMI.  Returns what the handler is to.
 */
int xprof_pmu_end(struct xprof_cpu *c, const struct cpu_user_regs *regs,
                  uint64_t tsc, unsigned int found, bool foreign);

/* The period is to be this, mean. Context: NMI, or counters off. */
void xprof_rate_set(struct xprof_rate *rate, uint64_t period, bool even);
/* The wanted period is its period from now on. Context: NMI, or counters off. */
void xprof_rate_adopt(struct xprof_cpu *c, unsigned int event);

#endif /* XPROF_NMI_PMU_H */
