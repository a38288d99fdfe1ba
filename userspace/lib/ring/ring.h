/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader's side of one ring: what Xen wrote on one pCPU.
 *
 * One thread reads a ring. What it gets from a cursor lies in the ring itself
 * and may be used until xp_ring_commit() gives the room back to Xen.
 *
 *	xp_ring_begin(&ring, &cursor);
 *	while (xp_ring_next(&cursor, &record))
 *		...
 *	xp_ring_commit(&ring, &cursor);
 *
 * An index or a size that cannot be true is corruption: it is counted, what
 * is unread is given up, and reading goes on at the producer's index. Nothing
 * outside the ring is ever read.
 */
#ifndef XP_RING_RING_H
#define XP_RING_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/ring/record.h"

struct xp_ring {
	const struct xprof_ring_header *header;
	const unsigned char *data;    /* size bytes, mapped twice in a row */
	struct xprof_ctl_slot *slot;  /* where the consumer index is published */
	uint32_t cpu;
	uint32_t size;                /* bytes of data, a power of two */
	uint64_t cons;                /* our own copy of it: the slot is never read */
	uint64_t corrupt;             /* how often reading had to be resynchronised */
	uint64_t corrupt_bytes;       /* what was given up then */
	uint64_t skipped;             /* records of unknown type */
};

struct xp_ring_cursor {
	struct xp_ring *ring;
	uint64_t pos;  /* read so far */
	uint64_t end;  /* where to pause */
	uint64_t prod; /* where Xen was at begin() */
};

/*
 * Makes a reader of memory that is mapped already; borrows it. base: the
 * header page, the data, and the data once more. XP_E_VERSION or XP_E_FORMAT:
 * this is not the ring of that CPU with size bytes of data.
 */
int xp_ring_init(struct xp_ring *ring, const void *base, struct xprof_ctl_slot *slot,
		 uint32_t cpu, uint32_t size, struct xp_err *err);

/* The most bytes that a cursor reads before it pauses: a quarter of the ring, or less, so that room is given back early. */
uint32_t xp_ring_step(const struct xp_ring *ring);

/* Where reading stands, and where it is to pause: xp_ring_step() further at most. */
void xp_ring_begin(struct xp_ring *ring, struct xp_ring_cursor *cursor);

/* The next record of a known type; false: that was all. */
bool xp_ring_next(struct xp_ring_cursor *cursor, struct xp_record *record);

/*
 * The next run of samples that lie in a row, at most max. Returns how many;
 * *samples is an array in the ring. 0: the next record is something else, or
 * there is none: xp_ring_next() tells.
 */
size_t xp_ring_next_samples(struct xp_ring_cursor *cursor, const struct xprof_sample **samples, size_t max);

/* Gives everything that the cursor has passed back to Xen. */
void xp_ring_commit(struct xp_ring *ring, const struct xp_ring_cursor *cursor);

/* Is there something that the cursor of the last begin/commit has not passed? */
bool xp_ring_has_more(const struct xp_ring *ring);

#endif
