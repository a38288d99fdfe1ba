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
	static const struct xp_pmu_rate counting = { .counting = true };
	struct xp_event_specs specs = c->options->events;

	if (!specs.nr)
		default_events(&c->pmu, &specs);
	if (!specs.nr)
		return xp_fail(err, XP_E_ABSENT, "xprof knows no event of this CPU (%s) by name: give raw ones, as in -e r0076",
			       xp_pmu_cpu_name(&c->pmu));
	return xp_pmu_plan(&c->pmu, &specs, &counting, &c->plan, err);
}

static int check_exact(const struct cli_counting *c, struct xp_err *err)
{
	if (c->device.info.features & XPROF_FEATURE_SWITCH)
		return 0;
	return xp_fail(err, XP_E_ABSENT, "exact counts cannot be had: %s; %s", xp_why_text(XPROF_WHY_NO_SWITCH),
		       xp_why_remedy(XPROF_WHY_NO_SWITCH));
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
		ret = check_exact(c, err);
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

static int open_session(struct cli_counting *c, struct xp_err *err)
{
	const struct xp_device_options d = {
		.source = XPROF_SOURCE_PMU, .ring_bytes = XPROF_MIN_RING,
		.flags = XPROF_OPEN_COUNT | (c->options->force ? XPROF_OPEN_NMI_FATAL_OK : 0),
	};
	int ret = xp_device_open(&c->device, err);

	if (ret == 0)
		ret = choose(c, err);
	if (ret == 0)
		ret = xp_device_begin(&c->device, &d, err);
	if (ret == 0)
		ret = open_events(c, err);
	if (ret == 0)
		ret = list_cpus(c, err);
	if (ret == 0)
		ret = claim(c, err);
	return ret ? ret : xp_device_start(&c->device, err);
}

/* What was loaded for this goes last of all, under the lock: no other session can have begun. */
static void give_back(struct cli_counting *c)
{
	struct xp_err err;
	int ret;

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
	if (ret == 0) {
		xp_state_unlock(&c->state);
		cli_domain_names_refresh(&c->names, &c->xen);
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

int cli_counting_read(struct cli_counting *c, struct xp_reading *r, struct xp_err *err)
{
	return xp_reading_take(r, read_counts, &c->device, c->cpus, c->device.nr_rings, err);
}

void cli_counting_end(struct cli_counting *c)
{
	struct xp_err err;

	if (xp_device_stop(&c->device, &err) < 0)
		cli_say("warning: %s", err.text);
	give_back(c);
}
