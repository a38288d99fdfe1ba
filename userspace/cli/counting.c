// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/counting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/alike.h"
#include "cli/cli.h"
#include "cli/sampled.h"
#include "lib/collect/source.h"

/* ---- the host ------------------------------------------------------------*/

static int claim(struct cli_counting *c, struct xp_err *err)
{
	struct xp_session s = { .pid = (uint32_t)getpid(), .source = "counts" };
	struct timespec t;
	size_t at = 0;

	clock_gettime(CLOCK_REALTIME, &t);
	s.started_ns = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
	for (size_t i = 0; i < c->plan.nr && at < sizeof(s.event); i++)
		at += (size_t)snprintf(s.event + at, sizeof(s.event) - at, "%s%s", i ? "," : "", c->plan.events[i].name);
	c->lock = xp_session_claim(&c->state, &s, err);
	return c->lock < 0 ? c->lock : 0;
}

/* ---- what is counted -----------------------------------------------------*/

static void default_events(const struct xprof_op_pmu *pmu, struct xp_event_specs *specs)
{
	static const char *const names[] = { "cycles", "instructions", "llc-misses", "dtlb-misses", "itlb-misses" };

	memset(specs, 0, sizeof(*specs));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (xp_pmu_find(pmu, names[i]))
			snprintf(specs->of[specs->nr++].name, sizeof(specs->of[0].name), "%s", names[i]);
}

static int plan(struct cli_counting *c, struct xp_err *err)
{
	const struct xp_pmu_rate counting = { .counting = !c->estimated };
	struct xp_event_specs specs = c->options->events;

	if (!specs.nr)
		default_events(&c->pmu, &specs);
	if (!specs.nr)
		return xp_fail(err, XP_E_ABSENT, "xprof knows no event of this CPU (%s) by name: give raw ones, as in -e r0076",
			       xp_pmu_cpu_name(&c->pmu));
	return xp_pmu_plan(&c->pmu, &specs, &counting, &c->plan, err);
}

/* Without a look at vCPU switches there are samples still, of domains. */
static int choose_way(struct cli_counting *c, struct xp_err *err)
{
	c->estimated = !(c->device.info.features & XPROF_FEATURE_SWITCH);
	if (!c->estimated || !c->options->by)
		return 0;
	return xp_fail(err, XP_E_ABSENT, "exact counts cannot be had: %s; estimates are per domain, so leave --per-vcpu and --per-cpu out",
		       xp_why_text(XPROF_WHY_NO_SWITCH));
}

const char *cli_counting_estimated(const struct cli_counting *c)
{
	return c->estimated ? xp_why_text(XPROF_WHY_NO_SWITCH) : NULL;
}

static int find_domains(struct cli_counting *c, struct xp_err *err)
{
	static struct cli_sampled found;
	int ret = c->options->domains ? cli_find_domains(&c->xen, c->options->domains, &found, err) : 0;

	if (ret < 0)
		return ret;
	memcpy(c->domids, found.domids, sizeof(c->domids));
	c->nr_domids = found.nr_domids;
	return 0;
}

_Static_assert(CLI_COUNTING_MAX_DOMAINS == CLI_MAX_DOMAINS, "what --domain finds has room");

/* ---- the session ---------------------------------------------------------*/

static int choose(struct cli_counting *c, struct xp_err *err)
{
	int ret = xp_source_counters(&c->device.info, err);

	if (ret == 0)
		ret = choose_way(c, err);
	if (ret == 0)
		ret = xp_device_pmu(&c->device, &c->pmu, err);
	if (ret == 0)
		ret = plan(c, err);
	return ret ? ret : find_domains(c, err);
}

static int open_events(struct cli_counting *c, struct xp_err *err)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < c->plan.nr; i++)
		ret = xp_device_event(&c->device, c->plan.events[i].name, &c->plan.events[i].op, err);
	return ret;
}

