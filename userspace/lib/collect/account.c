// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/collect/account.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static uint64_t header_lost(const struct xprof_ring_header *h)
{
	uint64_t sum = 0;

	for (size_t e = 0; e < XPROF_MAX_EVENTS; e++)
		sum += h->lost[e];
	return sum;
}

static void add_ring(const struct xp_ring *ring, struct xp_collect_figures *f, uint64_t *ticks, uint64_t *max)
{
	const struct xprof_ring_header *h = ring->header;

	f->lost += header_lost(h);
	f->nmis += h->nmis;
	f->passed += h->passed;
	f->coalesced += h->coalesced;
	f->corrupt += ring->corrupt;
	f->corrupt_bytes += ring->corrupt_bytes;
	f->skipped += ring->skipped;
	f->cpus += h->nmis != 0;
	*ticks += h->handler_ticks;
	if (h->handler_max > *max)
		*max = h->handler_max;
}

static uint64_t ticks_to_ns(uint64_t ticks, uint32_t tsc_khz)
{
	return tsc_khz ? (uint64_t)((__extension__ (unsigned __int128)ticks) * 1000000u / tsc_khz) : 0;
}

static uint64_t stack_ticks(const struct xp_drain *d)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < d->nr_rings; i++)
		sum += d->rings[i].header->stack_ticks;
	return sum;
}

static void take_chains(const struct xp_drain *d, struct xp_collect_figures *f)
{
	f->chains = 0;
	for (size_t end = 0; end < XP_NR_CHAIN_ENDS; end++)
		f->chains += d->stacks.ends[end];
	f->chains_whole = d->stacks.ends[XP_CHAIN_COMPLETE];
	f->chains_dropped = d->stacks.ends[XP_CHAIN_DROPPED];
}

void xp_account_figures(const struct xp_drain *d, const struct xprof_op_info *info, struct xp_collect_figures *f)
{
	uint64_t ticks = 0, max = 0, cpu_time;

	f->lost = f->nmis = f->passed = f->coalesced = 0;
	f->corrupt = f->corrupt_bytes = f->skipped = 0;
	f->cpus = 0;
	for (size_t i = 0; i < d->nr_rings; i++)
		add_ring(&d->rings[i], f, &ticks, &max);
	f->delivered = d->nr_delivered;
	f->filtered = d->nr_filtered;
	f->gaps = d->nr_gaps;
	f->domains = (uint32_t)d->domains.nr;
	take_chains(d, f);
	cpu_time = f->elapsed_ns * f->cpus;
	f->overhead_ppm = cpu_time ? ticks_to_ns(ticks + stack_ticks(d), info->tsc_khz) * 1000000u / cpu_time : 0;
	f->handler_max_ns = ticks_to_ns(max, info->tsc_khz);
}

/*
 * Of this CPU since the session began. While Xen goes on sampling, what lies in the ring still belongs to the next file:
 * then those are counted that have been read.
 */
static struct xp_cpu_stats stats_of(const struct xp_drain *d, size_t ring)
{
	const struct xprof_ring_header *h = d->rings[ring].header;
	struct xp_cpu_stats s = {
		.cpu = d->rings[ring].cpu, .nmis = h->nmis, .passed = h->passed,
		.handler_ticks = h->handler_ticks, .handler_max = h->handler_max,
		.ticks = h->ticks, .coalesced = h->coalesced, .active = h->active, .rearmed = h->rearmed,
		.stack_ticks = h->stack_ticks, .stack_max = h->stack_max, .stacks_moved = h->stacks_moved,
	};

	memcpy(s.stacks, h->stacks, sizeof(s.stacks));
	memcpy(s.stacks_lost, h->stacks_lost, sizeof(s.stacks_lost));
	memcpy(s.produced, h->produced, sizeof(s.produced));
	memcpy(s.lost, h->lost, sizeof(s.lost));
	memcpy(s.running, h->running, sizeof(s.running));
	memcpy(s.period, h->period, sizeof(s.period));
	memcpy(s.throttled, h->throttled, sizeof(s.throttled));
	for (size_t e = 0; d->sampling && e < XPROF_MAX_EVENTS; e++)
		s.produced[e] = d->delivered[ring][e] + s.lost[e];
	return s;
}

static void subtract(uint64_t *from, const uint64_t *what, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		from[i] -= what[i];
}

/* Since the file before. The longest times are of the session, and a period is what it is now. */
static struct xp_cpu_stats since(const struct xp_cpu_stats *now, const struct xp_cpu_stats *told)
{
	struct xp_cpu_stats s = *now;

	s.nmis -= told->nmis;
	s.passed -= told->passed;
	s.handler_ticks -= told->handler_ticks;
	s.ticks -= told->ticks;
	s.coalesced -= told->coalesced;
	s.active -= told->active;
	s.rearmed -= told->rearmed;
	s.stack_ticks -= told->stack_ticks;
	s.stacks_moved -= told->stacks_moved;
	subtract(s.stacks, told->stacks, XPROF_STACK_PARTS);
	subtract(s.stacks_lost, told->stacks_lost, XPROF_STACK_PARTS);
	subtract(s.produced, told->produced, XPROF_MAX_EVENTS);
	subtract(s.lost, told->lost, XPROF_MAX_EVENTS);
	subtract(s.running, told->running, XPROF_MAX_EVENTS);
	subtract(s.throttled, told->throttled, XPROF_MAX_EVENTS);
	return s;
}

