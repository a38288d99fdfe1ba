// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/mmqueue.h"

#include <stdbool.h>

struct xp_mm_queued {
	struct xp_mm_event event; /* its name lies behind */
	size_t order;
	char name[];
};

void xp_mm_queue_release(struct xp_mm_queue *q)
{
	size_t i;

	for (i = 0; i < q->nr; i++)
		free(q->v[i]);
	free(q->v);
	*q = (struct xp_mm_queue){ 0 };
}

static bool has_room(struct xp_mm_queue *q)
{
	size_t room = q->room ? 2 * q->room : 256;
	struct xp_mm_queued **v;

	if (q->nr < q->room)
		return true;
	if (q->nr >= XP_MM_QUEUE_MAX)
		return false;
	v = realloc(q->v, room * sizeof(*v));
	if (!v)
		return false;
	q->v = v;
	q->room = room;
	return true;
}

void xp_mm_queue_add(struct xp_mm_queue *q, const struct xp_mm_event *event)
{
	struct xp_mm_queued *queued = NULL;

	if (has_room(q))
		queued = malloc(sizeof(*queued) + event->name.len);
	if (!queued) {
		q->dropped++;
		return;
	}
	queued->event = *event;
	queued->order = q->nr;
	if (event->name.len)
		memcpy(queued->name, event->name.at, event->name.len);
	queued->event.name.at = queued->name;
	q->v[q->nr++] = queued;
}

static int compare(const void *a, const void *b)
{
	const struct xp_mm_queued *x = *(struct xp_mm_queued *const *)a, *y = *(struct xp_mm_queued *const *)b;

	if (x->event.ns != y->event.ns)
		return x->event.ns < y->event.ns ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

void xp_mm_queue_take(struct xp_mm_queue *q, uint64_t ns, void (*fn)(const struct xp_mm_event *event, void *arg),
		      void *arg)
{
	size_t i, taken;

	if (q->nr)
		qsort(q->v, q->nr, sizeof(struct xp_mm_queued *), compare);
	for (taken = 0; taken < q->nr && q->v[taken]->event.ns <= ns; taken++) {
		fn(&q->v[taken]->event, arg);
		free(q->v[taken]);
	}
	for (i = taken; i < q->nr; i++) {
		q->v[i - taken] = q->v[i];
		q->v[i - taken]->order = i - taken;
	}
	q->nr -= taken;
}
