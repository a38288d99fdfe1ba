/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What one CPU records, and the debts it has: samples that found no room and
 * stretches without sampling are written down before the next sample that
 * finds room.
 *
 * All functions here run in the NMI handler of the CPU, touch only this
 * structure, its ring and the header page, and contain no loop longer than
 * XPROF_MAX_EVENTS.
 */
#ifndef XPROF_RECORD_H
#define XPROF_RECORD_H

#include <xen/xprof/kernel.h>
#include <xen/xprof/ring.h>

/* Fills type, flags, handle and rec.vcpu of a DOMAIN record. Supplied by the architecture. */
void xprof_describe(const void *domain, const uint64_t *handle,
                    struct xprof_domain *out);

struct xprof_announced {
    const void *domain;
    uint64_t handle[2];
    uint64_t unused;         /* a power of two of bytes */
};
#define XPROF_ANNOUNCED 64u

struct xprof_debt {
    uint64_t first_tsc, last_tsc, count;
};

struct xprof_records {
    struct xprof_ring ring;
    union {
        struct {
            uint8_t gap_pending;    /* enum xprof_gap_reason, set from outside the NMI */
            uint8_t unusual;        /* what else a handler must look at (its own business) */
            uint16_t reserved;
            uint16_t lost_events;   /* bit per event with lost[event].count != 0 */
            uint16_t period_events; /* bit per event whose new period is not yet told */
        };
        uint64_t owed;        /* all of that at once: 0 is the usual case */
    };
    uint64_t gap_first_tsc;
    uint64_t period[XPROF_MAX_EVENTS]; /* what a sample stands for */
    uint8_t period_reason[XPROF_MAX_EVENTS]; /* enum xprof_period_reason */
    uint64_t produced[XPROF_MAX_EVENTS];
    uint64_t lost_total[XPROF_MAX_EVENTS];
    struct xprof_debt lost[XPROF_MAX_EVENTS];
    struct xprof_announced announced[XPROF_ANNOUNCED]; /* by domid */
};

static always_inline bool xprof_is_announced(const struct xprof_records *r,
                                             const void *domain,
                                             const uint64_t *handle,
                                             unsigned int domid)
{
    const struct xprof_announced *a = &r->announced[domid % XPROF_ANNOUNCED];

    asm ( "" : "+r" (a) ); /* one address, not one for each comparison */

    return a->domain == domain && a->handle[0] == handle[0] &&
           a->handle[1] == handle[1];
}

/*
 * Pays what is owed and announces the domain, if need be. False: there is no
 * room for all that and a sample; the sample is counted as lost.
 */
bool xprof_make_room(struct xprof_records *r, unsigned int event, uint64_t tsc,
                     const void *domain, const uint64_t *handle,
                     unsigned int domid);

/*
 * The session ends: a gap that is pending lasts until now.  Context: process;
 * no handler runs any more, so this is the ring's producer.
 */
void xprof_records_end(struct xprof_records *r, uint64_t tsc);

/* Nothing but the sample itself is to be written, and there is room for it. */
static always_inline bool xprof_is_usual(const struct xprof_records *r,
                                         const void *domain,
                                         const uint64_t *handle,
                                         unsigned int domid)
{
    return !ACCESS_ONCE(r->owed) &&
           xprof_is_announced(r, domain, handle, domid) &&
           xprof_ring_fits_sample(&r->ring);
}

/*
 * Where the sample of an event is to be written, of which it is then told by
 * xprof_record_end(); NULL: it is lost, and counted.  For each event
 * produced = samples in the ring + lost whenever no handler is running.
 *
 * domain is an identity, never followed; handle is its uint64_t[2]; NULL: one
 * that needs no announcement (idle).
 */
static always_inline struct xprof_sample *
xprof_record_begin(struct xprof_records *r, unsigned int event, uint64_t tsc,
                   const void *domain, const uint64_t *handle,
                   unsigned int domid)
{
    r->produced[event]++;

    if ( likely(!ACCESS_ONCE(r->owed)) &&
         (!handle || likely(xprof_is_announced(r, domain, handle, domid))) &&
         xprof_ring_fits_sample(&r->ring) )
        return xprof_ring_next(&r->ring);

    return xprof_make_room(r, event, tsc, domain, handle, domid)
           ? xprof_ring_next(&r->ring) : NULL;
}

static always_inline void xprof_record_end(struct xprof_records *r)
{
    xprof_ring_commit(&r->ring, sizeof(struct xprof_sample));
}

#endif /* XPROF_RECORD_H */
