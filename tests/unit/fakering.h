/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ring as the reader sees it: a header page and data mapped twice in a row,
 * in a memfd, and a producer that follows <public/xprof.h> as Xen does. It
 * stands in for Xen's memory, not for Xen: Xen's own ring is tested in tests/hv.
 */
#ifndef XP_TEST_FAKERING_H
#define XP_TEST_FAKERING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/ring/ring.h"

struct fakering {
	struct xprof_ring_header *header; /* the producer's view: writable */
	unsigned char *data;
	const void *reader_base;          /* the reader's view: read-only */
	struct xprof_ctl_slot slot;
	uint64_t prod;
	uint64_t pending_lost;
	struct xp_ring ring;              /* a reader of it */
};

void fakering_init(struct fakering *f, uint32_t cpu, uint32_t size);
void fakering_release(struct fakering *f);

/* Writes a record if there is room, as the NMI handler does; publishes it. */
bool fakering_put(struct fakering *f, const void *record);

/* A sample with this number as its TSC; counts it as produced, and as lost when there is no room. */
void fakering_sample(struct fakering *f, uint64_t n);

/* The records' first words. */
struct xprof_rec fakering_rec(uint8_t type, size_t bytes);
struct xprof_sample fakering_make_sample(uint64_t n);

#endif
