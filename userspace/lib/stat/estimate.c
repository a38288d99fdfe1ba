// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/stat/estimate.h"

#include <stdlib.h>
#include <string.h>

#define PASSES 16 /* a quarter of a ring each: a producer that is faster than we are waits for the next time */

struct xp_estimate_ring {
	uint64_t period[XPROF_MAX_EVENTS];
	uint8_t (*handles)[16]; /* by domid: whose it is on this CPU, at this point of the ring */
};

#define NR_DOMIDS (XPROF_DOMID_IDLE + 1)

int xp_estimate_init(struct xp_estimate *e, struct xp_ring *rings, size_t nr_rings, const uint64_t periods[XPROF_MAX_EVENTS],
		     struct xp_err *err)
{
	memset(e, 0, sizeof(*e));
	e->rings = rings;
	e->state = calloc(nr_rings + 1, sizeof(*e->state));
	if (!e->state)
		return xp_fail(err, XP_E_NOMEM, "no memory for the samples of %zu CPUs", nr_rings);
	for (; e->nr_rings < nr_rings; e->nr_rings++) {
		struct xp_estimate_ring *r = &e->state[e->nr_rings];

		memcpy(r->period, periods, sizeof(r->period));
		r->handles = calloc(NR_DOMIDS, sizeof(*r->handles));
		if (!r->handles)
			return xp_fail(err, XP_E_NOMEM, "no memory for the domains of %zu CPUs", nr_rings);
	}
	return 0;
}

static void sums_clear(struct xp_estimate *e)
{
	xp_groups_release(&e->sums);
	e->room = 0;
}

void xp_estimate_release(struct xp_estimate *e)
{
	for (size_t i = 0; i < e->nr_rings; i++)
		free(e->state[i].handles);
	free(e->state);
	free(e->times);
	sums_clear(e);
	memset(e, 0, sizeof(*e));
}

/* ---- records -------------------------------------------------------------*/

static int reserve(struct xp_estimate *e, struct xp_err *err)
{
	size_t room = e->room ? 2 * e->room : 16;
	void *of, *squares;

	if (e->sums.nr < e->room)
		return 0;
	of = realloc(e->sums.of, room * sizeof(*e->sums.of));
	if (of)
		e->sums.of = of;
	squares = realloc(e->sums.squares, room * sizeof(*e->sums.squares));
	if (squares)
		e->sums.squares = squares;
	if (!of || !squares)
		return xp_fail(err, XP_E_NOMEM, "no memory for the samples of %zu domains", room);
	e->room = room;
	return 0;
}

/* The place of (domid, handle) in the sums, made if need be. */
static int place_of(struct xp_estimate *e, uint16_t domid, const uint8_t handle[16], size_t *place, struct xp_err *err)
{
	struct xprof_count key = { .domid = domid };
	int ret = reserve(e, err);

	if (ret < 0)
		return ret;
	memcpy(key.handle, handle, sizeof(key.handle));
	*place = xp_groups_place(&e->sums, &key);
	return 0;
}

static int take_sample(struct xp_estimate *e, const struct xp_estimate_ring *r, const struct xprof_sample *s, struct xp_err *err)
{
	uint16_t domid = s->rec.domid < NR_DOMIDS ? s->rec.domid : XPROF_DOMID_IDLE;
	uint8_t event = s->rec.event % XPROF_MAX_EVENTS;
	size_t place = 0;
	int ret = place_of(e, domid, r->handles[domid], &place, err);

	if (ret < 0)
		return ret;
	e->sums.of[place].count[event] += r->period[event];
	e->sums.squares[place][event] += (double)r->period[event] * (double)r->period[event];
	return 0;
}

static int take_record(struct xp_estimate *e, struct xp_estimate_ring *r, const struct xp_record *record, struct xp_err *err)
{
	switch (record->type) {
	case XPROF_REC_SAMPLE:
		return take_sample(e, r, record->sample, err);
	case XPROF_REC_DOMAIN:
		if (record->rec->domid < NR_DOMIDS)
			memcpy(r->handles[record->rec->domid], record->domain->handle, 16);
		return 0;
	case XPROF_REC_PERIOD:
		r->period[record->rec->event % XPROF_MAX_EVENTS] = record->period->period;
		return 0;
	case XPROF_REC_LOST:
		e->lost += record->lost->count;
		return 0;
	default:
		return 0;
	}
}

