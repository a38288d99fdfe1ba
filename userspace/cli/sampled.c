// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/sampled.h"

#include <stdio.h>
#include <string.h>
#include <x86intrin.h>

#include "lib/collect/source.h"

/* ---- the timer -----------------------------------------------------------*/

static int choose_timer(struct cli_sampled *s, const struct cli_record_options *o, const struct xp_device *device,
			struct xp_err *err)
{
	int ret = cli_timer_period(o, &s->period_ns, err);

	if (ret < 0)
		return ret;
	s->nr_events = 1;
	s->events[0] = (struct xp_collect_event){ XP_EVENT_TIMER, o->events.nr ? o->events.of[0].modifiers : "", 0, 0 };
	snprintf(s->names, sizeof(s->names), XP_EVENT_TIMER);
	return xp_source_choose(&device->info, (1000000000ull + s->period_ns - 1) / s->period_ns, o->source, &s->source, err);
}

/* ---- counters ------------------------------------------------------------*/

/* Those that were asked for, else the verb's own, else cycles. */
static int choose_specs(struct xp_event_specs *specs, const struct cli_record_options *o, struct xp_err *err)
{
	*specs = o->events;
	return specs->nr ? 0 : cli_add_events(specs, o->counters ? o->counters : "cycles", err);
}

static void take_plan(struct cli_sampled *s)
{
	size_t at = 0;

	s->nr_events = s->plan.nr;
	for (size_t i = 0; i < s->plan.nr; i++) {
		const struct xp_planned *e = &s->plan.events[i];

		s->events[i] = (struct xp_collect_event){ e->name, e->modifiers, 0, e->hz };
		if (at < sizeof(s->names))
			at += (size_t)snprintf(s->names + at, sizeof(s->names) - at, "%s%s", i ? "," : "", e->name);
	}
}

/*
 * A verb's own events, if nobody says how often: with each millisecond's cycles. A period bounds what a busy CPU can get, where a
 * rate makes it small while the CPU is idle, and then there come many.
 */
static uint64_t own_period(const struct cli_record_options *o, const struct xp_xen *xen)
{
	return o->counters && !o->events.nr && !o->hz && !o->period ? xen->cpu_khz : o->period;
}

static int choose_counters(struct cli_sampled *s, const struct cli_record_options *o, struct xp_device *device,
			   const struct xp_xen *xen, struct xp_err *err)
{
	const struct xp_pmu_rate rate = { .hz = o->hz, .period = own_period(o, xen) };
	struct xp_event_specs specs;
	int ret = xp_source_counters(&device->info, err);

	if (ret == 0)
		ret = xp_device_pmu(device, &s->pmu, err);
	if (ret == 0)
		ret = choose_specs(&specs, o, err);
	if (ret == 0)
		ret = xp_pmu_plan(&s->pmu, &specs, &rate, &s->plan, err);
	if (ret == 0)
		take_plan(s);
	s->source = XPROF_SOURCE_PMU;
	return ret;
}

/* Nobody said what: cycles, where they can be had. */
static bool defaults_to_timer(const struct cli_record_options *o, const struct xp_device *device)
{
	if (o->events.nr || o->source == XPROF_SOURCE_PMU)
		return false;
	return o->source != XPROF_SOURCE_NONE || !(device->info.sources & XPROF_SOURCE_BIT(XPROF_SOURCE_PMU));
}

int cli_sampled_choose(struct cli_sampled *s, const struct cli_record_options *o, struct xp_device *device,
		       struct xp_xen *xen, struct xp_err *err)
{
	int ret;

	memset(s, 0, sizeof(*s));
	if (cli_wants_timer(o) || defaults_to_timer(o, device))
		ret = choose_timer(s, o, device, err);
	else
		ret = choose_counters(s, o, device, xen, err);
	return ret || !o->domains[0] ? ret : cli_find_domains(xen, o->domains, s, err);
}

/* ---- telling Xen ---------------------------------------------------------*/

static int open_events(struct cli_sampled *s, struct xp_device *device, struct xp_err *err)
{
	uint32_t seed = (uint32_t)__rdtsc();
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < s->plan.nr; i++) {
		s->plan.events[i].op.seed = seed + (uint32_t)i;
		ret = xp_device_event(device, s->plan.events[i].name, &s->plan.events[i].op, err);
		s->events[i].period = s->plan.events[i].op.period;
	}
	return ret;
}

static bool xen_can_choose(const struct cli_sampled *s, const struct xp_device *device)
{
	return s->source == XPROF_SOURCE_PMU && (device->info.features & XPROF_FEATURE_SWITCH) &&
	       s->nr_domids <= XPROF_MAX_DOMAINS;
}

int cli_sampled_open(struct cli_sampled *s, struct xp_device *device, bool *unseen, struct xp_err *err)
{
	bool in_xen = s->nr_domids && xen_can_choose(s, device);
	int ret = open_events(s, device, err);

	*unseen = s->nr_domids && !in_xen;
	return ret || !in_xen ? ret : xp_device_domains(device, s->domids, s->nr_domids, err);
}

/* ---- into the profile ----------------------------------------------------*/

static struct xp_event timer_event(const struct cli_sampled *s, const struct xp_device *device)
{
	return (struct xp_event){
		.name = XP_EVENT_TIMER, .period = device->period_ns, .source = xp_source_name(s->source),
		.modifiers = s->events[0].modifiers,
	};
}

static struct xp_event counter_event(const struct cli_sampled *s, size_t i)
{
	const struct xprof_op_event *op = &s->plan.events[i].op;

	return (struct xp_event){
		.name = s->plan.events[i].name, .period = op->period, .source = xp_source_name(s->source),
		.modifiers = s->plan.events[i].modifiers, .select = op->select, .flags = op->flags, .fixed = (uint8_t)op->fixed,
		.hz = s->plan.events[i].hz,
	};
}

int cli_sampled_write(const struct cli_sampled *s, const struct xp_device *device, struct xp_writer *w, struct xp_err *err)
{
	int ret = s->domains[0] ? xp_write_host(w, "record.domains", s->domains, err) : 0;

	for (size_t i = 0; ret == 0 && i < s->nr_events; i++) {
		struct xp_event e = s->period_ns ? timer_event(s, device) : counter_event(s, i);

		ret = xp_write_event(w, &e, err);
	}
	return ret;
}
