// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Intel Core and Xeon from Nehalem on: what the architectural events leave
 * out. Names and codes are those of Intel's event lists (perfmon-events.intel.com,
 * in files at github.com/intel/perfmon), the list of each model.
 *
 * Loads that walk the page table stand for dTLB misses; stores have an event
 * of their own (49H, from Golden Cove on 13H). Hybrid parts (Alder Lake and
 * later clients) have two kinds of cores, which one code cannot serve: they
 * are left to the architectural events, and so are Atoms.
 */
#include "lib/pmu/table.h"

#define STALL(event_name, event, umask, bits, vendor_name) \
	{ .name = event_name, .select = XP_SELECT(event, umask) | (bits), .vendor = vendor_name }

/* CORE_STALL_CYCLES has AnyThread set in Intel's list, and counts both threads; without it, this thread only. */
static const struct xp_pmu_event nehalem[] = {
	XP_EVENT("l1d-misses",  0x51, 0x01, "51H/01H L1D.REPL"),
	XP_EVENT("l2-misses",   0x24, 0xaa, "24H/AAH L2_RQSTS.MISS"),
	XP_EVENT("dtlb-misses", 0x08, 0x01, "08H/01H DTLB_LOAD_MISSES.ANY"),
	XP_EVENT("itlb-misses", 0x85, 0x01, "85H/01H ITLB_MISSES.ANY"),
	STALL("stalled-cycles-frontend", 0x0e, 0x01, XP_INV | XP_CMASK(1), "0EH/01H UOPS_ISSUED.STALL_CYCLES"),
	STALL("stalled-cycles-backend",  0xb1, 0x3f, XP_INV | XP_CMASK(1), "B1H/3FH UOPS_EXECUTED.CORE_STALL_CYCLES, this thread's"),
	{ .name = NULL },
};

static const struct xp_pmu_event sandy_bridge[] = {
	XP_EVENT("l1d-misses",  0x51, 0x01, "51H/01H L1D.REPLACEMENT"),
	XP_EVENT_NOTE("l2-misses", 0xf1, 0x07, "F1H/07H L2_LINES_IN.ALL", "lines brought into the L2, prefetched ones too"),
	XP_EVENT("dtlb-misses", 0x08, 0x01, "08H/01H DTLB_LOAD_MISSES.MISS_CAUSES_A_WALK"),
	XP_EVENT("itlb-misses", 0x85, 0x01, "85H/01H ITLB_MISSES.MISS_CAUSES_A_WALK"),
	STALL("stalled-cycles-frontend", 0x9c, 0x01, XP_CMASK(4), "9CH/01H IDQ_UOPS_NOT_DELIVERED.CYCLES_0_UOPS_DELIV.CORE"),
	STALL("stalled-cycles-backend",  0xa3, 0x04, XP_CMASK(4), "A3H/04H CYCLE_ACTIVITY.CYCLES_NO_DISPATCH"),
	{ .name = NULL },
};

/* As Sandy Bridge, but loads have another unit mask. */
static const struct xp_pmu_event ivy_bridge[] = {
	XP_EVENT("l1d-misses",  0x51, 0x01, "51H/01H L1D.REPLACEMENT"),
	XP_EVENT_NOTE("l2-misses", 0xf1, 0x07, "F1H/07H L2_LINES_IN.ALL", "lines brought into the L2, prefetched ones too"),
	XP_EVENT("dtlb-misses", 0x08, 0x81, "08H/81H DTLB_LOAD_MISSES.MISS_CAUSES_A_WALK"),
	XP_EVENT("itlb-misses", 0x85, 0x01, "85H/01H ITLB_MISSES.MISS_CAUSES_A_WALK"),
	STALL("stalled-cycles-frontend", 0x9c, 0x01, XP_CMASK(4), "9CH/01H IDQ_UOPS_NOT_DELIVERED.CYCLES_0_UOPS_DELIV.CORE"),
	STALL("stalled-cycles-backend",  0xa3, 0x04, XP_CMASK(4), "A3H/04H CYCLE_ACTIVITY.CYCLES_NO_EXECUTE"),
	{ .name = NULL },
};