static int read_ring(struct xp_estimate *e, size_t i, struct xp_err *err)
{
	struct xp_ring_cursor cursor;
	struct xp_record record;
	int ret = 0;

	xp_ring_begin(&e->rings[i], &cursor);
	while (ret == 0 && xp_ring_next(&cursor, &record))
		ret = take_record(e, &e->state[i], &record, err);
	xp_ring_commit(&e->rings[i], &cursor);
	return ret;
}

int xp_estimate_pass(struct xp_estimate *e, struct xp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < e->nr_rings; i++) {
		int pass = 0;

		do
			ret = read_ring(e, i, err);
		while (ret == 0 && xp_ring_has_more(&e->rings[i]) && ++pass < PASSES);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* ---- a stretch of time ---------------------------------------------------*/

static uint64_t ticks_before(const struct xp_estimate *e, const struct xp_cpu_time *now)
{
	for (size_t i = 0; i < e->nr_times; i++)
		if (e->times[i].domid == now->domid && !memcmp(e->times[i].handle, now->handle, sizeof(now->handle)))
			return e->times[i].ticks;
	return 0;
}

static int add_time(struct xp_estimate *e, uint16_t domid, const uint8_t handle[16], uint64_t ticks, struct xp_err *err)
{
	size_t place = 0;
	int ret = ticks ? place_of(e, domid, handle, &place, err) : 0;

	if (ret == 0 && ticks)
		e->sums.of[place].ticks += ticks;
	return ret;
}

/* What no domain had the CPUs were idle for. */
static int add_times(struct xp_estimate *e, const struct xp_cpu_time *times, size_t nr, uint64_t all, struct xp_err *err)
{
	static const uint8_t no_handle[16];
	uint64_t sum = 0;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < nr; i++) {
		uint64_t before = ticks_before(e, &times[i]);
		uint64_t ticks = times[i].ticks > before ? times[i].ticks - before : 0;

		ret = add_time(e, times[i].domid, times[i].handle, ticks, err);
		sum += ticks;
	}
	return ret || sum >= all ? ret : add_time(e, XPROF_DOMID_IDLE, no_handle, all - sum, err);
}

static int keep_times(struct xp_estimate *e, const struct xp_cpu_time *times, size_t nr, struct xp_err *err)
{
	struct xp_cpu_time *copy = calloc(nr + 1, sizeof(*copy));

	if (!copy)
		return xp_fail(err, XP_E_NOMEM, "no memory for the times of %zu domains", nr);
	if (nr)
		memcpy(copy, times, nr * sizeof(*copy));
	free(e->times);
	e->times = copy;
	e->nr_times = nr;
	return 0;
}

/* The share of the time in which each event had a counter: the same for all domains, for all that is known. */
static void set_running(struct xp_estimate *e)
{
	uint64_t active = 0, running[XPROF_MAX_EVENTS] = { 0 };

	for (size_t i = 0; i < e->nr_rings; i++) {
		active += e->rings[i].header->active;
		for (size_t n = 0; n < XPROF_MAX_EVENTS; n++)
			running[n] += e->rings[i].header->running[n];
	}
	for (size_t n = 0; n < XPROF_MAX_EVENTS; n++) {
		double share = 1;

		if (active > e->active && running[n] >= e->running[n])
			share = (double)(running[n] - e->running[n]) / (double)(active - e->active);
		/* published now and then, so that a few ticks are missing now and then */
		for (size_t g = 0; g < e->sums.nr; g++)
			e->sums.of[g].running[n] = share > 0.999 ? e->sums.of[g].ticks
								 : (uint64_t)(share * (double)e->sums.of[g].ticks);
		e->running[n] = running[n];
	}
	e->active = active;
}

int xp_estimate_take(struct xp_estimate *e, const struct xp_cpu_time *times, size_t nr_times, uint64_t all, uint32_t cpus,
		     struct xp_groups *g, struct xp_err *err)
{
	int ret = xp_estimate_pass(e, err);

	memset(g, 0, sizeof(*g));
	if (ret == 0)
		ret = add_times(e, times, nr_times, all, err);
	if (ret == 0)
		ret = keep_times(e, times, nr_times, err);
	if (ret < 0)
		return ret;
	set_running(e);
	*g = e->sums;
	g->ticks = all;
	g->cpus = cpus;
	g->lost = e->lost - e->lost_before;
	e->lost_before = e->lost;
	memset(&e->sums, 0, sizeof(e->sums));
	e->room = 0;
	return 0;
}
