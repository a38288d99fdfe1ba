/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables, one file a vendor's family. An entry's numbers are those of the
 * manual that the table names; a family's file says where they differ from
 * its neighbours'.
 */
#ifndef XP_PMU_TABLE_H
#define XP_PMU_TABLE_H

#include "lib/pmu/pmu.h"

/* Events that not every general counter can count, by number and, where it matters, unit mask. */
struct xp_pmu_limit {
	uint16_t first, last; /* event numbers */
	uint8_t umask;        /* 0: any */
	uint32_t counters;    /* bit n: counter n; 0: the table ends */
};

struct xp_pmu_table {
	const char *cpus;     /* for people */
	const char *manual;   /* document; the events are found in it by their numbers, which need no section */
	uint8_t vendor;       /* of struct xprof_op_pmu: 1 AMD, 2 Intel, 3 Hygon */
	uint8_t family;
	uint8_t models[24];   /* ended by 0xff; {0xff}: every model */
	const struct xp_pmu_event *events; /* ended by a NULL name */
	const struct xp_pmu_limit *limits; /* the first match counts; NULL: any counter counts any event */
};

/* First match. Each ends with a NULL cpus. */
extern const struct xp_pmu_table xp_pmu_amd_k8[], xp_pmu_amd_10h[], xp_pmu_amd_15h[], xp_pmu_amd_16h[], xp_pmu_amd_zen[],
	xp_pmu_intel_core[];

/* Intel: what CPUID.0AH describes; every CPU has it, whatever else is known. */
extern const struct xp_pmu_event xp_pmu_intel_architectural[];

/* ---- how entries are written ---- */

#define XP_ALL_MODELS { 0xff }

/* Event and unit mask; bits 11:8 of an AMD event number lie at 35:32. */
#define XP_SELECT(event, umask) \
	(((uint64_t)(event) & 0xffu) | (uint64_t)(umask) << 8 | ((uint64_t)(event) & 0xf00u) << 24)
#define XP_EDGE (1ull << 18)
#define XP_INV (1ull << 23)
#define XP_CMASK(n) ((uint64_t)(n) << 24)

#define XP_EVENT(event_name, event, umask, vendor_name) \
	{ .name = event_name, .select = XP_SELECT(event, umask), .vendor = vendor_name }
#define XP_EVENT_NOTE(event_name, event, umask, vendor_name, note) \
	{ .name = event_name, .select = XP_SELECT(event, umask), .vendor = vendor_name, .what = note }

#endif