/* Haswell, Broadwell, Skylake and what is one by another name. A3H/04H is CYCLES_NO_EXECUTE in Haswell's list. */
static const struct xp_pmu_event haswell[] = {
	XP_EVENT("l1d-misses",  0x51, 0x01, "51H/01H L1D.REPLACEMENT"),
	XP_EVENT("l2-misses",   0x24, 0x3f, "24H/3FH L2_RQSTS.MISS"),
	XP_EVENT("dtlb-misses", 0x08, 0x01, "08H/01H DTLB_LOAD_MISSES.MISS_CAUSES_A_WALK"),
	XP_EVENT("itlb-misses", 0x85, 0x01, "85H/01H ITLB_MISSES.MISS_CAUSES_A_WALK"),
	STALL("stalled-cycles-frontend", 0x9c, 0x01, XP_CMASK(4), "9CH/01H IDQ_UOPS_NOT_DELIVERED.CYCLES_0_UOPS_DELIV.CORE"),
	STALL("stalled-cycles-backend",  0xa3, 0x04, XP_CMASK(4), "A3H/04H CYCLE_ACTIVITY.STALLS_TOTAL"),
	{ .name = NULL },
};

/* Misses that cause a walk are no longer told: completed walks are. L2_RQSTS.MISS is not in all of their lists. */
static const struct xp_pmu_event ice_lake[] = {
	XP_EVENT("l1d-misses",  0x51, 0x01, "51H/01H L1D.REPLACEMENT"),
	XP_EVENT_NOTE("l2-misses", 0xf1, 0x1f, "F1H/1FH L2_LINES_IN.ALL", "lines brought into the L2, prefetched ones too"),
	XP_EVENT("dtlb-misses", 0x08, 0x0e, "08H/0EH DTLB_LOAD_MISSES.WALK_COMPLETED"),
	XP_EVENT("itlb-misses", 0x85, 0x0e, "85H/0EH ITLB_MISSES.WALK_COMPLETED"),
	STALL("stalled-cycles-frontend", 0x9c, 0x01, XP_CMASK(5), "9CH/01H IDQ_UOPS_NOT_DELIVERED.CYCLES_0_UOPS_DELIV.CORE"),
	STALL("stalled-cycles-backend",  0xa3, 0x04, XP_CMASK(4), "A3H/04H CYCLE_ACTIVITY.STALLS_TOTAL"),
	{ .name = NULL },
};

/* TLB events have moved. */
static const struct xp_pmu_event golden_cove[] = {
	XP_EVENT("l1d-misses",  0x51, 0x01, "51H/01H L1D.REPLACEMENT"),
	XP_EVENT("l2-misses",   0x24, 0x3f, "24H/3FH L2_RQSTS.MISS"),
	XP_EVENT("dtlb-misses", 0x12, 0x0e, "12H/0EH DTLB_LOAD_MISSES.WALK_COMPLETED"),
	XP_EVENT("itlb-misses", 0x11, 0x0e, "11H/0EH ITLB_MISSES.WALK_COMPLETED"),
	STALL("stalled-cycles-frontend", 0x9c, 0x01, XP_CMASK(6), "9CH/01H IDQ_BUBBLES.CYCLES_0_UOPS_DELIV.CORE"),
	STALL("stalled-cycles-backend",  0xa3, 0x04, XP_CMASK(4), "A3H/04H CYCLE_ACTIVITY.STALLS_TOTAL"),
	{ .name = NULL },
};

/*
 * Counters of the lists' "Counter" column, where those are not all of them: a
 * range may hold numbers that are no events. Skylake's C0H/01H is left out: two
 * events of PEBS have it, which only their counter masks tell apart.
 */
#define ONE(event) event, event
#define END { 0, 0, 0, 0 }

static const struct xp_pmu_limit nehalem_limits[] = {
	{ ONE(0x0b), 0x10, 0x8 }, { 0x40, 0x43, 0, 0x3 }, { ONE(0x4c), 0, 0x3 }, { ONE(0x4e), 0, 0x3 }, { 0x51, 0x53, 0, 0x3 },
	{ ONE(0x60), 0, 0x1 }, { ONE(0x63), 0, 0x3 }, { ONE(0xb3), 0, 0x1 }, { ONE(0xb7), 0, 0x4 }, END,
};

static const struct xp_pmu_limit sandy_bridge_limits[] = {
	{ ONE(0x48), 0x01, 0x4 }, { ONE(0xa3), 0x02, 0x4 }, { ONE(0xa3), 0x06, 0x4 }, { ONE(0xc0), 0x01, 0x2 },
	{ ONE(0xcd), 0, 0x8 }, END,
};

