/* SPDX-License-Identifier: GPL-2.0-or-later */
/* STAT chunks: what the header of each CPU's ring said when sampling ended. */
#include "lib/profile/codec.h"

/* Events at the end that counted nothing are left out. */
static size_t used_events(const struct xp_cpu_stats *s)
{
	size_t nr = XPROF_MAX_EVENTS;

	while (nr && !s->produced[nr - 1] && !s->lost[nr - 1] && !s->running[nr - 1] && !s->period[nr - 1])
		nr--;
	return nr;
}

static void encode_stacks(struct xp_buf *b, const struct xp_cpu_stats *s)
{
	size_t part;

	for (part = 0; part < XPROF_STACK_PARTS; part++) {
		xp_buf_varint(b, s->stacks[part]);
		xp_buf_varint(b, s->stacks_lost[part]);
	}
	xp_buf_varint(b, s->stacks_moved);
	xp_buf_varint(b, s->stack_ticks);
	xp_buf_varint(b, s->stack_max);
}

void xp_stats_encode(struct xp_buf *b, const struct xp_cpu_stats *s)
{
	size_t nr = used_events(s), i;

	xp_buf_varint(b, s->cpu);
	xp_buf_varint(b, s->nmis);
	xp_buf_varint(b, s->passed);
	xp_buf_varint(b, s->handler_ticks);
	xp_buf_varint(b, s->handler_max);
	xp_buf_varint(b, s->ticks);
	xp_buf_varint(b, s->coalesced);
	xp_buf_varint(b, nr);
	for (i = 0; i < nr; i++) {
		xp_buf_varint(b, s->produced[i]);
		xp_buf_varint(b, s->lost[i]);
	}
	xp_buf_varint(b, s->active);
	xp_buf_varint(b, s->rearmed);
	for (i = 0; i < nr; i++) {
		xp_buf_varint(b, s->running[i]);
		xp_buf_varint(b, s->period[i]);
		xp_buf_varint(b, s->throttled[i]);
	}
	if (s->stacks[XPROF_STACK_XEN] || s->stacks[XPROF_STACK_GUEST])
		encode_stacks(b, s);
}

/* What version 1.0 did not have. */
static void decode_counters(struct xp_cursor *c, struct xp_cpu_stats *s, size_t nr)
{
	size_t i;

	s->active = xp_cursor_varint(c);
	s->rearmed = xp_cursor_varint(c);
	for (i = 0; i < nr; i++) {
		s->running[i] = xp_cursor_varint(c);
		s->period[i] = xp_cursor_varint(c);
		s->throttled[i] = xp_cursor_varint(c);
	}
}

/* What only a profile with call chains has. */
static void decode_stacks(struct xp_cursor *c, struct xp_cpu_stats *s)
{
	size_t part;

	for (part = 0; part < XPROF_STACK_PARTS; part++) {
		s->stacks[part] = xp_cursor_varint(c);
		s->stacks_lost[part] = xp_cursor_varint(c);
	}
	s->stacks_moved = xp_cursor_varint(c);
	s->stack_ticks = xp_cursor_varint(c);
	s->stack_max = xp_cursor_varint(c);
}

bool xp_stats_decode(struct xp_profile *p, struct xp_cursor *c)
{
	struct xp_cpu_stats s = { 0 }, *out;
	size_t nr, i;

	s.cpu = (uint32_t)xp_cursor_bounded(c, XP_CPU_MAX, "a CPU");
	s.nmis = xp_cursor_varint(c);
	s.passed = xp_cursor_varint(c);
	s.handler_ticks = xp_cursor_varint(c);
	s.handler_max = xp_cursor_varint(c);
	s.ticks = xp_cursor_varint(c);
	s.coalesced = xp_cursor_varint(c);
	nr = (size_t)xp_cursor_bounded(c, XPROF_MAX_EVENTS, "a number of events");
	for (i = 0; i < nr; i++) {
		s.produced[i] = xp_cursor_varint(c);
		s.lost[i] = xp_cursor_varint(c);
	}
	if (xp_cursor_ok(c) && c->left)
		decode_counters(c, &s, nr);
	if (xp_cursor_ok(c) && c->left)
		decode_stacks(c, &s);
	out = xp_cursor_ok(c) ? xp_profile_append(p, stats, c) : NULL;
	if (out)
		*out = s;
	return out != NULL;
}
