// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xprof list: the events that this host has, and what they count. Only the
 * hypervisor knows, so the profiler is asked; if it is not there it is loaded
 * for as long as that takes.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "lib/base/json.h"
#include "lib/collect/source.h"
#include "lib/host/attach.h"
#include "lib/host/xen.h"
#include "lib/pmu/pmu.h"
#include "lib/report/format.h"
#include "lib/report/table.h"

struct list {
	struct xp_xen xen;
	struct xprof_op_info info;
	struct xprof_op_pmu pmu;
	const struct xp_pmu_event *events[XP_PMU_MAX_KNOWN];
	size_t nr;
};

static bool has_counters(const struct list *l)
{
	return l->info.sources & XPROF_SOURCE_BIT(XPROF_SOURCE_PMU);
}

static uint8_t why_not(const struct list *l)
{
	return l->info.why[XPROF_SOURCE_PMU];
}

/* ---- asking --------------------------------------------------------------*/

static int ask(struct list *l, struct xp_err *err)
{
	int ret = xp_xen_info(&l->xen, &l->info, err);

	return ret ? ret : xp_xen_pmu(&l->xen, &l->pmu, err);
}

static int attach_and_ask(struct list *l, struct xp_err *err)
{
	struct xp_attached what;
	struct xp_state state;
	struct xp_err later;
	int ret = xp_state_init(&state, cli_rundir(), err);

	if (ret < 0)
		return ret;
	ret = xp_state_lock(&state, err);
	if (ret == 0)
		ret = xp_attach(&l->xen, &state, cli_libdir(), true, &what, err);
	if (ret == 0)
		ret = ask(l, err);
	if (xp_detach_automatic(&l->xen, &state, &later) < 0)
		cli_say("warning: %s", later.text);
	xp_state_release(&state);
	return ret;
}

static int find_out(struct list *l, struct xp_err *err)
{
	int ret = xp_xen_init(&l->xen, err);

	if (ret < 0)
		return ret;
	ret = ask(l, err);
	if (ret == XP_E_ABSENT)
		ret = attach_and_ask(l, err);
	xp_xen_release(&l->xen);
	if (ret == 0 && has_counters(l))
		l->nr = xp_pmu_events(&l->pmu, l->events);
	return ret;
}

/* ---- text ----------------------------------------------------------------*/

static void raw_name(char text[24], const struct xp_pmu_event *e)
{
	snprintf(text, 24, "r%04" PRIx64, e->select);
}

static void print_cpu(const struct list *l)
{
	char least[XP_FORMAT_TEXT];

	if (!has_counters(l)) {
		printf("# no performance counters: %s\n", xp_why_text(why_not(l)));
		if (xp_why_remedy(why_not(l))[0])
			printf("# fix: %s\n", xp_why_remedy(why_not(l)));
		return;
	}
	printf("# %s: %d of %u counters can be used", xp_pmu_cpu_name(&l->pmu), __builtin_popcountll(l->pmu.usable),
	       l->pmu.nr_general + l->pmu.nr_fixed);
	printf("; the least period is %s\n# codes are those of %s\n#\n", xp_format_count(least, l->pmu.least_period),
	       xp_pmu_manual(&l->pmu));
}

static int print_table(struct xp_table *t)
{
	bool ok = xp_table_print(stdout, t, cli_columns(), 0);

	xp_table_release(t);
	return ok ? 0 : XP_E_NOMEM;
}

static int print_events(const struct list *l)
{
	struct xp_table t;
	char raw[24];

	xp_table_init(&t);
	xp_table_column(&t, "Event", false, false);
	xp_table_column(&t, "Code", false, false);
	xp_table_column(&t, "The vendor's name", false, true);
	xp_table_column(&t, "Counts", false, true);
	for (size_t i = 0; i < l->nr; i++) {
		xp_table_cell(&t, l->events[i]->name);
		raw_name(raw, l->events[i]);
		xp_table_cell(&t, raw);
		xp_table_cell(&t, l->events[i]->vendor);
		xp_table_cell(&t, xp_pmu_what(l->events[i]));
	}
	xp_table_cell(&t, XP_EVENT_TIMER);
	xp_table_cell(&t, "");
	xp_table_cell(&t, "");
	xp_table_cell(&t, "time: each CPU is sampled so often, whatever it does");
	return print_table(&t);
}

/* Those of the preset that this CPU has. */
static const char *preset_events(const struct list *l, const struct xp_pmu_preset *p, char *text, size_t size)
{
	const char *name = p->events;
	size_t at = 0;

	text[0] = '\0';
	for (;;) {
		char one[32];
		size_t len = strcspn(name, ",");

		snprintf(one, sizeof(one), "%.*s", (int)len, name);
		if (xp_pmu_find(&l->pmu, one) && at < size)
			at += (size_t)snprintf(text + at, size - at, "%s%s", at ? "," : "", one);
		if (!name[len])
			return text;
		name += len + 1;
	}
}

