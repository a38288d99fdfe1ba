// SPDX-License-Identifier: GPL-2.0-or-later
/* From what was asked for to what the hypervisor is told. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/pmu/names.h"

#define MAX_HZ 100000u

struct planner {
	const struct xprof_op_pmu *pmu;
	const struct xp_pmu_rate *rate;
	struct xp_pmu_plan *plan;
	struct xp_err *err;
};

/* ---- names ---------------------------------------------------------------*/

/* "cycles, instructions, …": what this CPU has. */
static const char *list_events(const struct xprof_op_pmu *pmu, char *text, size_t size)
{
	const struct xp_pmu_event *events[XP_PMU_MAX_KNOWN];
	size_t nr = xp_pmu_events(pmu, events), at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < nr && at < size; i++)
		at += (size_t)snprintf(text + at, size - at, "%s%s", i ? ", " : "", events[i]->name);
	return nr ? text : "none by name";
}

static int fail_absent(const struct planner *p, const char *name)
{
	char events[400];

	return xp_fail(p->err, XP_E_ABSENT, "this CPU (%s) cannot count '%s'; it can: %s ('xprof list')", xp_pmu_cpu_name(p->pmu),
		       name, list_events(p->pmu, events, sizeof(events)));
}

static int look_up(const struct planner *p, const char *name, struct xp_planned *e)
{
	uint64_t select;

	e->known = xp_pmu_find(p->pmu, name);
	if (e->known) {
		e->op.select = e->known->select;
		/* The first version of Intel's counters has no fixed ones. */
		e->op.fixed = e->known->fixed <= p->pmu->nr_fixed ? e->known->fixed : 0;
		e->op.counters = xp_pmu_counters(p->pmu, e->op.select);
		return 0;
	}
	if (xp_pmu_generic(name))
		return fail_absent(p, name);
	if (!xp_pmu_raw(name, &select))
		return xp_pmu_fail_name(name, p->err);
	if (select & ~p->pmu->select_mask)
		return xp_fail(p->err, XP_E_USAGE, "event '%s' sets bits %#" PRIx64 " that are not the event's, its unit mask's or its "
			       "counter mask's on this CPU: %#" PRIx64 " are", name, select & ~p->pmu->select_mask, p->pmu->select_mask);
	e->op.select = select;
	e->op.counters = xp_pmu_counters(p->pmu, select);
	return 0;
}

/* ---- what is counted, and how often a sample is taken --------------------*/

/*
 * Xen runs in ring 0, and so do kernels of HVM and PVH guests; PV guests' run
 * in ring 3, as all processes do. What a ring holds beside what was asked for
 * is sorted out by the collector.
 */
static uint32_t rings(const char *modifiers)
{
	bool xen = strchr(modifiers, 'x'), kernel = strchr(modifiers, 'k'), user = strchr(modifiers, 'u');
	bool all = !xen && !kernel && !user;

	return (all || xen || kernel ? XPROF_EVENT_OS : 0) | (all || kernel || user ? XPROF_EVENT_USR : 0);
}

static int set_period(const struct planner *p, const struct xp_event_spec *spec, struct xp_planned *e)
{
	uint64_t period = spec->period ? spec->period : p->rate->period;
	uint64_t hz = p->rate->hz ? p->rate->hz : XP_PMU_DEFAULT_HZ;

	if (p->rate->counting)
		return 0;
	if (!period) {
		e->op.flags |= XPROF_EVENT_RATE;
		e->op.period = e->hz = (uint32_t)(hz < MAX_HZ ? hz : MAX_HZ);
		return 0;
	}
	if (period < p->pmu->least_period)
		return xp_fail(p->err, XP_E_USAGE, "a sample every %" PRIu64 " %s would keep the CPU in the profiler: the least period "
			       "is %" PRIu64, period, spec->name, p->pmu->least_period);
	if (p->pmu->width_general && p->pmu->width_general <= 64 && period >> (p->pmu->width_general - 1))
		return xp_fail(p->err, XP_E_USAGE, "a period of %" PRIu64 " %s does not fit this CPU's counters of %u bits", period,
			       spec->name, p->pmu->width_general);
	e->op.period = period;
	return 0;
}