static int list_cpus(struct cli_counting *c, struct xp_err *err)
{
	c->cpus = calloc(c->device.nr_rings + 1, sizeof(*c->cpus));
	if (!c->cpus)
		return xp_fail(err, XP_E_NOMEM, "no memory for the list of CPUs");
	for (size_t i = 0; i < c->device.nr_rings; i++)
		c->cpus[i] = c->device.rings[i].cpu;
	return 0;
}

static int begin(struct cli_counting *c, struct xp_err *err)
{
	const struct xp_device_options d = {
		.source = XPROF_SOURCE_PMU, .ring_bytes = c->estimated ? XPROF_DEFAULT_RING : XPROF_MIN_RING,
		.flags = (c->estimated ? 0 : XPROF_OPEN_COUNT) | (c->options->force ? XPROF_OPEN_NMI_FATAL_OK : 0),
	};

	return xp_device_begin(&c->device, &d, err);
}

static int begin_estimate(struct cli_counting *c, struct xp_err *err)
{
	uint64_t periods[XPROF_MAX_EVENTS] = { 0 };

	if (!c->estimated)
		return 0;
	for (size_t i = 0; i < c->plan.nr; i++)
		periods[i] = c->plan.events[i].op.period;
	return xp_estimate_init(&c->estimate, c->device.rings, c->device.nr_rings, periods, err);
}

static int open_session(struct cli_counting *c, struct xp_err *err)
{
	int ret = xp_device_open(&c->device, err);

	if (ret == 0)
		ret = choose(c, err);
	if (ret == 0)
		ret = begin(c, err);
	if (ret == 0)
		ret = open_events(c, err);
	if (ret == 0)
		ret = list_cpus(c, err);
	if (ret == 0)
		ret = begin_estimate(c, err);
	if (ret == 0)
		ret = claim(c, err);
	return ret ? ret : xp_device_start(&c->device, err);
}

/* What was loaded for this goes last of all, under the lock: no other session can have begun. */
static void give_back(struct cli_counting *c)
{
	struct xp_err err;
	int ret;

	xp_estimate_release(&c->estimate);
	xp_reading_release(&c->first);
	xp_reading_release(&c->now);
	xp_reading_release(&c->between);
	xp_device_close(&c->device);
	free(c->cpus);
	cli_domain_names_release(&c->names);
	ret = xp_state_lock(&c->state, &err);
	if (ret == 0)
		ret = xp_detach_automatic(&c->xen, &c->state, &err);
	if (ret < 0)
		cli_say("warning: %s", err.text);
	if (c->lock >= 0)
		xp_session_end(&c->state, c->lock, NULL);
	xp_xen_release(&c->xen);
	xp_state_release(&c->state);
}

static int enter(struct cli_counting *c, struct xp_err *err)
{
	int ret = xp_state_init(&c->state, cli_rundir(), err);

	if (ret == 0)
		ret = xp_state_lock(&c->state, err);
	if (ret == 0)
		ret = cli_check_free(&c->state, err);
	if (ret == 0)
		ret = xp_xen_init(&c->xen, err);
	if (ret < 0)
		xp_state_release(&c->state);
	return ret;
}

/* Exact counts begin with the session; of CPU times it must be known what they were. */
static int set_beginning(struct cli_counting *c, struct xp_err *err)
{
	struct xp_groups g;
	int ret = c->estimated ? cli_counting_take(c, &g, err) : 0;

	if (c->estimated)
		xp_groups_release(&g);
	return ret;
}

int cli_counting_begin(struct cli_counting *c)
{
	struct xp_err err;
	int ret;

	c->lock = c->state.dir = c->state.lock = c->device.fd = -1;
	ret = enter(c, &err);
	if (ret < 0)
		return cli_fail(ret, &err);
	ret = cli_attach(&c->xen, &c->state, "this command", &err);
	if (ret == 0)
		ret = open_session(c, &err);
	if (ret == 0)
		ret = set_beginning(c, &err);
	if (ret == 0) {
		xp_state_unlock(&c->state);
		return XP_EXIT_OK;
	}
	if (ret == XP_E_BUSY && c->device.info.owner)
		cli_name_owner(&c->xen, c->device.info.owner, &err);
	ret = cli_fail(ret, &err);
	give_back(c);
	return ret;
}

