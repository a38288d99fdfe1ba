/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EVNT chunks: what was sampled. CLCK chunks: readings of three clocks. */
#include "lib/profile/codec.h"

void xp_event_encode(struct xp_buf *b, size_t index, const struct xp_event *event)
{
	xp_buf_varint(b, index);
	xp_put_string(b, event->name);
	xp_buf_varint(b, event->period);
	xp_put_string(b, event->source);
	xp_put_string(b, event->modifiers);
	xp_buf_varint(b, event->select);
	xp_buf_varint(b, event->flags);
	xp_buf_varint(b, event->hz);
	xp_buf_varint(b, event->fixed);
}

/* What version 1.0 did not have. */
static void decode_counter(struct xp_cursor *c, struct xp_event *event)
{
	event->select = xp_cursor_varint(c);
	event->flags = (uint32_t)xp_cursor_bounded(c, UINT32_MAX, "an event's flags");
	event->hz = (uint32_t)xp_cursor_bounded(c, UINT32_MAX, "an event's rate");
	event->fixed = (uint8_t)xp_cursor_bounded(c, UINT8_MAX, "a fixed counter");
}

/* Stands for an event whose record was damaged, so that the others keep their numbers. */
static bool append_placeholder(struct xp_profile *p, struct xp_cursor *c)
{
	struct xp_event *event = xp_profile_append(p, events, c);
	char name[16];

	if (!event)
		return false;
	snprintf(name, sizeof(name), "event%zu", p->nr_events - 1);
	event->name = xp_arena_string(&p->file->arena, name, strlen(name));
	event->source = event->modifiers = xp_arena_string(&p->file->arena, "", 0);
	if (event->name && event->source)
		return true;
	p->nr_events--;
	p->file->refused = true;
	return xp_cursor_fail(c, "no memory");
}

bool xp_event_decode(struct xp_profile *p, struct xp_cursor *c)
{
	size_t index = (size_t)xp_cursor_bounded(c, XPROF_MAX_EVENTS - 1, "an event's number");
	struct xp_event event = { 0 };

	event.name = xp_profile_string(p, c);
	event.period = xp_cursor_varint(c);
	event.source = xp_profile_string(p, c);
	event.modifiers = xp_profile_string(p, c);
	if (xp_cursor_ok(c) && c->left)
		decode_counter(c, &event);
	if (!xp_cursor_ok(c))
		return false;
	while (p->nr_events <= index)
		if (!append_placeholder(p, c))
			return false;
	p->events[index] = event;
	return true;
}

void xp_clock_encode(struct xp_buf *b, const struct xp_clock *clock)
{
	xp_buf_varint(b, clock->tsc);
	xp_buf_varint(b, clock->realtime_ns);
	xp_buf_varint(b, clock->monotonic_ns);
}

bool xp_clock_decode(struct xp_profile *p, struct xp_cursor *c)
{
	struct xp_clock clock = {
		.tsc = xp_cursor_varint(c),
		.realtime_ns = xp_cursor_varint(c),
		.monotonic_ns = xp_cursor_varint(c),
	};
	struct xp_clock *out = xp_cursor_ok(c) ? xp_profile_append(p, clocks, c) : NULL;

	if (out)
		*out = clock;
	return out != NULL;
}
