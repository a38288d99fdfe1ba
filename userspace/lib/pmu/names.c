// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/pmu/names.h"

#include <string.h>

#include "lib/base/nearest.h"

const struct xp_pmu_generic xp_pmu_generics[] = {
	{ "cycles", "clock cycles while not halted" },
	{ "instructions", "instructions that were completed" },
	{ "llc-references", "requests to the last-level cache" },
	{ "llc-misses", "misses in the last-level cache" },
	{ "l1d-misses", "misses in the first-level data cache" },
	{ "l2-misses", "misses in the core's second-level cache" },
	{ "dtlb-misses", "data addresses that no TLB had: the page table was walked" },
	{ "itlb-misses", "instruction addresses that no TLB had: the page table was walked" },
	{ "branches", "branches that were completed" },
	{ "branch-misses", "branches that were predicted wrong" },
	{ "stalled-cycles-frontend", "cycles in which no instructions were brought in" },
	{ "stalled-cycles-backend", "cycles in which nothing could be executed" },
	{ NULL, NULL },
};

const struct xp_pmu_preset xp_pmu_presets[] = {
	{ "@memory", "where memory is slow", "cycles,instructions,l1d-misses,l2-misses,llc-misses" },
	{ "@tlb", "where addresses are many", "cycles,instructions,dtlb-misses,itlb-misses" },
	{ "@frontend", "where code is hard to bring in",
	  "cycles,instructions,itlb-misses,branches,branch-misses,stalled-cycles-frontend" },
	{ NULL, NULL, NULL },
};

/* What the same thing is called in perf, whose users may type it. */
static const struct { const char *perf, *ours; } aliases[] = {
	{ "cpu-cycles", "cycles" },
	{ "cache-references", "llc-references" },
	{ "cache-misses", "llc-misses" },
	{ "LLC-loads", "llc-references" },
	{ "LLC-load-misses", "llc-misses" },
	{ "L1-dcache-load-misses", "l1d-misses" },
	{ "dTLB-load-misses", "dtlb-misses" },
	{ "iTLB-load-misses", "itlb-misses" },
	{ "branch-instructions", "branches" },
	{ "branch-load-misses", "branch-misses" },
	{ "idle-cycles-frontend", "stalled-cycles-frontend" },
	{ "idle-cycles-backend", "stalled-cycles-backend" },
	{ "cpu-clock", XP_EVENT_TIMER },
	{ "task-clock", XP_EVENT_TIMER },
};

const struct xp_pmu_generic *xp_pmu_generic(const char *name)
{
	for (const struct xp_pmu_generic *g = xp_pmu_generics; g->name; g++)
		if (!strcmp(g->name, name))
			return g;
	return NULL;
}

const struct xp_pmu_preset *xp_pmu_preset(const char *name)
{
	for (const struct xp_pmu_preset *p = xp_pmu_presets; p->name; p++)
		if (!strcmp(p->name, name))
			return p;
	return NULL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool xp_pmu_raw(const char *name, uint64_t *select)
{
	const char *p = name + 1;

	*select = 0;
	if (name[0] != 'r' || !*p || strlen(p) > 16)
		return false;
	for (; *p; p++) {
		int digit = hex_digit(*p);

		if (digit < 0)
			return false;
		*select = *select << 4 | (uint64_t)digit;
	}
	return true;
}

static const char *alias(const char *name)
{
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (!strcasecmp(aliases[i].perf, name))
			return aliases[i].ours;
	return NULL;
}

int xp_pmu_fail_name(const char *name, struct xp_err *err)
{
	const char *ours = alias(name);
	struct xp_nearest n;

	if (ours)
		return xp_fail(err, XP_E_USAGE, "there is no event '%s': what perf calls so is '%s' here", name, ours);
	xp_nearest_init(&n, name);
	for (const struct xp_pmu_generic *g = xp_pmu_generics; g->name; g++)
		xp_nearest_offer(&n, g->name);
	for (const struct xp_pmu_preset *p = xp_pmu_presets; p->name; p++)
		xp_nearest_offer(&n, p->name);
	xp_nearest_offer(&n, XP_EVENT_TIMER);
	if (n.best)
		return xp_fail(err, XP_E_USAGE, "there is no event '%s': did you mean '%s'? 'xprof list' shows all", name, n.best);
	return xp_fail(err, XP_E_USAGE, "there is no event '%s': 'xprof list' shows those that this CPU has; any other of its events "
		       "can be written as rUUEE (unit mask and event number in hex)", name);
}

int xp_pmu_check_name(const char *name, struct xp_err *err)
{
	uint64_t select;

	if (xp_pmu_generic(name) || xp_pmu_preset(name) || xp_pmu_raw(name, &select))
		return 0;
	return xp_pmu_fail_name(name, err);
}
