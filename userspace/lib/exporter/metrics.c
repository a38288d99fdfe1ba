// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/exporter/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "lib/agg/filter.h"
#include "lib/agg/series.h"
#include "lib/base/text.h"
#include "lib/report/report.h"

void xp_metrics_release(struct xp_metrics *m)
{
	for (size_t i = 0; i < m->nr_domains; i++) {
		free(m->domains[i].name);
		free(m->domains[i].counts);
	}
	for (size_t i = 0; i < m->nr_events; i++)
		free(m->events[i]);
	free(m->domains);
	*m = (struct xp_metrics){ .nr_events = 0 };
}

static char *escaped(const char *name)
{
	struct xp_buf b = XP_BUF_INIT;

	xp_text_escape(&b, name, strlen(name));
	xp_buf_u8(&b, 0);
	if (xp_buf_ok(&b))
		return (char *)b.data;
	xp_buf_release(&b);
	return NULL;
}

/* ---- copying -------------------------------------------------------------*/

static bool copy_domain(struct xp_metrics_domain *to, const struct xp_metrics_domain *from)
{
	*to = *from;
	to->name = strdup(from->name);
	to->counts = calloc(XP_METRICS_EVENTS, sizeof(*to->counts));
	if (to->counts)
		memcpy(to->counts, from->counts, XP_METRICS_EVENTS * sizeof(*to->counts));
	return to->name && to->counts;
}

int xp_metrics_copy(struct xp_metrics *to, const struct xp_metrics *from, struct xp_err *err)
{
	bool ok = true;

	*to = *from;
	to->nr_events = to->nr_domains = 0;
	to->room = from->nr_domains;
	to->domains = calloc(to->room ? to->room : 1, sizeof(*to->domains));
	for (; ok && to->nr_events < from->nr_events; to->nr_events++)
		ok = (to->events[to->nr_events] = strdup(from->events[to->nr_events]));
	for (; ok && to->domains && to->nr_domains < from->nr_domains; to->nr_domains++)
		ok = copy_domain(&to->domains[to->nr_domains], &from->domains[to->nr_domains]);
	if (ok && to->domains)
		return 0;
	xp_metrics_release(to);
	return xp_fail(err, XP_E_NOMEM, "no memory for the metrics of %zu domains", from->nr_domains);
}

/* ---- events and domains --------------------------------------------------*/

/* Its index; XP_METRICS_EVENTS: there are too many. */
static size_t event_index(struct xp_metrics *m, const char *name)
{
	char *text = escaped(name);
	size_t i = 0;

	while (text && i < m->nr_events && strcmp(m->events[i], text))
		i++;
	if (!text || i < m->nr_events || i == XP_METRICS_EVENTS) {
		free(text);
		return text ? i : XP_METRICS_EVENTS;
	}
	m->event_is_time[i] = !strcmp(name, "timer");
	m->events[m->nr_events++] = text;
	return i;
}

static void forget_unseen(struct xp_metrics *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->nr_domains; i++) {
		if (m->domains[i].shown) {
			m->domains[kept++] = m->domains[i];
			continue;
		}
		free(m->domains[i].name);
		free(m->domains[i].counts);
	}
	m->nr_domains = kept;
}

static struct xp_metrics_domain *add_domain(struct xp_metrics *m, char *name)
{
	size_t room = m->room ? 2 * m->room : 16;
	struct xp_metrics_domain *domains;

	if (m->nr_domains == m->room) {
		domains = realloc(m->domains, room * sizeof(*domains));
		if (!domains)
			return NULL;
		m->domains = domains;
		m->room = room;
	}
	m->domains[m->nr_domains] = (struct xp_metrics_domain){ .name = name };
	m->domains[m->nr_domains].counts = calloc(XP_METRICS_EVENTS, sizeof(*m->domains->counts));
	return m->domains[m->nr_domains].counts ? &m->domains[m->nr_domains++] : NULL;
}

