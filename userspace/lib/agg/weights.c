/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/agg/weights.h"

void xp_weights_init(struct xp_weights *w, const struct xp_profile *p)
{
	*w = (struct xp_weights){ .p = p };
}

/* The first record that comes after (cpu, event, tsc). */
static const struct xp_period *after(const struct xp_period *lo, const struct xp_period *hi, uint32_t cpu, unsigned int event,
				     uint64_t tsc)
{
	while (lo < hi) {
		const struct xp_period *mid = lo + (hi - lo) / 2;
		bool before = mid->cpu != cpu ? mid->cpu < cpu : mid->event != event ? mid->event < event : mid->tsc <= tsc;

		if (before)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static uint64_t opened_with(const struct xp_profile *p, size_t event)
{
	uint64_t period = event < p->nr_events ? p->events[event].period : 0;

	return period ? period : 1; /* a profile that does not tell: each sample is one */
}

static uint64_t scaled(const struct xp_weights *w, size_t event, uint64_t period)
{
	uint64_t active = w->stats ? w->stats->active : 0, running = w->stats ? w->stats->running[event] : 0;

	if (!running || running >= active)
		return period;
	return (uint64_t)(((__extension__ (unsigned __int128)period) * active + running / 2) / running);
}

static const struct xp_cpu_stats *stats_of(const struct xp_profile *p, uint32_t cpu)
{
	size_t i;

	for (i = 0; i < p->nr_stats; i++)
		if (p->stats[i].cpu == cpu)
			return &p->stats[i];
	return NULL;
}

/* In force at tsc: the last record at or before it, or none. */
static const struct xp_period *in_force(const struct xp_weights *w, unsigned int event, uint64_t tsc)
{
	const struct xp_period *next;

	if (w->begin == w->end)
		return NULL;
	next = after(w->begin, w->end, w->begin->cpu, event, tsc);
	return next > w->begin && next[-1].event == event ? next - 1 : NULL;
}

void xp_weights_block(struct xp_weights *w, uint32_t cpu, uint64_t first, uint64_t last)
{
	const struct xp_period *all = w->p->periods, *end = all + w->p->nr_periods;
	unsigned int event;

	if (!w->p->nr_periods)
		all = end = NULL;
	w->stats = stats_of(w->p, cpu);
	w->begin = cpu ? after(all, end, cpu - 1, XPROF_MAX_EVENTS, UINT64_MAX) : all;
	w->end = after(w->begin, end, cpu, XPROF_MAX_EVENTS, UINT64_MAX);
	w->varies = 0;
	for (event = 0; event < XPROF_MAX_EVENTS; event++) {
		const struct xp_period *r = in_force(w, event, first);

		w->at[event].from = w->at[event].to = 0;
		w->constant[event] = scaled(w, event, r ? r->period : opened_with(w->p, event));
		if (r != in_force(w, event, last))
			w->varies |= 1u << event;
	}
}

static uint64_t look_up(struct xp_weights *w, uint8_t event, uint64_t tsc)
{
	const struct xp_period *r = in_force(w, event, tsc), *next = after(w->begin, w->end, w->begin->cpu, event, tsc);

	w->at[event].from = r ? r->tsc : 0;
	w->at[event].to = next < w->end && next->event == event ? next->tsc : UINT64_MAX;
	w->at[event].weight = scaled(w, event, r ? r->period : opened_with(w->p, event));
	return w->at[event].weight;
}

uint64_t xp_weight_at(struct xp_weights *w, uint8_t event, uint64_t tsc)
{
	if (!(w->varies & 1u << event))
		return w->constant[event];
	if (tsc >= w->at[event].from && tsc < w->at[event].to)
		return w->at[event].weight;
	return look_up(w, event, tsc);
}

bool xp_weights_share(const struct xp_profile *p, size_t event, uint64_t *active, uint64_t *running)
{
	size_t i;

	*active = *running = 0;
	for (i = 0; i < p->nr_stats; i++) {
		*active += p->stats[i].active;
		*running += p->stats[i].running[event];
	}
	return *active != 0;
}
