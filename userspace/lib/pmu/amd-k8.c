// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AMD families 0Fh and 11h: Athlon 64, Opteron, Turion X2. The L2 is the last level.
 *
 * Unlike other families: 046h and 085h have no unit mask; 07Dh and 07Eh have
 * 01h instruction fetch, 02h data, 04h TLB reload (08h snoops, 10h cancelled).
 */
#include "lib/pmu/table.h"

static const struct xp_pmu_event events[] = {
	XP_EVENT("cycles",                  0x076, 0x00, "PMCx076 CPU Clocks not Halted"),
	XP_EVENT("instructions",            0x0c0, 0x00, "PMCx0C0 Retired Instructions"),
	XP_EVENT_NOTE("llc-references",     0x07d, 0x07, "PMCx07D Requests to L2 Cache", "requests to the L2, this CPU's last level"),
	XP_EVENT_NOTE("llc-misses",         0x07e, 0x07, "PMCx07E L2 Cache Misses", "misses in the L2, this CPU's last level"),
	XP_EVENT("l1d-misses",              0x041, 0x00, "PMCx041 Data Cache Misses"),
	XP_EVENT("dtlb-misses",             0x046, 0x00, "PMCx046 L1 DTLB and L2 DTLB Miss"),
	XP_EVENT("itlb-misses",             0x085, 0x00, "PMCx085 L1 ITLB Miss, L2 ITLB Miss"),
	XP_EVENT("branches",                0x0c2, 0x00, "PMCx0C2 Retired Branch Instructions"),
	XP_EVENT("branch-misses",           0x0c3, 0x00, "PMCx0C3 Retired Mispredicted Branch Instructions"),
	XP_EVENT("stalled-cycles-frontend", 0x0d0, 0x00, "PMCx0D0 Decoder Empty"),
	XP_EVENT("stalled-cycles-backend",  0x0d1, 0x00, "PMCx0D1 Dispatch Stalls"),
	{ .name = NULL },
};

const struct xp_pmu_table xp_pmu_amd_k8[] = {
	{ "AMD family 0Fh (K8)", "AMD 26094 and 32559, BKDG for Family 0Fh, performance counter events", 1, 0x0f, XP_ALL_MODELS, events, NULL },
	{ "AMD family 11h", "AMD 41256, BKDG for Family 11h, performance counter events", 1, 0x11, XP_ALL_MODELS, events, NULL },
	{ .cpus = NULL },
};