/* ---- names of their own --------------------------------------------------*/

static bool is_taken(const struct xp_pmu_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->nr; i++)
		if (!strcmp(plan->events[i].name, name))
			return true;
	return false;
}

/* The second of a name gets its modifiers behind it. */
static int set_name(const struct planner *p, const struct xp_event_spec *spec, struct xp_planned *e)
{
	snprintf(e->name, sizeof(e->name), "%s", spec->name);
	if (!is_taken(p->plan, e->name))
		return 0;
	if (spec->modifiers[0])
		snprintf(e->name, sizeof(e->name), "%s:%s", spec->name, spec->modifiers);
	if (!is_taken(p->plan, e->name))
		return 0;
	return xp_fail(p->err, XP_E_USAGE, "event '%s' is there twice; with different modifiers (as in cycles:x,cycles:u) it may be",
		       e->name);
}

/* ---- one by one ----------------------------------------------------------*/

static int add(const struct planner *p, const struct xp_event_spec *spec)
{
	struct xp_pmu_plan *plan = p->plan;
	struct xp_planned *e = &plan->events[plan->nr];
	int ret;

	if (plan->nr == XPROF_MAX_EVENTS)
		return xp_fail(p->err, XP_E_USAGE, "more than %u events cannot be recorded together", XPROF_MAX_EVENTS);
	memset(e, 0, sizeof(*e));
	memcpy(e->modifiers, spec->modifiers, sizeof(e->modifiers));
	e->op.flags = rings(spec->modifiers);
	ret = look_up(p, spec->name, e);
	if (ret == 0)
		ret = set_period(p, spec, e);
	if (ret == 0)
		ret = set_name(p, spec, e);
	plan->nr += ret == 0;
	return ret;
}

/* One that is asked for beside its preset as well is not there twice. */
static bool has_already(const struct xp_pmu_plan *plan, const struct xp_event_spec *spec)
{
	for (size_t i = 0; i < plan->nr; i++)
		if (plan->events[i].known && !strcmp(plan->events[i].known->name, spec->name) &&
		    !strcmp(plan->events[i].modifiers, spec->modifiers))
			return true;
	return false;
}

static int add_preset(const struct planner *p, const struct xp_pmu_preset *preset, const struct xp_event_spec *spec)
{
	struct xp_event_spec one = *spec;
	const char *name = preset->events;
	size_t nr = p->plan->nr, known = 0;
	int ret = 0;

	while (ret == 0) {
		size_t len = strcspn(name, ",");

		snprintf(one.name, sizeof(one.name), "%.*s", (int)len, name);
		if (xp_pmu_find(p->pmu, one.name)) {
			known++;
			ret = has_already(p->plan, &one) ? 0 : add(p, &one);
		}
		if (!name[len])
			break;
		name += len + 1;
	}
	if (ret == 0 && p->plan->nr == nr && !known)
		return fail_absent(p, preset->name);
	return ret;
}

int xp_pmu_plan(const struct xprof_op_pmu *pmu, const struct xp_event_specs *specs, const struct xp_pmu_rate *rate,
		struct xp_pmu_plan *plan, struct xp_err *err)
{
	const struct planner p = { pmu, rate, plan, err };
	int ret = 0;

	memset(plan, 0, sizeof(*plan));
	for (size_t i = 0; ret == 0 && i < specs->nr; i++) {
		const struct xp_pmu_preset *preset = xp_pmu_preset(specs->of[i].name);

		if (!strcmp(specs->of[i].name, XP_EVENT_TIMER))
			ret = xp_fail(err, XP_E_USAGE, "'" XP_EVENT_TIMER "' counts time, not events: it cannot be recorded or counted "
				      "together with counters; leave it or the others out");
		else
			ret = preset ? add_preset(&p, preset, &specs->of[i]) : add(&p, &specs->of[i]);
	}
	return ret;
}
