// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AMD family 15h: Bulldozer to Excavator.
 *
 * 041h counts nothing without a unit mask. 046h is the unified second-level
 * TLB: 07h data of 4K, 2M and 1G pages (70h would be instructions). 046h,
 * 07Dh, 07Eh and 085h run on counters 0 to 2 only.
 */
#include "lib/pmu/table.h"

#define L2_IS_LAST "(an L3 behind it is counted by the northbridge, which cannot tell cores apart)"

static const struct xp_pmu_event events[] = {
	XP_EVENT("cycles",                  0x076, 0x00, "PMCx076 CPU Clocks not Halted"),
	XP_EVENT("instructions",            0x0c0, 0x00, "PMCx0C0 Retired Instructions"),
	XP_EVENT_NOTE("llc-references",     0x07d, 0x07, "PMCx07D Requests to L2 Cache", "requests to the compute unit's L2 " L2_IS_LAST),
	XP_EVENT_NOTE("llc-misses",         0x07e, 0x07, "PMCx07E L2 Cache Misses", "misses in the compute unit's L2 " L2_IS_LAST),
	XP_EVENT("l1d-misses",              0x041, 0x01, "PMCx041 Data Cache Misses"),
	XP_EVENT("dtlb-misses",             0x046, 0x07, "PMCx046 Unified TLB Miss, data"),
	XP_EVENT("itlb-misses",             0x085, 0x07, "PMCx085 L1 ITLB Miss, L2 ITLB Miss"),
	XP_EVENT("branches",                0x0c2, 0x00, "PMCx0C2 Retired Branch Instructions"),
	XP_EVENT("branch-misses",           0x0c3, 0x00, "PMCx0C3 Retired Mispredicted Branch Instructions"),
	XP_EVENT("stalled-cycles-frontend", 0x0d0, 0x00, "PMCx0D0 Decoder Empty"),
	XP_EVENT("stalled-cycles-backend",  0x0d1, 0x00, "PMCx0D1 Dispatch Stalls"),
	{ .name = NULL },
};

const struct xp_pmu_table xp_pmu_amd_15h[] = {
	{ "AMD family 15h", "AMD 42301, BKDG for Family 15h Models 00h-0Fh, performance counter events", 1, 0x15, XP_ALL_MODELS, events },
	{ .cpus = NULL },
};
