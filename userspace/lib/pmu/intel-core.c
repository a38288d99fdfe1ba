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

#define LISTS "Intel's event lists (perfmon-events.intel.com): "

const struct xp_pmu_table xp_pmu_intel_core[] = {
	{ "Intel Nehalem or Westmere", LISTS "NHM-EP, NHM-EX, WSM-EP-SP, WSM-EP-DP, WSM-EX", 2, 6,
	  { 0x1a, 0x1e, 0x1f, 0x2e, 0x25, 0x2c, 0x2f, 0xff }, nehalem },
	{ "Intel Sandy Bridge", LISTS "SNB, JKT", 2, 6, { 0x2a, 0x2d, 0xff }, sandy_bridge },
	{ "Intel Ivy Bridge", LISTS "IVB, IVT", 2, 6, { 0x3a, 0x3e, 0xff }, ivy_bridge },
	{ "Intel Haswell or Broadwell", LISTS "HSW, HSX, BDW, BDX, BDW-DE", 2, 6,
	  { 0x3c, 0x3f, 0x45, 0x46, 0x3d, 0x47, 0x4f, 0x56, 0xff }, haswell },
	{ "Intel Skylake, Cascade Lake or Comet Lake", LISTS "SKL, SKX, CLX", 2, 6,
	  { 0x4e, 0x5e, 0x55, 0x8e, 0x9e, 0xa5, 0xa6, 0xff }, haswell },
	{ "Intel Ice Lake, Tiger Lake or Rocket Lake", LISTS "ICL, ICX, TGL, RKL", 2, 6,
	  { 0x7d, 0x7e, 0x6a, 0x6c, 0x8c, 0x8d, 0xa7, 0xff }, ice_lake },
	{ "Intel Sapphire, Emerald or Granite Rapids", LISTS "SPR, EMR, GNR", 2, 6,
	  { 0x8f, 0xcf, 0xad, 0xae, 0xff }, golden_cove },
	{ "Intel, another family 6", "Intel SDM volume 3, Pre-defined Architectural Performance Events", 2, 6, XP_ALL_MODELS, NULL },
	{ .cpus = NULL },
};