static int print_presets(const struct list *l)
{
	struct xp_table t;
	char events[256];

	if (!l->nr)
		return 0;
	puts("#");
	xp_table_init(&t);
	xp_table_column(&t, "Preset", false, false);
	xp_table_column(&t, "For", false, true);
	xp_table_column(&t, "Is", false, true);
	for (const struct xp_pmu_preset *p = xp_pmu_presets; p->name; p++) {
		xp_table_cell(&t, p->name);
		xp_table_cell(&t, p->what);
		xp_table_cell(&t, preset_events(l, p, events, sizeof(events)));
	}
	return print_table(&t);
}

static int print_text(const struct list *l)
{
	int ret;

	print_cpu(l);
	ret = print_events(l);
	if (ret == 0)
		ret = print_presets(l);
	if (ret == 0 && l->nr)
		puts("#\n# any other event: rUUEE, unit mask and number in hex (bits 11:8 of an AMD number at 35:32)");
	return ret;
}

/* ---- JSON ----------------------------------------------------------------*/

static const char *kind_name(uint32_t kind)
{
	static const char *const names[] = { "none", "amd-k7", "amd-core", "amd-v2", "intel" };

	return kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "unknown";
}

static void json_pmu(struct xp_json *j, const struct list *l)
{
	xp_json_object(j, "pmu");
	xp_json_bool(j, "available", has_counters(l));
	xp_json_string(j, "why", has_counters(l) ? NULL : xp_why_text(why_not(l)));
	xp_json_string(j, "remedy", has_counters(l) ? NULL : xp_why_remedy(why_not(l)));
	xp_json_string(j, "kind", kind_name(l->pmu.kind));
	xp_json_string(j, "cpu", xp_pmu_cpu_name(&l->pmu));
	xp_json_string(j, "manual", xp_pmu_manual(&l->pmu));
	xp_json_u64(j, "family", l->pmu.family);
	xp_json_u64(j, "model", l->pmu.model);
	xp_json_u64(j, "counters", l->pmu.nr_general + l->pmu.nr_fixed);
	xp_json_u64(j, "usable", has_counters(l) ? (uint64_t)__builtin_popcountll(l->pmu.usable) : 0);
	xp_json_u64(j, "bits", l->pmu.width_general);
	xp_json_u64(j, "least_period", l->pmu.least_period);
	xp_json_end_object(j);
}

static void json_events(struct xp_json *j, const struct list *l)
{
	char raw[24];

	xp_json_array(j, "events");
	for (size_t i = 0; i < l->nr; i++) {
		raw_name(raw, l->events[i]);
		xp_json_flat_object(j, NULL);
		xp_json_string(j, "name", l->events[i]->name);
		xp_json_string(j, "raw", raw);
		xp_json_string(j, "vendor", l->events[i]->vendor);
		xp_json_string(j, "counts", xp_pmu_what(l->events[i]));
		xp_json_end_object(j);
	}
	xp_json_end_array(j);
}

static void json_presets(struct xp_json *j, const struct list *l)
{
	char events[256];

	xp_json_array(j, "presets");
	for (const struct xp_pmu_preset *p = xp_pmu_presets; p->name && l->nr; p++) {
		xp_json_flat_object(j, NULL);
		xp_json_string(j, "name", p->name);
		xp_json_string(j, "for", p->what);
		xp_json_string(j, "events", preset_events(l, p, events, sizeof(events)));
		xp_json_end_object(j);
	}
	xp_json_end_array(j);
}

static int print_json(const struct list *l)
{
	struct xp_json j;

	xp_json_init(&j, stdout);
	xp_json_object(&j, NULL);
	xp_json_u64(&j, "schema_version", 1);
	json_pmu(&j, l);
	json_events(&j, l);
	json_presets(&j, l);
	xp_json_end_object(&j);
	return 0;
}

int cmd_list(int argc, char **argv)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' }, { NULL, 0, NULL, 0 } };
	static struct list l;
	struct xp_err err = { "no memory for the list" };
	bool json = false;
	int c, ret;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == '?')
			return cli_usage(argv[0], "'list' takes --json, and nothing else");
		json = true;
	}
	if (optind < argc)
		return cli_usage(argv[0], "'list' takes --json, and nothing else");
	ret = find_out(&l, &err);
	if (ret == 0)
		ret = json ? print_json(&l) : print_text(&l);
	return ret < 0 ? cli_fail(ret, &err) : XP_EXIT_OK;
}
