/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The NMI handler.
 *
 * It may touch: this CPU's struct xprof_cpu and ring (Xen's own memory and
 * pages that are mapped for good), the current vCPU's structure, the VMCB or
 * VMCS of a guest that this very NMI interrupted.  It takes no lock, allocates
 * nothing, raises nothing, and executes nothing that could fault: an exception
 * would end in an IRET that lets the next NMI in onto this stack.  It has no
 * loop but those of record.h.
 *
 * Whether an NMI is ours is decided by evidence.  A tick leaves no status bit
 * anywhere, so the source says how many are due (see session.h) and one that
 * comes when none is due is handed on to Xen.
 */
#include <asm/msr.h>
#include <asm/processor.h>

#include "nmi.h"

/* Housekeeping has compared the clocks anew: move to its phase, half a period at most. */
static void hpet_rephase(const struct xprof_session *s, struct xprof_cpu *c,
                         uint64_t anchor)
{
    int64_t period = s->period_tsc;
    int64_t shift = (int64_t)(anchor - c->next_due_tsc) % period;

    if ( shift > period / 2 )
        shift -= period;
    else if ( shift < -period / 2 )
        shift += period;
    c->next_due_tsc += shift;
    c->anchor_tsc = anchor;
}

/*
 * How many ticks have become due, given that an NMI is here.  None comes
 * before its time, but for the error of the two clocks: a quarter period is
 * granted to one that nothing else explains.
 */
static uint64_t hpet_due(const struct xprof_cpu *c, uint64_t tsc,
                         uint64_t period)
{
    uint64_t late = tsc - c->next_due_tsc;

    if ( likely(late < period) )
        return 1;
    if ( likely((int64_t)late > 0) )
        return 1 + late / period;

    return c->due == c->taken && -late <= period / 4;
}

static void hpet_count(const struct xprof_session *s, struct xprof_cpu *c,
                       uint64_t tsc)
{
    uint64_t anchor = ACCESS_ONCE(s->anchor_tsc);
    uint64_t due;

    if ( unlikely(anchor != c->anchor_tsc) )
        hpet_rephase(s, c, anchor);

    due = hpet_due(c, tsc, s->period_tsc);
    c->next_due_tsc += due * s->period_tsc;
    c->ticks += due;
    ACCESS_ONCE(c->records.ring.header->ticks) = c->ticks;

    c->due += due;
    if ( unlikely(c->due - c->taken > XPROF_MAX_DUE) )
        c->taken = c->due - XPROF_MAX_DUE;
}

/* One tick that is due is this NMI. False: none is. */
static bool take_due(struct xprof_cpu *c)
{
    uint32_t left = ACCESS_ONCE(c->due) - c->taken;

    if ( unlikely(!left) )
        return false;

    c->taken++;
    if ( likely(left == 1) )
        c->stale = 0;
    else if ( ++c->stale == XPROF_STALE )
    {
        c->taken++;
        c->stale = 0;
    }

    return true;
}

static bool is_ours(const struct xprof_session *s, struct xprof_cpu *c,
                    uint64_t tsc)
{
    if ( s->source == XPROF_SOURCE_HPET )
        hpet_count(s, c, tsc);

    return take_due(c);
}

static void account(struct xprof_cpu *c, uint64_t tsc)
{
    struct xprof_ring_header *h = c->records.ring.header;
    uint64_t ticks = rdtsc() - tsc;

    ACCESS_ONCE(h->handler_ticks) = c->handler_ticks += ticks;
    if ( unlikely(ticks > c->handler_max) )
        ACCESS_ONCE(h->handler_max) = c->handler_max = ticks;
}

static void take(struct xprof_session *s, struct xprof_cpu *c,
                 const struct cpu_user_regs *regs, uint64_t tsc)
{
    struct xprof_sample sample = {
        .rec = { .type = XPROF_REC_SAMPLE, .event = s->event,
                 .size = sizeof(sample) / 8 },
        .tsc = tsc,
    };
    struct xprof_who who;

    ACCESS_ONCE(c->last_tsc) = tsc;
    ACCESS_ONCE(c->records.ring.header->last_tsc) = tsc;
    ACCESS_ONCE(c->records.ring.header->nmis) = ++c->nmis;

    xprof_context(regs, &sample, &who);
    xprof_record_sample(&c->records, &sample, &who);
}

xprof_nmi_ret_t cf_check xprof_nmi(const struct cpu_user_regs *regs, int cpu)
{
    uint64_t tsc = rdtsc();
    struct xprof_session *s = xprof_session;
    struct xprof_cpu *c = s && cpu < s->nr_cpus ? s->cpu[cpu] : NULL;
    bool ours;

    if ( unlikely(!c) )
        return 0;

    ours = is_ours(s, c, tsc);
    if ( likely(ours) )
        take(s, c, regs, tsc);
    else
        ACCESS_ONCE(c->records.ring.header->passed) = ++c->passed;
    account(c, tsc);

    return ours;
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
