// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AMD families 17h, 19h and 1Ah (Zen 1 to Zen 5), and Hygon's 18h, a Zen 1.
 *
 * The L3 has counters of its own, which cannot say whose request it was. Core
 * counters see both ends of it: what missed the L2 and so went to the L3
 * (064h: 01h instruction, 08h data), and what came back from memory (043h: 08h
 * of this node, 40h of another).
 *
 * 060h counts what the L1 data cache asks the L2 for: 80h reads, 40h stores,
 * 20h shared reads, up to Zen 4 08h changes of state. 045h: the upper four bits are misses
 * in the L2 DTLB, by page size. 085h has unit masks from Zen 2 on (4K, 2M, 1G,
 * from Zen 3 on 08h coalesced); Zen 1 has none and counts with any.
 */
#include "lib/pmu/table.h"

#define COMMON(l1d_mask) \
	XP_EVENT("cycles",              0x076, 0x00, "PMCx076 Cycles not in Halt"), \
	XP_EVENT("instructions",        0x0c0, 0x00, "PMCx0C0 Retired Instructions"), \
	XP_EVENT_NOTE("llc-references", 0x064, 0x09, "PMCx064 Core to L2 Requests that missed", \
		      "requests that missed the core's L2 and so went to the L3"), \
	XP_EVENT_NOTE("llc-misses",     0x043, 0x48, "PMCx043 Demand Data Cache Fills from DRAM or IO", \
		      "demand fills of the data cache that came from memory"), \
	XP_EVENT("l1d-misses",          0x060, l1d_mask, "PMCx060 L2 Requests from the Data Cache"), \
	XP_EVENT("l2-misses",           0x064, 0x09, "PMCx064 Core to L2 Requests that missed"), \
	XP_EVENT("dtlb-misses",         0x045, 0xf0, "PMCx045 L1 DTLB Misses that missed the L2 DTLB"), \
	XP_EVENT("branches",            0x0c2, 0x00, "PMCx0C2 Retired Branch Instructions"), \
	XP_EVENT("branch-misses",       0x0c3, 0x00, "PMCx0C3 Retired Branch Instructions Mispredicted")

#define UOP_QUEUE XP_EVENT("stalled-cycles-frontend", 0x0a9, 0x00, "PMCx0A9 Micro-Op Queue Empty")

static const struct xp_pmu_event zen1[] = {
	COMMON(0xe8),
	XP_EVENT("itlb-misses",             0x085, 0xff, "PMCx085 L1 ITLB Miss, L2 ITLB Miss"),
	XP_EVENT("stalled-cycles-frontend", 0x087, 0x02, "PMCx087 Instruction Pipe Stall, Queue Empty"),
	XP_EVENT("stalled-cycles-backend",  0x087, 0x01, "PMCx087 Instruction Pipe Stall, Back Pressure"),
	{ .name = NULL },
};

static const struct xp_pmu_event zen2[] = {
	COMMON(0xe8),
	XP_EVENT("itlb-misses",             0x085, 0x07, "PMCx085 L1 ITLB Miss, L2 ITLB Miss"),
	UOP_QUEUE,
	{ .name = NULL },
};

static const struct xp_pmu_event zen3[] = {
	COMMON(0xe8),
	XP_EVENT("itlb-misses",             0x085, 0x0f, "PMCx085 L1 ITLB Miss, L2 ITLB Miss"),
	UOP_QUEUE,
	{ .name = NULL },
};

static const struct xp_pmu_event zen5[] = {
	COMMON(0xe0),
	XP_EVENT("itlb-misses",             0x085, 0x0f, "PMCx085 L1 ITLB Miss, L2 ITLB Miss"),
	UOP_QUEUE,
	{ .name = NULL },
};

#define CORE_COUNTERS ", core performance monitor counters"

const struct xp_pmu_table xp_pmu_amd_zen[] = {
	{ "AMD family 17h (Zen)", "AMD 54945, PPR for Family 17h Models 01h and 08h" CORE_COUNTERS, 1, 0x17,
	  { 0x01, 0x08, 0x11, 0x18, 0x20, 0xff }, zen1, NULL },
	{ "AMD family 17h (Zen 2)", "AMD 56176, PPR for Family 17h Model 71h" CORE_COUNTERS, 1, 0x17, XP_ALL_MODELS, zen2, NULL },
	{ "AMD family 19h (Zen 3, Zen 4)", "AMD 55898, PPR for Family 19h Model 01h" CORE_COUNTERS, 1, 0x19, XP_ALL_MODELS, zen3, NULL },
	{ "AMD family 1Ah (Zen 5)", "AMD 58550, counters of Family 1Ah Models 00h to 0Fh" CORE_COUNTERS, 1, 0x1a, XP_ALL_MODELS, zen5, NULL },
	{ "Hygon family 18h (Dhyana, a Zen)", "AMD 54945, PPR for Family 17h Models 01h and 08h" CORE_COUNTERS, 3, 0x18, XP_ALL_MODELS, zen1, NULL },
	{ .cpus = NULL },
};
