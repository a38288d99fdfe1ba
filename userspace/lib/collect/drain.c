// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/collect/drain.h"
#include "lib/base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 1024 /* samples that a filter copies at a time: 32 KiB */

static void init_filters(struct xp_drain *d, const struct xp_collect_config *config)
{
	d->keeps_all = true;
	for (size_t e = 0; e < XPROF_MAX_EVENTS; e++) {
		d->events[e] = e < config->nr_events ? config->events[e] : (struct xp_collect_event){ .name = "?", .modifiers = "" };
		xp_event_filter_init(&d->filters[e], d->events[e].modifiers, config->domids, config->nr_domids);
		d->keeps_all &= d->filters[e].all;
	}
}

int xp_drain_init(struct xp_drain *d, struct xp_ring *rings, size_t nr_rings, struct xp_writer *w,
		  const struct xp_collect_sink *sink, const struct xp_collect_config *config, struct xp_err *err)
{
	memset(d, 0, sizeof(*d));
	d->delivered = calloc(nr_rings ? nr_rings : 1, sizeof(*d->delivered));
	d->told = calloc(nr_rings ? nr_rings : 1, sizeof(*d->told));
	d->periods = calloc(nr_rings ? nr_rings : 1, sizeof(*d->periods));
	if (!d->delivered || !d->told || !d->periods) {
		xp_drain_release(d);
		return xp_fail(err, XP_E_NOMEM, "no memory for the counts of %zu CPUs", nr_rings);
	}
	d->rings = rings;
	d->nr_rings = nr_rings;
	d->w = w;
	d->sink = sink;
	init_filters(d, config);
	xp_domains_init(&d->domains);
	d->has_stacks = sink->walk;
	return d->has_stacks ? xp_join_init(&d->stacks, nr_rings, sink, w, err) : 0;
}

void xp_drain_release(struct xp_drain *d)
{
	xp_domains_release(&d->domains);
	xp_join_release(&d->stacks);
	free(d->delivered);
	free(d->told);
	free(d->periods);
	d->delivered = NULL;
	d->told = NULL;
	d->periods = NULL;
}

/* ---- samples -------------------------------------------------------------*/

static int hand_on(struct xp_drain *d, size_t ring, const struct xprof_sample *s, size_t n, struct xp_err *err)
{
	uint32_t cpu = d->rings[ring].cpu;

	if (!n)
		return 0;
	if (d->sink->samples)
		d->sink->samples(d->sink->arg, cpu, s, n);
	if (d->has_stacks)
		return xp_join_samples(&d->stacks, ring, cpu, s, n, err);
	return xp_write_samples(d->w, cpu, s, n, err);
}

static int hand_on_kept(struct xp_drain *d, size_t ring, const struct xprof_sample *s, size_t n, struct xp_err *err)
{
	struct xprof_sample kept[BATCH];
	int ret = 0;

	while (n && ret == 0) {
		size_t some = n < BATCH ? n : BATCH;
		size_t k = xp_event_filter_copy(d->filters, s, some, kept);

		d->nr_filtered += some - k;
		ret = hand_on(d, ring, kept, k, err);
		s += some;
		n -= some;
	}
	return ret;
}

static int take_samples(struct xp_drain *d, size_t ring, const struct xprof_sample *s, size_t n, struct xp_err *err)
{
	uint64_t *delivered = d->delivered[ring];

	for (size_t i = 0; i < n; i++)
		delivered[s[i].rec.event % XPROF_MAX_EVENTS]++;
	d->nr_delivered += n;
	if (d->keeps_all)
		return hand_on(d, ring, s, n, err);
	return hand_on_kept(d, ring, s, n, err);
}

/* ---- the rest ------------------------------------------------------------*/

static int take_lost(struct xp_drain *d, uint32_t cpu, const struct xprof_lost *r, struct xp_err *err)
{
	struct xp_lost lost = { cpu, r->rec.event, r->first_tsc, r->last_tsc, r->count };

	return xp_write_lost(d->w, &lost, err);
}

static int take_gap(struct xp_drain *d, uint32_t cpu, const struct xprof_gap *r, struct xp_err *err)
{
	struct xp_gap gap = { cpu, r->rec.event, r->first_tsc, r->last_tsc };

	switch (gap.reason) {
	case XPROF_GAP_SOURCE:
		d->source_changed = true;
		break;
	case XPROF_GAP_COUNTERS:
		d->nr_changed++;
		break;
	case XPROF_GAP_VPMU:
		d->nr_taken++;
		break;
	case XPROF_GAP_OVERFLOW: /* is counted in the ring's header */
		break;
	default:
		d->nr_gaps++;
	}
	return xp_write_gap(d->w, &gap, err);
}