static int read_counts(void *arg, struct xprof_op_counts *counts, struct xprof_count *rows, struct xp_err *err)
{
	return xp_device_counts(arg, counts, rows, err);
}

/* ---- what is counted ------------------------------------------------------*/

#define TENDS_A_NAME 10 /* names of new domains are looked up once a second */

int cli_counting_tend(struct cli_counting *c, struct xp_err *err)
{
	if (c->tended++ % TENDS_A_NAME == 0)
		cli_domain_names_refresh(&c->names, &c->xen);
	return c->estimated ? xp_estimate_pass(&c->estimate, err) : 0;
}

static int take_exact(struct cli_counting *c, struct xp_groups *g, struct xp_err *err)
{
	struct xp_reading swap;
	int ret = xp_reading_take(&c->now, read_counts, &c->device, c->cpus, c->device.nr_rings, err);

	if (ret == 0)
		ret = xp_reading_since(&c->between, &c->now, &c->first, err);
	if (ret == 0)
		ret = xp_groups_sum(g, &c->between, c->options->by, err);
	swap = c->first;
	c->first = c->now;
	c->now = swap;
	return ret;
}

static uint64_t ticks_of(const struct cli_counting *c, double seconds)
{
	return (uint64_t)(seconds * 1000 * (double)c->device.info.tsc_khz);
}

static struct xp_cpu_time *read_times(struct cli_counting *c, size_t *nr, struct xp_err *err)
{
	struct xp_xen_domain *domains = NULL;
	int found = xp_xen_domains(&c->xen, &domains, err);
	struct xp_cpu_time *times = found < 0 ? NULL : calloc((size_t)found + 1, sizeof(*times));

	for (int i = 0; times && i < found; i++) {
		times[i].domid = domains[i].domid;
		memcpy(times[i].handle, domains[i].uuid, sizeof(times[i].handle));
		times[i].ticks = ticks_of(c, (double)domains[i].cpu_ns / 1e9);
	}
	if (found >= 0 && !times)
		xp_fail(err, XP_E_NOMEM, "no memory for the times of %d domains", found);
	free(domains);
	*nr = found < 0 ? 0 : (size_t)found;
	return times;
}

static int take_estimate(struct cli_counting *c, struct xp_groups *g, struct xp_err *err)
{
	size_t nr = 0;
	struct xp_cpu_time *times = read_times(c, &nr, err);
	struct timespec t;
	double now, since = c->taken;
	int ret;

	if (!times)
		return XP_E_SYSTEM;
	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (double)t.tv_sec + (double)t.tv_nsec / 1e9;
	c->taken = now;
	ret = xp_estimate_take(&c->estimate, times, nr, since > 0 ? ticks_of(c, now - since) * c->device.info.nr_online : 0,
			       c->device.info.nr_online, g, err);
	free(times);
	return ret;
}

int cli_counting_take(struct cli_counting *c, struct xp_groups *g, struct xp_err *err)
{
	int ret;

	memset(g, 0, sizeof(*g));
	ret = c->estimated ? take_estimate(c, g, err) : take_exact(c, g, err);
	if (ret == 0 && c->nr_domids)
		xp_groups_keep(g, c->domids, c->nr_domids);
	return ret;
}

/* It was off when this began. */
static void check_vpmu(struct cli_counting *c)
{
	struct xp_err err;

	if (!c->device.info.vpmu && xp_device_look(&c->device, &err) == 0 && c->device.info.vpmu)
		cli_say("warning: Xen's vPMU was switched on meanwhile and guests have the counters: counts end where that happened");
}

void cli_counting_stop(struct cli_counting *c)
{
	struct xp_err err;

	if (xp_device_stop(&c->device, &err) < 0)
		cli_say("warning: %s", err.text);
	check_vpmu(c);
}

void cli_counting_end(struct cli_counting *c)
{
	cli_counting_stop(c);
	give_back(c);
}
