// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "lib/stat/print.h"

static double ns_of(const struct xp_stat_head *head, double ticks)
{
	return head->tsc_khz ? ticks * 1e6 / (double)head->tsc_khz : 0;
}

uint64_t xp_stat_cpu_ns(const struct xp_stat_head *head, const struct xp_run_group *g, const struct xp_runs *runs)
{
	return (uint64_t)(ns_of(head, (double)g->sum.ticks) / (double)runs->n + 0.5);
}

double xp_stat_share(const struct xp_run_group *g, const struct xp_runs *runs)
{
	return runs->ticks ? 100.0 * (double)g->sum.ticks / (double)runs->ticks : 0;
}

double xp_stat_missed(const struct xp_runs *runs)
{
	return runs->ticks ? 100.0 * (double)runs->missed / (double)runs->ticks : 0;
}

const char *xp_stat_name(const struct xp_stat_head *head, const struct xp_run_group *g, char text[32])
{
	const char *name;

	if (g->sum.domid == XPROF_DOMID_IDLE)
		return "[idle]";
	name = head->name(head->arg, g->sum.domid, g->sum.handle);
	if (name[0])
		return name;
	snprintf(text, 32, "domain %u", g->sum.domid);
	return text;
}

/* ---- ratios --------------------------------------------------------------*/

/* The sum of an event of this name, in all runs. False: it is not there, or was not counted. */
static bool sum_of(const struct xp_stat_head *head, const struct xp_run_group *g, const char *name, double *sum)
{
	for (size_t i = 0; i < head->nr; i++) {
		if (strcmp(head->events[i], name))
			continue;
		*sum = (double)g->sum.count[i];
		return !(g->not_counted & 1ull << i) && *sum > 0;
	}
	return false;
}

static void set(struct xp_figure *f, double metric, const char *unit, const char *key)
{
	f->metric = metric;
	f->unit = unit;
	f->key = key;
}

static void set_ratio(struct xp_figure *f, const struct xp_stat_head *head, const struct xp_run_group *g, size_t event)
{
	const char *name = head->events[event];
	double count = (double)g->sum.count[event], ns = ns_of(head, (double)g->sum.ticks), of;

	if (!f->counted || !(ns > 0))
		return;
	if (!strcmp(name, "cycles"))
		set(f, count / ns, "GHz", "ghz");
	else if (!strcmp(name, "instructions") && sum_of(head, g, "cycles", &of))
		set(f, count / of, "insn per cycle", "ipc");
	else if (!strncmp(name, "stalled-cycles", strlen("stalled-cycles")) && sum_of(head, g, "cycles", &of))
		set(f, 100 * count / of, "% of cycles", "percent_of_cycles");
	else if (strcmp(name, "instructions") && sum_of(head, g, "instructions", &of))
		set(f, 1000 * count / of, "/1000 insn", "per_1000_instructions");
	else
		set(f, 1000 * count / ns, "M/sec", "million_per_second");
}

void xp_stat_figure(struct xp_figure *f, const struct xp_stat_head *head, const struct xp_run_group *g, size_t event)
{
	uint64_t n = g->value[event].n;

	memset(f, 0, sizeof(*f));
	f->counted = !(g->not_counted & 1ull << event);
	f->value = (g->sum.count[event] + n / 2) / n;
	f->deviation = xp_spread_relative(&g->value[event]);
	f->interval = xp_run_interval(g, event);
	f->scale = g->sum.running[event] < g->sum.ticks ? (double)g->sum.running[event] / (double)g->sum.ticks : 1;
	set_ratio(f, head, g, event);
}
