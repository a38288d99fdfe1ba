// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/ring/record.h"

#include <stdbool.h>

#include "lib/base/error.h"

/* Bytes that a record of a known type has at least. It may have more: call chains follow a sample. */
static size_t type_bytes(uint8_t type)
{
	switch (type) {
	case XPROF_REC_SAMPLE:
		return sizeof(struct xprof_sample);
	case XPROF_REC_DOMAIN:
		return sizeof(struct xprof_domain);
	case XPROF_REC_LOST:
		return sizeof(struct xprof_lost);
	case XPROF_REC_GAP:
		return sizeof(struct xprof_gap);
	case XPROF_REC_PERIOD:
		return sizeof(struct xprof_period);
	case XPROF_REC_STACK:
		return sizeof(struct xprof_stack);
	default:
		return SIZE_MAX;
	}
}

/* Whatever has an event is accounted and written by it. */
static bool event_is_possible(const struct xprof_rec *rec)
{
	switch (rec->type) {
	case XPROF_REC_SAMPLE:
	case XPROF_REC_LOST:
	case XPROF_REC_PERIOD:
		return rec->event < XPROF_MAX_EVENTS;
	default:
		return true;
	}
}

int xp_record_decode(const void *data, size_t left, struct xp_record *r)
{
	const struct xprof_rec *rec = data;

	if (left < sizeof(*rec))
		return XP_E_FORMAT;
	r->rec = rec;
	r->size = rec->size * 8u;
	if (r->size == 0 || r->size > left || !event_is_possible(rec))
		return XP_E_FORMAT;
	r->type = r->size >= type_bytes(rec->type) ? rec->type : 0;
	return 0;
}

size_t xp_record_stack_words(const struct xp_record *r, const uint64_t **words)
{
	*words = (const uint64_t *)(const void *)(r->stack + 1);
	return (r->size - sizeof(*r->stack)) / sizeof(**words);
}
