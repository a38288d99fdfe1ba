/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PERI chunks: what a sample stood for, from when on. */
#include "lib/profile/codec.h"

#include "lib/base/sort.h"

void xp_period_encode(struct xp_buf *b, const struct xp_period *period)
{
	xp_buf_varint(b, period->cpu);
	xp_buf_varint(b, period->event);
	xp_buf_varint(b, period->tsc);
	xp_buf_varint(b, period->period);
	xp_buf_varint(b, period->reason);
}

bool xp_period_decode(struct xp_profile *p, struct xp_cursor *c)
{
	struct xp_period period, *out;

	period.cpu = (uint32_t)xp_cursor_bounded(c, XP_CPU_MAX, "a CPU");
	period.event = (uint8_t)xp_cursor_bounded(c, XPROF_MAX_EVENTS - 1, "an event");
	period.tsc = xp_cursor_varint(c);
	period.period = xp_cursor_varint(c);
	period.reason = (uint8_t)xp_cursor_bounded(c, UINT8_MAX, "the reason of a period");
	out = xp_cursor_ok(c) ? xp_profile_append(p, periods, c) : NULL;
	if (out)
		*out = period;
	return out != NULL;
}

static int compare(const void *pa, const void *pb)
{
	const struct xp_period *a = pa, *b = pb;

	if (a->cpu != b->cpu)
		return a->cpu < b->cpu ? -1 : 1;
	if (a->event != b->event)
		return a->event < b->event ? -1 : 1;
	return a->tsc < b->tsc ? -1 : a->tsc > b->tsc;
}

void xp_period_finish(struct xp_profile *p)
{
	xp_stable_sort(p->periods, p->nr_periods, sizeof(*p->periods), compare);
}
