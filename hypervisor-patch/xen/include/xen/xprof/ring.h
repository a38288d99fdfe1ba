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
    uint64_t *published;              /* where prod goes: header->prod, or for a while: */
    uint64_t hidden;
};

/* header is set. */
static inline void xprof_ring_show(struct xprof_ring *r)
{
    ACCESS_ONCE(r->published) = &r->header->prod;
}

static inline void xprof_ring_set_limit(struct xprof_ring *r)
{
    r->mask = r->size - 1;
    r->limit = r->cons + r->size - sizeof(struct xprof_sample);
}

/*
 * Whether bytes more fit behind prod, with the consumer at cons.  More than a
 * ring may lie between them: xprof_ring_insert() goes beyond what the handler
 * believes of the consumer, and a consumer may go back.
 */
static inline bool xprof_ring_fits(const struct xprof_ring *r, uint64_t prod,
                                   uint64_t cons, uint64_t bytes)
{
    return prod - cons + bytes <= r->size;
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

    return xprof_ring_fits(r, r->prod, cons, bytes);
}

/* Is there room for that many bytes? Context: NMI. */
static inline bool xprof_ring_has_room(struct xprof_ring *r, uint64_t bytes)
{
    return likely(xprof_ring_fits(r, r->prod, r->cons, bytes)) ||
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
    ACCESS_ONCE(*r->published) = r->prod;
}

/* How often xprof_ring_insert() tries again when NMIs come in between. */
#define XPROF_RING_TRIES 8u

/* Room for so many bytes, taken at once. False: there is none. See xprof_ring_insert(). */
static inline bool xprof_ring_reserve(struct xprof_ring *r, unsigned int bytes,
                                      uint64_t *at)
{
    unsigned int tries;

    for ( tries = 0; tries < XPROF_RING_TRIES; tries++ )
    {
        /* In this order: what an NMI moves meanwhile only makes prod greater. */
        uint64_t believed = ACCESS_ONCE(r->cons);
        uint64_t prod, cons;

        smp_rmb();
        prod = ACCESS_ONCE(r->prod);
        cons = ACCESS_ONCE(*r->cons_slot); /* [D] */
        if ( cons - believed > prod - believed )
            cons = believed;
        if ( !xprof_ring_fits(r, prod, cons, bytes) )
            return false;

        smp_mb(); /* [D] */
        if ( cmpxchg(&r->prod, prod, prod + bytes) == prod )
        {
            *at = prod;
            return true;
        }
    }

    return false;
}

/* The reader sees all that there is, from now on. See xprof_ring_insert(). */
static inline void xprof_ring_reveal(struct xprof_ring *r)
{
    unsigned int tries;
    uint64_t prod;

    for ( tries = 0; tries < XPROF_RING_TRIES; tries++ )
    {
        ACCESS_ONCE(r->published) = &r->hidden;
        barrier();
        prod = ACCESS_ONCE(r->prod);
        smp_wmb(); /* [A] */
        ACCESS_ONCE(r->header->prod) = prod; /* never backwards: no NMI does it now */
        barrier();
        xprof_ring_show(r);
        barrier();
        if ( ACCESS_ONCE(r->prod) == prod )
            return;
        /* One came while it could not publish, perhaps: once more. */
    }
}

/*
 * A second producer: whole records, written below the NMI handler of the same
 * CPU.  An NMI may come between any two instructions here, and write records
 * of its own; this never comes while an NMI is being handled, nor twice at
 * once.  So nobody waits for anybody:
 *
 *   hide     NMIs go on writing, but what they write is not published
 *   reserve  prod moves on in one instruction; NMIs write behind that
 *   fill
 *   reveal   all of it is published
 *
 * The reader's index is only read here; what is believed of it is the NMI
 * handler's.  False: no room; nothing was written.
 */
static inline bool xprof_ring_insert(struct xprof_ring *r, const void *records,
                                     unsigned int bytes)
{
    uint64_t at;
    bool room;

    ACCESS_ONCE(r->published) = &r->hidden;
    barrier();
    room = xprof_ring_reserve(r, bytes, &at);
    if ( room )
        memcpy(r->data + (at & r->mask), records, bytes);
    xprof_ring_reveal(r);

    return room;
}

/* Unread bytes as the consumer tells it, at most size. Any context. */
static inline uint64_t xprof_ring_unread(const struct xprof_ring *r)
{
    uint64_t unread = ACCESS_ONCE(r->prod) - ACCESS_ONCE(*r->cons_slot);

    return unread > r->size ? r->size : unread;
}

#endif /* XPROF_RING_H */
