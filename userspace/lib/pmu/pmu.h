/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Performance events by name: what a user writes after -e becomes what the
 * hypervisor counts.
 *
 *   "llc-misses:10000:u,@tlb"
 *     spec.h       names, periods, modifiers; nothing is looked up
 *     pmu.h        the names that this CPU has, as select codes (this file)
 *     <vendor>.c   the tables, to be read against the vendors' manuals
 *
 * The CPU is described by struct xprof_op_pmu, so everything here works, and
 * is tested, on any machine.
 */
#ifndef XP_PMU_PMU_H
#define XP_PMU_PMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/pmu/spec.h"
#include "xprof.h"

/* One event of one kind of CPU. */
struct xp_pmu_event {
	const char *name;   /* the same on all CPUs: "llc-misses" */
	uint64_t select;    /* as struct xprof_op_event has it */
	uint8_t fixed;      /* Intel: 1 + n: fixed counter n counts the same; 0: none */
	uint8_t arch;       /* Intel: 1 + its bit in CPUID.0AH:EBX (1: it is not there); 0: none */
	const char *vendor; /* the vendor's name for it, with its number: "PMCx07E L2 Cache Misses" */
	const char *what;   /* what it counts on this CPU, where that is not what the name says; NULL */
};

/* A name that all CPUs share, and what it means. */
struct xp_pmu_generic {
	const char *name, *what;
};
extern const struct xp_pmu_generic xp_pmu_generics[]; /* in the order of lists; ends with a NULL name */

/* A set of events under one name. */
struct xp_pmu_preset {
	const char *name;   /* "@memory" */
	const char *what;
	const char *events; /* names, with commas; those that a CPU lacks are left out */
};
extern const struct xp_pmu_preset xp_pmu_presets[]; /* ends with a NULL name */

/* "AMD family 0Fh (K8)"; where its table is from; both never NULL. */
const char *xp_pmu_cpu_name(const struct xprof_op_pmu *pmu);
const char *xp_pmu_manual(const struct xprof_op_pmu *pmu);

/* The events that this CPU has, in the order of xp_pmu_generics. Returns how many, at most XP_PMU_MAX_KNOWN. */
#define XP_PMU_MAX_KNOWN 16u
size_t xp_pmu_events(const struct xprof_op_pmu *pmu, const struct xp_pmu_event *events[XP_PMU_MAX_KNOWN]);

/* The event of this name, NULL: this CPU has none. */
const struct xp_pmu_event *xp_pmu_find(const struct xprof_op_pmu *pmu, const char *name);

/* General counters that can count a code, as bits; 0: all. */
uint32_t xp_pmu_counters(const struct xprof_op_pmu *pmu, uint64_t select);

/* What it counts: its own text, else that of its name. */
const char *xp_pmu_what(const struct xp_pmu_event *event);

/*
 * Could any CPU have an event of this name: a generic one, a preset, rXXXX?
 * XP_E_USAGE names what is nearest. For refusing a misspelt name before
 * anything is loaded.
 */
int xp_pmu_check_name(const char *name, struct xp_err *err);

/* ---- what a session is to count ------------------------------------------*/

#define XP_PMU_DEFAULT_HZ 1000u /* samples a second, CPU and event, if nobody says */

struct xp_planned {
	char name[48];            /* in reports; different from all others of the plan */
	char modifiers[8];
	uint32_t hz;              /* samples a second and CPU; 0: it has a period */
	struct xprof_op_event op; /* select, flags, period, fixed, counters are set */
	const struct xp_pmu_event *known; /* NULL: raw */
};

struct xp_pmu_plan {
	size_t nr;
	struct xp_planned events[XPROF_MAX_EVENTS];
};

/* For events that have no period of their own. Both 0: XP_PMU_DEFAULT_HZ. */
struct xp_pmu_rate {
	uint64_t hz, period;
	bool counting;            /* nothing is sampled: periods are not looked at */
};

/*
 * Looks up every spec, presets becoming several events. XP_E_USAGE: a name
 * that is not known (the nearest is named), a period that is too small (the
 * least is named), too many events, one twice. XP_E_ABSENT: this CPU has no
 * such event; what it has is named.
 */
int xp_pmu_plan(const struct xprof_op_pmu *pmu, const struct xp_event_specs *specs, const struct xp_pmu_rate *rate,
		struct xp_pmu_plan *plan, struct xp_err *err);

#endif
