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

#include <xen/xprof/ring.h>

/* Identity of a domain, cheap to compare. */
struct xprof_who {
    const void *domain;      /* identity only */
    const uint64_t *handle;  /* uint64_t[2]; NULL: needs no announcement (idle) */
};

/* Fills type, flags, handle and rec.vcpu of a DOMAIN record. Supplied by the architecture. */
void xprof_describe(const struct xprof_who *who, struct xprof_domain *out);

struct xprof_announced {
    const void *domain;
    uint64_t handle[2];
};
#define XPROF_ANNOUNCED 64u

struct xprof_debt {
    uint64_t first_tsc, last_tsc, count;
};

struct xprof_records {
    struct xprof_ring ring;
    union {
        struct {
            uint32_t gap_pending;   /* enum xprof_gap_reason, set from outside the NMI */
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

static inline bool xprof_is_announced(const struct xprof_records *r,
                                      const struct xprof_who *who,
                                      unsigned int domid)
{
    const struct xprof_announced *a = &r->announced[domid % XPROF_ANNOUNCED];

    return !who->handle ||
           (a->domain == who->domain &&
            a->handle[0] == who->handle[0] && a->handle[1] == who->handle[1]);
}

/*
 * Pays what is owed and announces the domain, if need be. False: there is no
 * room for all that and a sample; the sample is counted as lost.
 */
bool xprof_make_room(struct xprof_records *r, unsigned int event, uint64_t tsc,
                     const struct xprof_who *who, unsigned int domid);

/*
 * Where the sample of an event is to be written, of which it is then told by
 * xprof_record_end(); NULL: it is lost, and counted.  For each event
 * produced = samples in the ring + lost whenever no handler is running.
 */
static always_inline struct xprof_sample *
xprof_record_begin(struct xprof_records *r, unsigned int event, uint64_t tsc,
                   const struct xprof_who *who, unsigned int domid)
{
    r->produced[event]++;

    if ( likely(!ACCESS_ONCE(r->owed)) &&
         likely(xprof_is_announced(r, who, domid)) &&
         likely(xprof_ring_has_room(&r->ring, sizeof(struct xprof_sample))) )
        return xprof_ring_next(&r->ring);

    return xprof_make_room(r, event, tsc, who, domid)
           ? xprof_ring_next(&r->ring) : NULL;
}

static always_inline void xprof_record_end(struct xprof_records *r)
{
    xprof_ring_commit(&r->ring, sizeof(struct xprof_sample));
}

#endif /* XPROF_RECORD_H */
