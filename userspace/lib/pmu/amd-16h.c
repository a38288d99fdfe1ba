// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AMD families 14h and 16h: Bobcat, Jaguar, Puma.
 *
 * Bobcat's L2 is asked for no page tables (07Dh, 07Eh: no bit 04h). 046h: 04h
 * stores, 08h loads that no DTLB had. 085h: 01h 4K, 02h 2M pages.
 *
 * Jaguar's four cores share an L2 that has counters of its own, not the
 * cores': what the core's caches were filled with from beyond the L2 stands
 * for its misses (043h: any state, 1Fh).
 */
#include "lib/pmu/table.h"

static const struct xp_pmu_event bobcat[] = {
	XP_EVENT("cycles",              0x076, 0x00, "PMCx076 CPU Clocks not Halted"),
	XP_EVENT("instructions",        0x0c0, 0x00, "PMCx0C0 Retired Instructions"),
	XP_EVENT_NOTE("llc-references", 0x07d, 0x03, "PMCx07D Requests to L2 Cache", "requests to the L2, this CPU's last level"),
	XP_EVENT_NOTE("llc-misses",     0x07e, 0x03, "PMCx07E L2 Cache Misses", "misses in the L2, this CPU's last level"),
	XP_EVENT("l1d-misses",          0x041, 0x00, "PMCx041 Data Cache Misses"),
	XP_EVENT("dtlb-misses",         0x046, 0x0c, "PMCx046 DTLB Miss, L2 DTLB"),
	XP_EVENT("itlb-misses",         0x085, 0x03, "PMCx085 ITLB Miss"),
	XP_EVENT("branches",            0x0c2, 0x00, "PMCx0C2 Retired Branch Instructions"),
	XP_EVENT("branch-misses",       0x0c3, 0x00, "PMCx0C3 Retired Mispredicted Branch Instructions"),
	{ .name = NULL },
};

static const struct xp_pmu_event jaguar[] = {
	XP_EVENT("cycles",              0x076, 0x00, "PMCx076 CPU Clocks not Halted"),
	XP_EVENT("instructions",        0x0c0, 0x00, "PMCx0C0 Retired Instructions"),
	XP_EVENT_NOTE("llc-misses",     0x043, 0x1f, "PMCx043 Data Cache Refills from the Northbridge",
		      "data cache lines that came from beyond the L2, this CPU's last level"),
	XP_EVENT("l1d-misses",          0x041, 0x00, "PMCx041 Data Cache Misses"),
	XP_EVENT("dtlb-misses",         0x046, 0x0c, "PMCx046 DTLB Miss, L2 DTLB"),
	XP_EVENT("itlb-misses",         0x085, 0x03, "PMCx085 ITLB Miss"),
	XP_EVENT("branches",            0x0c2, 0x00, "PMCx0C2 Retired Branch Instructions"),
	XP_EVENT("branch-misses",       0x0c3, 0x00, "PMCx0C3 Retired Mispredicted Branch Instructions"),
	{ .name = NULL },
};

const struct xp_pmu_table xp_pmu_amd_16h[] = {
	{ "AMD family 14h (Bobcat)", "AMD 43170, BKDG for Family 14h Models 00h-0Fh, performance counter events", 1, 0x14, XP_ALL_MODELS, bobcat, NULL },
	{ "AMD family 16h (Jaguar)", "AMD BKDG for Family 16h Models 00h-0Fh, performance counter events", 1, 0x16, XP_ALL_MODELS, jaguar, NULL },
	{ .cpus = NULL },
};