static int take_period(struct xp_drain *d, size_t ring, const struct xprof_period *r, struct xp_err *err)
{
	struct xp_period period = { d->rings[ring].cpu, r->rec.event % XPROF_MAX_EVENTS, r->rec.mode, r->tsc, r->period };
	uint64_t *worst = &d->worst_period[period.event];

	if (period.reason == XPROF_PERIOD_THROTTLE && period.period > *worst)
		*worst = period.period;
	d->periods[ring][period.event] = period;
	if (d->sink->period)
		d->sink->period(d->sink->arg, &period);
	return xp_write_period(d->w, &period, err);
}

static int take_record(struct xp_drain *d, size_t ring, const struct xp_record *r, struct xp_err *err)
{
	uint32_t cpu = d->rings[ring].cpu;

	switch (r->type) {
	case XPROF_REC_SAMPLE: /* with something behind it */
		return take_samples(d, ring, r->sample, 1, err);
	case XPROF_REC_DOMAIN:
		return xp_domains_note(&d->domains, r->domain, err);
	case XPROF_REC_LOST:
		return take_lost(d, cpu, r->lost, err);
	case XPROF_REC_GAP:
		return take_gap(d, cpu, r->gap, err);
	case XPROF_REC_PERIOD:
		return take_period(d, ring, r->period, err);
	case XPROF_REC_STACK:
		return d->has_stacks ? xp_join_record(&d->stacks, ring, r, err) : 0;
	default:
		return 0;
	}
}

/* ---- passes --------------------------------------------------------------*/

static int drain_step(struct xp_drain *d, size_t ring, struct xp_err *err)
{
	struct xp_ring_cursor cursor;
	const struct xprof_sample *samples;
	struct xp_record record;
	int ret = 0;

	xp_ring_begin(&d->rings[ring], &cursor);
	d->stacks.busy = cursor.prod - cursor.pos > d->rings[ring].size / 2;
	while (ret == 0) {
		size_t n = xp_ring_next_samples(&cursor, &samples, SIZE_MAX);

		if (n)
			ret = take_samples(d, ring, samples, n, err);
		else if (xp_ring_next(&cursor, &record))
			ret = take_record(d, ring, &record, err);
		else
			break;
	}
	xp_ring_commit(&d->rings[ring], &cursor);
	return ret;
}

/* As much as a full ring holds, and no more: what comes meanwhile is the next pass's. */
static int drain_ring(struct xp_drain *d, size_t ring, struct xp_err *err)
{
	uint32_t steps = d->rings[ring].size / xp_ring_step(&d->rings[ring]);
	int ret = 0;

	while (ret == 0 && steps-- > 0 && xp_ring_has_more(&d->rings[ring])) {
		ret = drain_step(d, ring, err);
		if (ret == 0 && d->enough && xp_ring_has_more(&d->rings[ring]) && d->enough(d->enough_arg))
			break;
	}
	return ret;
}

int xp_drain_pass(struct xp_drain *d, struct xp_err *err)
{
	int ret = 0;

	if (d->has_stacks)
		d->stacks.now_ns = xp_clock_ns(CLOCK_MONOTONIC);

	for (size_t i = 0; ret == 0 && i < d->nr_rings; i++)
		ret = drain_ring(d, i, err);
	if (ret == 0 && d->has_stacks)
		ret = xp_join_flush(&d->stacks, false, err);
	xp_domains_next_pass(&d->domains);
	return ret;
}

int xp_drain_finish(struct xp_drain *d, struct xp_err *err)
{
	return d->has_stacks ? xp_join_flush(&d->stacks, true, err) : 0;
}

/* ---- another file --------------------------------------------------------*/

void xp_drain_use(struct xp_drain *d, struct xp_writer *w)
{
	d->w = w;
	d->stacks.w = w;
}

int xp_drain_write_periods(struct xp_drain *d, struct xp_err *err)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < d->nr_rings; i++)
		for (size_t e = 0; ret == 0 && e < XPROF_MAX_EVENTS; e++)
			if (d->periods[i][e].tsc)
				ret = xp_write_period(d->w, &d->periods[i][e], err);
	return ret;
}
