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
    uint32_t lost_events;     /* bit per event with lost[event].count != 0 */
    uint32_t gap_pending;     /* enum xprof_gap_reason, set from outside the NMI */
    uint64_t gap_first_tsc;
    uint64_t produced[XPROF_MAX_EVENTS];
    uint64_t lost_total[XPROF_MAX_EVENTS];
    struct xprof_debt lost[XPROF_MAX_EVENTS];
    struct xprof_announced announced[XPROF_ANNOUNCED]; /* by domid */
};

/* Pays what is owed. False: no room for all of it and a sample. */
bool xprof_settle(struct xprof_records *r, uint64_t tsc);

/* Writes the DOMAIN record. False: no room for it and a sample. */
bool xprof_announce(struct xprof_records *r, const struct xprof_who *who,
                    const struct xprof_sample *s);

void xprof_count_lost(struct xprof_records *r, const struct xprof_sample *s);

static inline bool xprof_is_announced(const struct xprof_records *r,
                                      const struct xprof_who *who,
                                      unsigned int domid)
{
    const struct xprof_announced *a = &r->announced[domid % XPROF_ANNOUNCED];

    return !who->handle ||
           (a->domain == who->domain &&
            a->handle[0] == who->handle[0] && a->handle[1] == who->handle[1]);
}

static inline bool xprof_owes(const struct xprof_records *r)
{
    return r->lost_events | ACCESS_ONCE(r->gap_pending);
}

/*
 * One sample: into the ring, or lost and counted.  produced = samples in the
 * ring + lost holds for each event whenever this is not running.
 */
static inline void xprof_record_sample(struct xprof_records *r,
                                       const struct xprof_sample *s,
                                       const struct xprof_who *who)
{
    unsigned int event = s->rec.event;

    ACCESS_ONCE(r->ring.header->produced[event]) = ++r->produced[event];

    if ( (unlikely(xprof_owes(r)) && !xprof_settle(r, s->tsc)) ||
         (unlikely(!xprof_is_announced(r, who, s->rec.domid)) &&
          !xprof_announce(r, who, s)) ||
         unlikely(!xprof_ring_has_room(&r->ring, sizeof(*s))) )
    {
        xprof_count_lost(r, s);
        return;
    }

    *(struct xprof_sample *)xprof_ring_next(&r->ring) = *s;
    xprof_ring_commit(&r->ring, sizeof(*s));
}

#endif /* XPROF_RECORD_H */
