// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/stat/runs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void xp_spread_add(struct xp_spread *s, double value)
{
	double off = value - s->mean;

	s->n++;
	s->mean += off / (double)s->n;
	s->m2 += off * (value - s->mean);
}

double xp_spread_relative(const struct xp_spread *s)
{
	if (s->n < 2 || s->mean <= 0)
		return -1;
	return sqrt(s->m2 / (double)(s->n - 1) / (double)s->n) / s->mean;
}

double xp_run_interval(const struct xp_run_group *g, size_t event)
{
	if (!(g->squares[event] > 0) || !g->sum.count[event])
		return -1;
	return 1.96 * sqrt(g->squares[event]) / (double)g->sum.count[event];
}

void xp_runs_init(struct xp_runs *r)
{
	memset(r, 0, sizeof(*r));
}

void xp_runs_release(struct xp_runs *r)
{
	free(r->of);
	xp_runs_init(r);
}

static int reserve(struct xp_runs *r, size_t more, struct xp_err *err)
{
	void *p;

	if (r->room - r->nr >= more)
		return 0;
	p = realloc(r->of, (r->nr + more) * sizeof(*r->of));
	if (!p)
		return xp_fail(err, XP_E_NOMEM, "no memory for the counts of %zu domains", r->nr + more);
	r->of = p;
	r->room = r->nr + more;
	return 0;
}

/* The group of this key; a new one has been 0 in all runs so far. */
static struct xp_run_group *group_of(struct xp_runs *r, const struct xprof_count *key)
{
	struct xp_run_group *g;
	size_t at = 0;
	int c = 1;

	while (at < r->nr && (c = xp_count_compare(&r->of[at].sum, key)) < 0)
		at++;
	if (at < r->nr && c == 0)
		return &r->of[at];
	g = &r->of[at];
	memmove(g + 1, g, (r->nr - at) * sizeof(*g));
	memset(g, 0, sizeof(*g));
	g->sum.domid = key->domid;
	g->sum.vcpu = key->vcpu;
	g->sum.cpu = key->cpu;
	memcpy(g->sum.handle, key->handle, sizeof(key->handle));
	g->ticks.n = g->switches.n = r->n;
	for (size_t i = 0; i < XPROF_MAX_EVENTS; i++)
		g->value[i].n = r->n;
	r->nr++;
	return g;
}

static void add(struct xp_run_group *g, const struct xprof_count *c, const double *squares)
{
	g->sum.ticks += c->ticks;
	g->sum.switches += c->switches;
	xp_spread_add(&g->ticks, (double)c->ticks);
	xp_spread_add(&g->switches, (double)c->switches);
	for (size_t i = 0; i < XPROF_MAX_EVENTS; i++) {
		uint64_t value;

		if (!xp_count_scaled(c, i, &value))
			g->not_counted |= 1ull << i;
		g->sum.count[i] += value;
		g->sum.running[i] += c->running[i];
		if (squares && c->count[i])
			g->squares[i] += squares[i] * ((double)value / (double)c->count[i]) * ((double)value / (double)c->count[i]);
		xp_spread_add(&g->value[i], (double)value);
	}
}

/* Who was not there in this run. */
static void add_absent(struct xp_runs *r)
{
	static const struct xprof_count nothing;

	for (size_t i = 0; i < r->nr; i++)
		if (r->of[i].ticks.n < r->n)
			add(&r->of[i], &nothing, NULL);
}

int xp_runs_add(struct xp_runs *r, const struct xp_groups *g, double seconds, struct xp_err *err)
{
	int ret = reserve(r, g->nr, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < g->nr; i++)
		add(group_of(r, &g->of[i]), &g->of[i], g->squares ? g->squares[i] : NULL);
	r->n++;
	add_absent(r);
	r->ticks += g->ticks;
	r->missed += g->missed;
	r->lost += g->lost;
	if (g->cpus > r->cpus)
		r->cpus = g->cpus;
	xp_spread_add(&r->seconds, seconds);
	return 0;
}
