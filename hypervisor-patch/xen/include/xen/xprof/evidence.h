/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is this NMI ours?  A tick leaves no status bit anywhere, so its source
 * counts what is due and the handler what it took.
 *
 * At most XPROF_MAX_DUE may be outstanding: one NMI whose handler has begun
 * but not counted yet, one latched behind it, and one that is just being sent.
 * More have merged with the latched one.  Merged ticks leave evidence for NMIs
 * that never come: what is left over after each of XPROF_STALE claims in a row,
 * while ticks come one by one, is taken for that and forgiven.
 *
 * Like ring.h, this knows nothing of the hypervisor around it.
 */
#ifndef XPROF_EVIDENCE_H
#define XPROF_EVIDENCE_H

#define XPROF_MAX_DUE 3u
#define XPROF_STALE  16u

struct xprof_evidence {
    /* Source IPI: counted by the timer of the CPU before; HPET: by the handler. */
    uint32_t due;
    /* By the handler. */
    uint32_t taken, stale;
    uint32_t last_due;          /* at the claim before */
    uint64_t ticks;             /* all that ever were due */
    /* Source HPET, by the handler. */
    uint64_t next_due_tsc;
    uint64_t anchor_tsc;        /* what next_due_tsc's phase was derived from */
};

/* One tick that is due is this NMI. False: none is. Context: NMI. */
static inline bool xprof_take_due(struct xprof_evidence *e)
{
    uint32_t due = ACCESS_ONCE(e->due), left = due - e->taken;
    bool steady = due - e->last_due == 1;

    if ( unlikely(!left) )
        return false;

    e->taken++;
    e->last_due = due;
    if ( likely(left == 1) || !steady )
        e->stale = 0;
    else if ( ++e->stale == XPROF_STALE )
    {
        e->taken++;
        e->stale = 0;
    }

    return true;
}

/* The two clocks were compared anew: move to that phase, half a period at most. */
static inline void xprof_rephase(struct xprof_evidence *e, uint64_t anchor,
                                 int64_t period)
{
    int64_t shift = (int64_t)(anchor - e->next_due_tsc) % period;

    if ( shift > period / 2 )
        shift -= period;
    else if ( shift < -period / 2 )
        shift += period;
    e->next_due_tsc += shift;
    e->anchor_tsc = anchor;
}

/*
 * How many ticks of a periodic source have become due, given that an NMI is
 * here.  None comes before its time: anchors are early, never late.  Only for
 * the clocks' drift since the last comparison a sixteenth of a period is
 * granted, to an NMI that nothing else explains.
 */
static inline uint64_t xprof_periodic_due(const struct xprof_evidence *e,
                                          uint64_t tsc, uint64_t period)
{
    uint64_t late = tsc - e->next_due_tsc;

    if ( likely(late < period) )
        return 1;
    if ( likely((int64_t)late > 0) )
        return 1 + late / period;

    return e->due == e->taken && -late <= period / 16;
}

/* Source HPET: counts what has become due by now. Context: NMI. */
static inline void xprof_periodic_count(struct xprof_evidence *e, uint64_t tsc,
                                        uint64_t period, uint64_t anchor)
{
    uint64_t due;

    if ( unlikely(anchor != e->anchor_tsc) )
        xprof_rephase(e, anchor, period);

    due = xprof_periodic_due(e, tsc, period);
    e->next_due_tsc += due * period;
    e->ticks += due;
    e->due += due;
    if ( unlikely(e->due - e->taken > XPROF_MAX_DUE) )
        e->taken = e->due - XPROF_MAX_DUE;
}

#endif /* XPROF_EVIDENCE_H */
