// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AMD families 10h and 12h: Phenom, Opteron 1300 to 8400, Llano.
 *
 * An L3, where there is one, is counted by the northbridge (4E0h, 4E1h), which
 * all cores share and which cannot say who missed: what leaves the core's own
 * L2 stands for the last level, as in perf.
 */
#include "lib/pmu/table.h"

#define L2_IS_LAST "(an L3 behind it is counted by the northbridge, which cannot tell cores apart)"

static const struct xp_pmu_event events[] = {
	XP_EVENT("cycles",                  0x076, 0x00, "PMCx076 CPU Clocks not Halted"),
	XP_EVENT("instructions",            0x0c0, 0x00, "PMCx0C0 Retired Instructions"),
	XP_EVENT_NOTE("llc-references",     0x07d, 0x07, "PMCx07D Requests to L2 Cache", "requests to the core's L2 " L2_IS_LAST),
	XP_EVENT_NOTE("llc-misses",         0x07e, 0x07, "PMCx07E L2 Cache Misses", "misses in the core's L2 " L2_IS_LAST),
	XP_EVENT("l1d-misses",              0x041, 0x00, "PMCx041 Data Cache Misses"),
	XP_EVENT("dtlb-misses",             0x046, 0x07, "PMCx046 L1 DTLB and L2 DTLB Miss"),
	XP_EVENT("itlb-misses",             0x085, 0x03, "PMCx085 L1 ITLB Miss and L2 ITLB Miss"),
	XP_EVENT("branches",                0x0c2, 0x00, "PMCx0C2 Retired Branch Instructions"),
	XP_EVENT("branch-misses",           0x0c3, 0x00, "PMCx0C3 Retired Mispredicted Branch Instructions"),
	XP_EVENT("stalled-cycles-frontend", 0x0d0, 0x00, "PMCx0D0 Decoder Empty"),
	XP_EVENT("stalled-cycles-backend",  0x0d1, 0x00, "PMCx0D1 Dispatch Stalls"),
	{ .name = NULL },
};

const struct xp_pmu_table xp_pmu_amd_10h[] = {
	{ "AMD family 10h (K10)", "AMD 31116, BKDG for Family 10h, performance counter events", 1, 0x10, XP_ALL_MODELS, events, NULL },
	{ "AMD family 12h", "AMD 41131, BKDG for Family 12h, performance counter events", 1, 0x12, XP_ALL_MODELS, events, NULL },
	{ .cpus = NULL },
};