/* Shown from now on. NULL: no memory. */
static struct xp_metrics_domain *domain_of(struct xp_metrics *m, const char *name)
{
	char *text = escaped(name);
	struct xp_metrics_domain *d = NULL;

	for (size_t i = 0; text && !d && i < m->nr_domains; i++)
		if (!strcmp(m->domains[i].name, text))
			d = &m->domains[i];
	if (d)
		free(text);
	else if (text && !(d = add_domain(m, text)))
		free(text);
	if (d)
		d->shown = true;
	return d;
}

/* ---- one profile ---------------------------------------------------------*/

/* What is taken in, and how. */
struct taking {
	const struct xp_agg *agg;
	const struct xp_series_sum *series;
	bool part;
	struct xp_metrics_map map;
};

static bool has_samples(const struct xp_agg *a, const struct xp_agg_domain *d)
{
	for (size_t mode = 0; mode < XP_NR_MODES; mode++)
		for (size_t e = 0; mode != XP_MODE_IDLE && e < a->nr_events; e++)
			if (d->modes[mode].of[e])
				return true;
	return false;
}

/* The weight of counters' samples is known in the end: so they may have to wait for it. */
static void add_samples(struct xp_metrics *m, struct xp_metrics_domain *d, const struct taking *t, const struct xp_agg_domain *from, size_t e)
{
	size_t event = t->map.index[e];

	for (size_t mode = 0; event < XP_METRICS_EVENTS && mode < XP_NR_MODES; mode++) {
		struct xp_metrics_count *c = &d->counts[event][mode];

		if (mode == XP_MODE_IDLE)
			continue;
		c->samples += from->modes[mode].of[e];
		if (!t->part || m->event_is_time[event])
			c->weight += from->weights[mode].of[e];
		if (t->part)
			continue;
		d->last[e].samples += from->modes[mode].of[e];
		d->last[e].weight += from->weights[mode].of[e];
	}
}

static bool take_samples(struct xp_metrics *m, const struct taking *t)
{
	const struct xp_agg *a = t->agg;

	for (size_t i = 0; i < a->nr_domains; i++) {
		const struct xp_agg_domain *from = &a->domains[i];
		struct xp_metrics_domain *d;

		if (i == a->idle || !has_samples(a, from) || (t->part && !from->info)) /* (its name may not have been written yet) */
			continue;
		d = domain_of(m, from->name);
		if (!d)
			return false;
		for (size_t e = 0; e < t->map.nr; e++)
			add_samples(m, d, t, from, e);
	}
	return true;
}

/* A domain that was started anew stands twice: the later one is what there is. */
static bool take_series(struct xp_metrics *m, const struct xp_series_sum *s)
{
	for (size_t i = 0; i < s->nr_domains; i++) {
		const struct xp_series_domain_sum *from = &s->domains[i];
		struct xp_metrics_domain *d;
		uint64_t ns[XP_NR_RUN_STATES] = { 0 };
		bool all = from->nr_vcpus;

		if (from->gone || !from->last || !from->name || !from->name[0])
			continue;
		d = domain_of(m, from->name);
		if (!d)
			return false;
		d->has_cpu = true;
		d->cpu_ns = from->last->u.time.cpu_ns;
		for (size_t v = 0; v < from->nr_vcpus; v++) {
			all &= from->vcpus[v].nr == XP_NR_RUN_STATES;
			for (size_t k = 0; k < XP_NR_RUN_STATES; k++)
				ns[k] += from->vcpus[v].last[k];
		}
		d->has_states = all;
		memcpy(d->state_ns, ns, sizeof(ns));
	}
	return true;
}

static uint64_t tsc_khz(const struct xp_profile *p)
{
	const char *text = xp_profile_host(p, "tsc.khz");

	return text ? strtoull(text, NULL, 10) : 0;
}