int xp_account_write(struct xp_drain *d, struct xp_err *err)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < d->nr_rings; i++) {
		const struct xp_cpu_stats now = stats_of(d, i), file = since(&now, &d->told[i]);

		d->told[i] = now;
		ret = xp_write_cpu_stats(d->w, &file, err);
	}
	return ret;
}

/* ---- what does not add up ------------------------------------------------*/

struct lines {
	char *text;
	size_t size, at;
};

__attribute__((format(printf, 2, 3)))
static void say(struct lines *l, const char *format, ...)
{
	va_list ap;
	int n;

	if (l->at >= l->size)
		return;
	va_start(ap, format);
	n = vsnprintf(l->text + l->at, l->size - l->at, format, ap);
	va_end(ap);
	l->at += n > 0 ? (size_t)n : 0;
}

static void check_ring(const struct xp_drain *d, size_t ring, struct lines *l)
{
	const struct xprof_ring_header *h = d->rings[ring].header;

	for (size_t e = 0; e < XPROF_MAX_EVENTS; e++) {
		uint64_t delivered = d->delivered[ring][e];

		if (h->produced[e] != delivered + h->lost[e])
			say(l, "CPU %u, event %zu: Xen produced %" PRIu64 " samples, %" PRIu64 " were delivered and %" PRIu64
			    " lost: that does not add up\n", d->rings[ring].cpu, e, h->produced[e], delivered, h->lost[e]);
	}
}

/* ---- what counters could not do ------------------------------------------*/

/* Of all rings: for how long CPUs counted, for how long the event had a counter, how often its period was raised. */
struct share {
	uint64_t active, running, throttled, rearmed;
};

static struct share share_of(const struct xp_drain *d, size_t event)
{
	struct share s = { 0 };

	for (size_t i = 0; i < d->nr_rings; i++) {
		const struct xprof_ring_header *h = d->rings[i].header;

		s.active += h->active;
		s.running += h->running[event];
		s.throttled += h->throttled[event];
		s.rearmed += h->rearmed;
	}
	return s;
}

static void check_event(const struct xp_drain *d, size_t event, struct lines *l)
{
	const struct xp_collect_event *e = &d->events[event];
	struct share s = share_of(d, event);

	if (s.throttled && !e->hz)
		say(l, "%s: NMIs came too densely, so its period was raised %" PRIu64 " times, from %" PRIu64 " to %" PRIu64
		    " at most; the report counts each sample for what it stands for\n", e->name, s.throttled, e->period,
		    d->worst_period[event]);
	if (s.active && !s.running)
		say(l, "%s never had a counter: others hold those that can count it\n", e->name);
}

/* One line for all that took turns. */
static void check_turns(const struct xp_drain *d, struct lines *l)
{
	double least = 100, most = 0;
	unsigned int nr = 0;

	for (size_t e = 0; e < XPROF_MAX_EVENTS; e++) {
		struct share s = share_of(d, e);
		double percent = s.active ? 100.0 * (double)s.running / (double)s.active : 0;

		if (!d->events[e].period || !s.running || percent >= 99)
			continue;
		nr++;
		least = percent < least ? percent : least;
		most = percent > most ? percent : most;
	}
	if (nr)
		say(l, "%u event%s had a counter for %.1f%% to %.1f%% of the time, as there are more events than counters: the report "
		    "scales what it says of them\n", nr, nr == 1 ? "" : "s", least, most);
}

static void check_counters(const struct xp_drain *d, struct lines *l)
{
	uint64_t rearmed = share_of(d, 0).rearmed;

	for (size_t e = 0; e < XPROF_MAX_EVENTS; e++)
		if (d->events[e].period)
			check_event(d, e, l);
	check_turns(d, l);
	if (d->nr_taken)
		say(l, "Xen's vPMU was switched on, and guests had the counters of %" PRIu64 " CPU%s: nothing was sampled while it was on, and "
		    "the report tells for how long\n", d->nr_taken, d->nr_taken == 1 ? "" : "s");
	if (d->nr_changed)
		say(l, "another changed the counters %" PRIu64 " times (firmware? S3?): they were set up anew, samples in between are "
		    "missing\n", d->nr_changed);
	if (rearmed > d->nr_changed)
		say(l, "counters had overflowed without an NMI %" PRIu64 " times and were armed anew\n", rearmed - d->nr_changed);
}

void xp_account_check(const struct xp_drain *d, const struct xp_collect_figures *f, char *warnings, size_t size)
{
	struct lines l = { warnings, size, 0 };

	warnings[0] = '\0';
	for (size_t i = 0; i < d->nr_rings; i++)
		check_ring(d, i, &l);
	if (f->corrupt)
		say(&l, "rings held what cannot be, %" PRIu64 " times; %" PRIu64 " bytes were given up\n", f->corrupt, f->corrupt_bytes);
	if (f->skipped)
		say(&l, "%" PRIu64 " records of a kind that this xprof does not know were skipped\n", f->skipped);
	if (f->gaps)
		say(&l, "sampling paused %" PRIu64 " times (live patch or microcode loading, CPU offline)\n", f->gaps);
	check_counters(d, &l);
	if (d->source_changed)
		say(&l, "CPUs came or went, so the HPET was given up: from then on by the neighbour's IPI, at 1 kHz at most\n");
	if (f->chains_dropped)
		say(&l, "%" PRIu64 " of %" PRIu64 " samples have no whole call chain because stacks found no room or could not be walked in time: lower "
		    "-F, or raise --ring\n", f->chains_dropped, f->chains);
	if (f->lost_tasks)
		say(&l, "the kernel had no room for %" PRIu64 " task records: some processes may have no name\n", f->lost_tasks);
}
