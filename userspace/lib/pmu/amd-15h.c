// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AMD family 15h: Bulldozer to Excavator.
 *
 * 041h counts nothing without a unit mask. 046h is the unified second-level
 * TLB: 07h data of 4K, 2M and 1G pages (70h would be instructions).
 *
 * The manual gives the counters of each event: "PERF_CTL[2:0]" and the like.
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

/* By the unit that the number stands for (bits 7:4), with exceptions, which come first. 003h and 004h depend on the unit mask. */
static const struct xp_pmu_limit limits[] = {
	{ 0x000, 0x000, 0, 0x08 }, { 0x003, 0x004, 0, 0x08 }, { 0x00b, 0x00b, 0, 0x08 }, { 0x00d, 0x00d, 0, 0x08 },
	{ 0x000, 0x01f, 0, 0x38 }, /* floating point */
	{ 0x023, 0x023, 0, 0x07 }, { 0x02d, 0x02d, 0, 0x08 }, { 0x02e, 0x02e, 0, 0x09 }, { 0x031, 0x031, 0, 0x07 },
	{ 0x043, 0x043, 0, 0x07 }, { 0x045, 0x046, 0, 0x07 }, { 0x054, 0x055, 0, 0x07 },
	{ 0x08f, 0x08f, 0, 0x01 },
	{ 0x060, 0x09f, 0, 0x07 }, /* the compute unit's cache; fetch and decode */
	{ 0x0d0, 0x0da, 0, 0x07 }, /* decode */
	{ 0x187, 0x188, 0, 0x01 },
	{ 0x160, 0x19f, 0, 0x07 },
	{ 0x1c0, 0x1c0, 0, 0x38 },
	{ 0, 0, 0, 0 },
};

const struct xp_pmu_table xp_pmu_amd_15h[] = {
	{ "AMD family 15h", "AMD 42301, BKDG for Family 15h Models 00h-0Fh, performance counter events", 1, 0x15, XP_ALL_MODELS, events, limits },
	{ .cpus = NULL },
};
