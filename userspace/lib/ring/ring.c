// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The producer is Xen's NMI handler on the ring's CPU (common/xprof/ring.c):
 *
 *   Xen (NMI, CPU n)                      here
 *     write records in data                 prod = load-acquire header.prod   [B]
 *     A: store-release header.prod ------>  read records up to prod
 *     D: load-acquire consumer <----------  C: store-release consumer = prod
 */
#include "lib/ring/ring.h"

#include <string.h>

/* 8,192 samples: a slow host takes a second for them, and Xen must not wait longer for room, however large the ring is. */
#define MOST_AT_ONCE (256u << 10)

static bool is_power_of_two(uint32_t n)
{
	return n && !(n & (n - 1));
}

int xp_ring_init(struct xp_ring *ring, const void *base, struct xprof_ctl_slot *slot,
		 uint32_t cpu, uint32_t size, struct xp_err *err)
{
	const struct xprof_ring_header *header = base;

	if (header->magic != XPROF_MAGIC)
		return xp_fail(err, XP_E_FORMAT, "CPU %u: no ring here (magic %#x, not %#x)",
			       cpu, header->magic, XPROF_MAGIC);
	if (header->abi != XPROF_ABI_VERSION)
		return xp_fail(err, XP_E_VERSION, "CPU %u: the ring has version %u, this xprof reads version %u",
			       cpu, header->abi, XPROF_ABI_VERSION);
	if (header->cpu != cpu || header->size != size || !is_power_of_two(size) || size < XPROF_PAGE_SIZE)
		return xp_fail(err, XP_E_FORMAT, "the ring of CPU %u with %u bytes claims to be that of CPU %u with %u bytes",
			       cpu, size, header->cpu, header->size);
	memset(ring, 0, sizeof(*ring));
	ring->header = header;
	ring->data = (const unsigned char *)base + XPROF_PAGE_SIZE;
	ring->slot = slot;
	ring->cpu = cpu;
	ring->size = size;
	return 0;
}

static uint64_t ring_prod(const struct xp_ring *ring)
{
	return __atomic_load_n(&ring->header->prod, __ATOMIC_ACQUIRE); /* B: pairs with Xen's A */
}

static bool prod_is_possible(const struct xp_ring *ring, uint64_t prod)
{
	return prod - ring->cons <= ring->size && !(prod & 7);
}

/* Gives up what lies before `to`; misaligned indexes are never taken over. */
static void ring_resync(struct xp_ring *ring, uint64_t from, uint64_t to)
{
	ring->corrupt++;
	if (to - from <= ring->size)
		ring->corrupt_bytes += to - from;
}

uint32_t xp_ring_step(const struct xp_ring *ring)
{
	return ring->size / 4 < MOST_AT_ONCE ? ring->size / 4 : MOST_AT_ONCE;
}

void xp_ring_begin(struct xp_ring *ring, struct xp_ring_cursor *cursor)
{
	uint64_t prod = ring_prod(ring);
	uint64_t step = xp_ring_step(ring);

	cursor->ring = ring;
	if (!prod_is_possible(ring, prod)) {
		ring_resync(ring, ring->cons, prod);
		ring->cons = prod & ~7ull;
		cursor->pos = cursor->end = cursor->prod = ring->cons;
		return;
	}
	cursor->pos = ring->cons;
	cursor->prod = prod;
	cursor->end = prod;
	/* Not the whole of it: but a record that straddles the step still has its bytes before prod. */
	if (cursor->end - cursor->pos > step && step >= XPROF_REC_MAX_BYTES)
		cursor->end = cursor->pos + step;
}

static const void *cursor_data(const struct xp_ring_cursor *cursor)
{
	return cursor->ring->data + (cursor->pos & (cursor->ring->size - 1));
}

/* Bytes before the producer's index as it was at begin(): those may be read even past the cursor's end. */
static size_t cursor_left(const struct xp_ring_cursor *cursor)
{
	return cursor->prod - cursor->pos;
}

bool xp_ring_next(struct xp_ring_cursor *cursor, struct xp_record *record)
{
	struct xp_ring *ring = cursor->ring;

	while (cursor->pos < cursor->end) {
		if (xp_record_decode(cursor_data(cursor), cursor_left(cursor), record) < 0) {
			ring_resync(ring, cursor->pos, cursor->prod);
			cursor->pos = cursor->end = cursor->prod;
			return false;
		}
		cursor->pos += record->size;
		if (record->type)
			return true;
		ring->skipped++;
	}
	return false;
}

/* A sample without anything behind it: as it lies there it is an element of an array. */
static bool is_plain_sample(const struct xprof_rec *rec)
{
	return rec->type == XPROF_REC_SAMPLE && rec->size * 8u == sizeof(struct xprof_sample) && rec->event < XPROF_MAX_EVENTS;
}

size_t xp_ring_next_samples(struct xp_ring_cursor *cursor, const struct xprof_sample **samples, size_t max)
{
	const struct xprof_sample *first = cursor_data(cursor);
	size_t n = 0;

	while (n < max && cursor->pos < cursor->end && cursor_left(cursor) >= sizeof(*first) &&
	       is_plain_sample(&first[n].rec)) {
		cursor->pos += sizeof(*first);
		n++;
	}
	*samples = first;
	return n;
}

void xp_ring_commit(struct xp_ring *ring, const struct xp_ring_cursor *cursor)
{
	ring->cons = cursor->pos;
	__atomic_store_n(&ring->slot->cons, ring->cons, __ATOMIC_RELEASE); /* C: pairs with Xen's D */
}

bool xp_ring_has_more(const struct xp_ring *ring)
{
	return ring_prod(ring) != ring->cons;
}
