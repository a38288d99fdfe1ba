/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rare records: domains, losses, gaps.  Context: NMI; see record.h.
 *
 * This file and ring.h know nothing of the hypervisor around them, so that
 * the tests run this very source in userspace.
 */
#include <xen/xprof/kernel.h>
#include <xen/xprof/record.h>

static bool write_lost(struct xprof_records *r, unsigned int event)
{
    struct xprof_debt *debt = &r->lost[event];
    struct xprof_lost *rec;

    if ( !xprof_ring_has_room(&r->ring,
                              sizeof(*rec) + sizeof(struct xprof_sample)) )
        return false;

    rec = xprof_ring_next(&r->ring);
    *rec = (struct xprof_lost){
        .rec = { .type = XPROF_REC_LOST, .event = event,
                 .size = sizeof(*rec) / 8 },
        .first_tsc = debt->first_tsc,
        .last_tsc = debt->last_tsc,
        .count = debt->count,
    };
    xprof_ring_commit(&r->ring, sizeof(*rec));

    debt->count = 0;
    r->lost_events &= ~(1u << event);

    return true;
}

static bool write_gap(struct xprof_records *r, uint64_t tsc)
{
    struct xprof_gap *rec;

    if ( !xprof_ring_has_room(&r->ring,
                              sizeof(*rec) + sizeof(struct xprof_sample)) )
        return false;

    rec = xprof_ring_next(&r->ring);
    *rec = (struct xprof_gap){
        .rec = { .type = XPROF_REC_GAP, .event = ACCESS_ONCE(r->gap_pending),
                 .size = sizeof(*rec) / 8 },
        .first_tsc = r->gap_first_tsc,
        .last_tsc = tsc,
    };
    xprof_ring_commit(&r->ring, sizeof(*rec));
    ACCESS_ONCE(r->gap_pending) = 0;

    return true;
}

static bool write_period(struct xprof_records *r, unsigned int event,
                         uint64_t tsc)
{
    struct xprof_period *rec;

    if ( !xprof_ring_has_room(&r->ring,
                              sizeof(*rec) + sizeof(struct xprof_sample)) )
        return false;

    rec = xprof_ring_next(&r->ring);
    *rec = (struct xprof_period){
        .rec = { .type = XPROF_REC_PERIOD, .event = event,
                 .mode = r->period_reason[event], .size = sizeof(*rec) / 8 },
        .tsc = tsc,
        .period = r->period[event],
    };
    xprof_ring_commit(&r->ring, sizeof(*rec));
    r->period_events &= ~(1u << event);

    return true;
}

/* Pays what is owed. False: no room for all of it and a sample. */
static bool settle(struct xprof_records *r, uint64_t tsc)
{
    unsigned int event;

    if ( ACCESS_ONCE(r->gap_pending) && !write_gap(r, tsc) )
        return false;

    for ( event = 0; event < XPROF_MAX_EVENTS; event++ )
        if ( ((r->lost_events & (1u << event)) && !write_lost(r, event)) ||
             ((r->period_events & (1u << event)) &&
              !write_period(r, event, tsc)) )
            return false;

    return true;
}

void xprof_records_end(struct xprof_records *r, uint64_t tsc)
{
    if ( ACCESS_ONCE(r->gap_pending) )
        write_gap(r, tsc); /* no room: the reader is behind, and knows */
}

/* Writes the DOMAIN record. False: no room for it and a sample. */
static bool announce(struct xprof_records *r, uint64_t tsc, const void *domain,
                     const uint64_t *handle, unsigned int domid)
{
    struct xprof_announced *a = &r->announced[domid % XPROF_ANNOUNCED];
    struct xprof_domain *rec;

    if ( !xprof_ring_has_room(&r->ring,
                              sizeof(*rec) + sizeof(struct xprof_sample)) )
        return false;

    rec = xprof_ring_next(&r->ring);
    *rec = (struct xprof_domain){
        .rec = { .type = XPROF_REC_DOMAIN, .size = sizeof(*rec) / 8,
                 .domid = domid },
        .tsc = tsc,
    };
    xprof_describe(domain, handle, rec);
    xprof_ring_commit(&r->ring, sizeof(*rec));

    a->domain = domain;
    a->handle[0] = handle[0];
    a->handle[1] = handle[1];

    return true;
}

static void count_lost(struct xprof_records *r, unsigned int event,
                       uint64_t tsc)
{
    struct xprof_debt *debt = &r->lost[event];

    if ( !debt->count++ )
        debt->first_tsc = tsc;
    debt->last_tsc = tsc;
    r->lost_events |= 1u << event;
    r->lost_total[event]++;
}

bool xprof_make_room(struct xprof_records *r, unsigned int event, uint64_t tsc,
                     const void *domain, const uint64_t *handle,
                     unsigned int domid)
{
    if ( settle(r, tsc) &&
         (!handle || xprof_is_announced(r, domain, handle, domid) ||
          announce(r, tsc, domain, handle, domid)) &&
         xprof_ring_has_room(&r->ring, sizeof(struct xprof_sample)) )
        return true;

    count_lost(r, event, tsc);

    return false;
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
