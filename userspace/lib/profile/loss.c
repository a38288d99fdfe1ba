/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LOST chunks: samples that found no room. GAPS chunks: times without sampling. */
#include "lib/profile/codec.h"

void xp_lost_encode(struct xp_buf *b, const struct xp_lost *lost)
{
	xp_buf_varint(b, lost->cpu);
	xp_buf_varint(b, lost->event);
	xp_buf_varint(b, lost->first);
	xp_buf_varint(b, lost->last);
	xp_buf_varint(b, lost->count);
}

bool xp_lost_decode(struct xp_profile *p, struct xp_cursor *c)
{
	struct xp_lost lost, *out;

	lost.cpu = (uint32_t)xp_cursor_bounded(c, XP_CPU_MAX, "a CPU");
	lost.event = (uint8_t)xp_cursor_bounded(c, XPROF_MAX_EVENTS - 1, "an event");
	lost.first = xp_cursor_varint(c);
	lost.last = xp_cursor_varint(c);
	lost.count = xp_cursor_varint(c);
	out = xp_cursor_ok(c) ? xp_profile_append(p, lost, c) : NULL;
	if (out)
		*out = lost;
	return out != NULL;
}

void xp_gap_encode(struct xp_buf *b, const struct xp_gap *gap)
{
	xp_buf_varint(b, gap->cpu);
	xp_buf_varint(b, gap->reason);
	xp_buf_varint(b, gap->first);
	xp_buf_varint(b, gap->last);
}

bool xp_gap_decode(struct xp_profile *p, struct xp_cursor *c)
{
	struct xp_gap gap, *out;

	gap.cpu = (uint32_t)xp_cursor_bounded(c, XP_CPU_MAX, "a CPU");
	gap.reason = (uint8_t)xp_cursor_bounded(c, UINT8_MAX, "the reason of a gap");
	gap.first = xp_cursor_varint(c);
	gap.last = xp_cursor_varint(c);
	out = xp_cursor_ok(c) ? xp_profile_append(p, gaps, c) : NULL;
	if (out)
		*out = gap;
	return out != NULL;
}
