/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decodes one record of a ring (see <public/xprof.h> for their layout).
 *
 * Bounded: never reads at or past data + left, whatever the bytes are. Nothing
 * is copied: a record points into data and dies with it.
 */
#ifndef XP_RING_RECORD_H
#define XP_RING_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "xprof.h"

struct xp_record {
	uint8_t type;   /* enum xprof_record_type, or 0: to be skipped */
	uint32_t size;  /* bytes that it takes in the ring, a multiple of 8 */
	union {
		const struct xprof_rec *rec; /* always valid */
		const struct xprof_sample *sample;
		const struct xprof_domain *domain;
		const struct xprof_lost *lost;
		const struct xprof_gap *gap;
		const struct xprof_period *period;
		const struct xprof_stack *stack;
	};
};

/*
 * Decodes the record at data, of which left bytes may be read. data is
 * aligned to 8.
 *
 * Returns 0: *r is filled; its type is 0 when the type is not known, or the
 * record is too short to be of its type: go on r->size bytes later. Returns
 * XP_E_FORMAT when no record can lie here (size 0, or past the end; an event
 * that cannot be): nothing behind it can be found.
 */
int xp_record_decode(const void *data, size_t left, struct xp_record *r);

/* The words of a record of type STACK, within it, first the one at stack->sp + stack->offset. Returns how many. */
size_t xp_record_stack_words(const struct xp_record *r, const uint64_t **words);

#endif