/* Ivy Bridge to Broadwell. */
static const struct xp_pmu_limit haswell_limits[] = {
	{ ONE(0x48), 0x01, 0x4 }, { ONE(0xa3), 0x08, 0x4 }, { ONE(0xa3), 0x0c, 0x4 }, { ONE(0xc0), 0x01, 0x2 },
	{ ONE(0xcd), 0, 0x8 }, END,
};

static const struct xp_pmu_limit ice_lake_limits[] = {
	{ 0x03, 0x0a, 0, 0x0f }, { 0x1f, 0x28, 0, 0x0f }, { ONE(0x32), 0, 0x0f }, { 0x48, 0x56, 0, 0x0f }, { 0x60, 0x8b, 0, 0x0f },
	{ ONE(0xa3), 0x04, 0xff }, { ONE(0xa3), 0x10, 0xff }, { ONE(0xa3), 0x14, 0xff }, { ONE(0xa3), 0, 0x0f },
	{ 0xa8, 0xb0, 0, 0x0f }, { 0xb7, 0xbd, 0, 0x0f }, { 0xd0, 0xe6, 0, 0x0f }, { 0xef, 0xf4, 0, 0x0f }, END,
};

static const struct xp_pmu_limit golden_cove_limits[] = {
	{ ONE(0x03), 0, 0x0f }, { 0x11, 0x13, 0, 0x0f }, { 0x20, 0x2d, 0, 0x0f }, { 0x40, 0x4c, 0, 0x0f }, { 0x51, 0x54, 0, 0x0f },
	{ 0x60, 0x61, 0, 0x0f }, { 0x75, 0x87, 0, 0x0f },
	{ ONE(0xa3), 0x04, 0xff }, { ONE(0xa3), 0x10, 0xff }, { ONE(0xa3), 0, 0x0f },
	{ ONE(0xa4), 0x04, 0x01 }, { ONE(0xa4), 0x08, 0x01 }, { ONE(0xcd), 0x02, 0x01 }, { ONE(0xcd), 0x01, 0xfe },
	{ 0xd0, 0xd4, 0, 0x0f }, END,
};

#define LISTS "Intel's event lists (perfmon-events.intel.com): "

const struct xp_pmu_table xp_pmu_intel_core[] = {
	{ "Intel Nehalem or Westmere", LISTS "NHM-EP, NHM-EX, WSM-EP-SP, WSM-EP-DP, WSM-EX", 2, 6,
	  { 0x1a, 0x1e, 0x1f, 0x2e, 0x25, 0x2c, 0x2f, 0xff }, nehalem, nehalem_limits },
	{ "Intel Sandy Bridge", LISTS "SNB, JKT", 2, 6, { 0x2a, 0x2d, 0xff }, sandy_bridge, sandy_bridge_limits },
	{ "Intel Ivy Bridge", LISTS "IVB, IVT", 2, 6, { 0x3a, 0x3e, 0xff }, ivy_bridge, haswell_limits },
	{ "Intel Haswell or Broadwell", LISTS "HSW, HSX, BDW, BDX, BDW-DE", 2, 6,
	  { 0x3c, 0x3f, 0x45, 0x46, 0x3d, 0x47, 0x4f, 0x56, 0xff }, haswell, haswell_limits },
	{ "Intel Skylake, Cascade Lake or Comet Lake", LISTS "SKL, SKX, CLX", 2, 6,
	  { 0x4e, 0x5e, 0x55, 0x8e, 0x9e, 0xa5, 0xa6, 0xff }, haswell, NULL },
	{ "Intel Ice Lake, Tiger Lake or Rocket Lake", LISTS "ICL, ICX, TGL, RKL", 2, 6,
	  { 0x7d, 0x7e, 0x6a, 0x6c, 0x8c, 0x8d, 0xa7, 0xff }, ice_lake, ice_lake_limits },
	{ "Intel Sapphire, Emerald or Granite Rapids", LISTS "SPR, EMR, GNR", 2, 6,
	  { 0x8f, 0xcf, 0xad, 0xae, 0xff }, golden_cove, golden_cove_limits },
	{ "Intel, another family 6", "Intel SDM volume 3, Pre-defined Architectural Performance Events", 2, 6, XP_ALL_MODELS, NULL, NULL },
	{ .cpus = NULL },
};
