// SPDX-License-Identifier: GPL-2.0-or-later
/* Which table a CPU has, and which of its events. */
#include <string.h>

#include "lib/pmu/names.h"
#include "lib/pmu/table.h"

static const struct xp_pmu_table *const tables[] = {
	xp_pmu_amd_k8, xp_pmu_amd_10h, xp_pmu_amd_15h, xp_pmu_amd_16h, xp_pmu_amd_zen, xp_pmu_intel_core,
};

static bool has_model(const struct xp_pmu_table *t, uint8_t model)
{
	size_t i = 0;

	if (t->models[0] == 0xff)
		return true;
	while (t->models[i] != 0xff && t->models[i] != model)
		i++;
	return t->models[i] != 0xff;
}

static const struct xp_pmu_table *table_of(const struct xprof_op_pmu *pmu)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct xp_pmu_table *t = tables[i]; t->cpus; t++)
			if (t->vendor == pmu->vendor && t->family == pmu->family && has_model(t, pmu->model))
				return t;
	return NULL;
}

const char *xp_pmu_cpu_name(const struct xprof_op_pmu *pmu)
{
	const struct xp_pmu_table *t = table_of(pmu);

	if (t)
		return t->cpus;
	return pmu->kind == XPROF_PMU_INTEL ? "Intel, not known here" : "a CPU that is not known here";
}

const char *xp_pmu_manual(const struct xprof_op_pmu *pmu)
{
	const struct xp_pmu_table *t = table_of(pmu);

	if (t)
		return t->manual;
	return pmu->kind == XPROF_PMU_INTEL ? "Intel SDM volume 3, Pre-defined Architectural Performance Events" : "none";
}

static const struct xp_pmu_event *in_list(const struct xp_pmu_event *e, const char *name)
{
	for (; e && e->name; e++)
		if (!strcmp(e->name, name))
			return e;
	return NULL;
}

static bool is_there(const struct xprof_op_pmu *pmu, const struct xp_pmu_event *e)
{
	return !e->arch || !(pmu->unavailable & 1u << (e->arch - 1));
}

const struct xp_pmu_event *xp_pmu_find(const struct xprof_op_pmu *pmu, const char *name)
{
	const struct xp_pmu_table *t = table_of(pmu);
	const struct xp_pmu_event *e = NULL;

	if (pmu->kind == XPROF_PMU_INTEL)
		e = in_list(xp_pmu_intel_architectural, name);
	if (!e && t)
		e = in_list(t->events, name);
	return e && is_there(pmu, e) ? e : NULL;
}

size_t xp_pmu_events(const struct xprof_op_pmu *pmu, const struct xp_pmu_event *events[XP_PMU_MAX_KNOWN])
{
	size_t nr = 0;

	for (const struct xp_pmu_generic *g = xp_pmu_generics; g->name && nr < XP_PMU_MAX_KNOWN; g++) {
		events[nr] = xp_pmu_find(pmu, g->name);
		nr += events[nr] != NULL;
	}
	return nr;
}

uint32_t xp_pmu_counters(const struct xprof_op_pmu *pmu, uint64_t select)
{
	uint16_t event = (uint16_t)((select & 0xff) | (select >> 24 & 0xf00));
	uint8_t umask = (uint8_t)(select >> 8);
	const struct xp_pmu_table *t = table_of(pmu);

	for (const struct xp_pmu_limit *l = t ? t->limits : NULL; l && l->counters; l++)
		if (event >= l->first && event <= l->last && (!l->umask || umask == l->umask))
			return l->counters;
	return 0;
}

const char *xp_pmu_what(const struct xp_pmu_event *event)
{
	const struct xp_pmu_generic *g = xp_pmu_generic(event->name);

	return event->what ? event->what : g ? g->what : "";
}
