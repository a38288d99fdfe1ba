/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring of one CPU, seen from its producer.
 *
 * The producer is the NMI handler of that CPU and nothing else, so there is no
 * lock.  The consumer is a domain: its index may hold any value at any time.
 * Xen reads it at most once per record, believes it only if it lies between
 * the last index it believed and what has been produced, and computes every
 * address from its own copy of the indexes: the worst that a hostile consumer
 * achieves is to lose its own samples.
 *
 * Xen never reads back what it has written into pages that are shared (a PVH
 * control domain could write them).
 *
 * Barriers are lettered as in <public/xprof.h>.
 */
#ifndef XPROF_RING_H
#define XPROF_RING_H

#include <public/xprof.h>

struct xprof_ring {
    uint64_t prod;                    /* bytes produced */
    uint64_t limit;                   /* a sample fits while prod is not above it */
    uint64_t cons;                    /* last consumer index that was believable */
    uint64_t size;                    /* of data, a power of two; 0: no ring yet */
    uint64_t mask;                    /* size - 1 */
    uint8_t *data;                    /* mapped twice in a row: no record wraps */
    const uint64_t *cons_slot;        /* the consumer's word, in a control page */
    struct xprof_ring_header *header; /* published only */
};

static inline void xprof_ring_set_limit(struct xprof_ring *r)
{
    r->mask = r->size - 1;
    r->limit = r->cons + r->size - sizeof(struct xprof_sample);
}

/* Looks at the consumer's index again. Context: NMI. */
static inline bool xprof_ring_refresh(struct xprof_ring *r, uint64_t bytes)
{
    uint64_t cons = ACCESS_ONCE(*r->cons_slot); /* [D] */

    if ( cons - r->cons > r->prod - r->cons )
        return false; /* Backwards, or ahead of us: as good as full. */

    smp_mb(); /* [D] the bytes before cons have been read: they may be overwritten. */
    r->cons = cons;
    xprof_ring_set_limit(r);

    return r->size - (r->prod - cons) >= bytes;
}

/* Is there room for that many bytes? Context: NMI. */
static inline bool xprof_ring_has_room(struct xprof_ring *r, uint64_t bytes)
{
    return likely(r->size - (r->prod - r->cons) >= bytes) ||
           xprof_ring_refresh(r, bytes);
}

/* The same for a sample, in the fewest instructions. */
static inline bool xprof_ring_fits_sample(const struct xprof_ring *r)
{
    return likely(r->prod <= r->limit);
}

/* Where the next record goes. Only after xprof_ring_has_room(). */
static inline void *xprof_ring_next(const struct xprof_ring *r)
{
    void *next = r->data + (r->prod & r->mask);

    if ( !next )
        __builtin_unreachable(); /* callers tell it from NULL without a test */

    return next;
}

/* The record at xprof_ring_next() is complete. */
static inline void xprof_ring_commit(struct xprof_ring *r, unsigned int bytes)
{
    r->prod += bytes;
    smp_wmb(); /* [A] */
    ACCESS_ONCE(r->header->prod) = r->prod;
}

/* Unread bytes as the consumer tells it, at most size. Any context. */
static inline uint64_t xprof_ring_unread(const struct xprof_ring *r)
{
    uint64_t unread = ACCESS_ONCE(r->prod) - ACCESS_ONCE(*r->cons_slot);

    return unread > r->size ? r->size : unread;
}

#endif /* XPROF_RING_H */