static void take_overhead(struct xp_metrics *m, const struct xp_profile *p)
{
	uint64_t ticks = 0, khz = tsc_khz(p), span = 0;

	for (size_t i = 0; i < p->nr_stats; i++)
		ticks += p->stats[i].handler_ticks;
	if (p->nr_clocks > 1 && p->clocks[p->nr_clocks - 1].tsc > p->clocks[0].tsc)
		span = p->clocks[p->nr_clocks - 1].tsc - p->clocks[0].tsc;
	m->overhead = span && p->nr_stats ? (double)ticks / ((double)span * (double)p->nr_stats) : -1;
	if (khz)
		m->handler_ns += (uint64_t)((double)ticks * 1e6 / (double)khz);
}

static void take_events(struct xp_metrics *m, struct taking *t)
{
	const struct xp_profile *p = t->agg->profile;
	struct xp_counts lost;
	char text[16];

	xp_report_lost(p, &lost);
	t->map.nr = t->agg->nr_events < XPROF_MAX_EVENTS ? t->agg->nr_events : XPROF_MAX_EVENTS;
	for (size_t e = 0; e < t->map.nr; e++) {
		t->map.index[e] = event_index(m, xp_agg_event_name(t->agg, e, text));
		t->map.counted[e] = e < p->nr_events && p->events[e].flags;
		if (t->map.index[e] < XP_METRICS_EVENTS)
			m->lost[t->map.index[e]] += lost.of[e];
	}
}

static void begin(struct xp_metrics *m)
{
	if (m->nr_domains > XP_METRICS_DOMAINS)
		forget_unseen(m);
	for (size_t i = 0; i < m->nr_domains; i++) {
		struct xp_metrics_domain *d = &m->domains[i];

		d->shown = d->has_cpu = d->has_states = false;
		memset(d->last, 0, sizeof(d->last));
	}
}

/* Of a profile that is whole. */
static void take_newest(struct xp_metrics *m, const struct taking *t)
{
	const struct xp_profile *p = t->agg->profile;

	take_overhead(m, p);
	m->last = t->map;
	m->profiles++;
	m->any = true;
	m->begin_ns = p->nr_clocks ? p->clocks[0].realtime_ns : 0;
	m->duration_ns = xp_profile_duration_ns(p, t->agg->first_tsc, t->agg->last_tsc);
	m->until_ns = m->begin_ns + m->duration_ns;
}

static int take(struct xp_metrics *m, struct taking *t, struct xp_err *err)
{
	const struct xp_profile *p = t->agg->profile;

	if (!t->part)
		begin(m);
	take_events(m, t);
	if (!take_samples(m, t) || !take_series(m, t->series))
		return xp_fail(err, XP_E_NOMEM, "no memory for the metrics of %zu domains", m->nr_domains);
	m->some = true;
	if (!t->part)
		take_newest(m, t);
	else if (p->nr_clocks)
		m->until_ns = p->clocks[p->nr_clocks - 1].realtime_ns;
	return 0;
}

static int take_in(struct xp_metrics *m, struct xp_profile *p, bool part, struct xp_err *err)
{
	const struct xp_agg_config config = { .keys = 0 };
	struct xp_series_sum s;
	struct xp_agg *a;
	int ret = xp_agg_run(&a, p, &config, err);

	if (ret < 0)
		return ret;
	ret = xp_series_sum_init(&s, p, err);
	if (ret == 0) {
		struct taking t = { .agg = a, .series = &s, .part = part };

		ret = take(m, &t, err);
		xp_series_sum_release(&s);
	}
	xp_agg_free(a);
	return ret;
}

int xp_metrics_take(struct xp_metrics *m, struct xp_profile *p, struct xp_err *err)
{
	return take_in(m, p, false, err);
}

int xp_metrics_take_part(struct xp_metrics *m, struct xp_profile *p, struct xp_err *err)
{
	return take_in(m, p, true, err);
}
