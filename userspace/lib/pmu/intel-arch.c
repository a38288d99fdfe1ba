// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Intel: the architectural events, the same on every CPU with architectural
 * performance monitoring. Intel SDM, volume 3, chapter "Performance
 * Monitoring", table "UMask and Event Select Encodings for Pre-Defined
 * Architectural Performance Events", and for the fixed counters
 * IA32_FIXED_CTR0 and 1 (volume 4). Chapters and tables have changed their
 * numbers from edition to edition, their titles have not.
 *
 * The last column is the bit in CPUID.0AH:EBX that is set when the CPU does
 * not have it.
 */
#include "lib/pmu/table.h"

#define ARCH(event_name, event, umask, fixed_counter, bit, vendor_name) \
	{ .name = event_name, .select = XP_SELECT(event, umask), .fixed = fixed_counter, .arch = 1 + (bit), .vendor = vendor_name }
#define FIXED(n) (1 + (n))

const struct xp_pmu_event xp_pmu_intel_architectural[] = {
	ARCH("cycles",         0x3c, 0x00, FIXED(1), 0, "3CH/00H UnHalted Core Cycles"),
	ARCH("instructions",   0xc0, 0x00, FIXED(0), 1, "C0H/00H Instructions Retired"),
	ARCH("llc-references", 0x2e, 0x4f, 0,        3, "2EH/4FH LLC Reference"),
	ARCH("llc-misses",     0x2e, 0x41, 0,        4, "2EH/41H LLC Misses"),
	ARCH("branches",       0xc4, 0x00, 0,        5, "C4H/00H Branch Instructions Retired"),
	ARCH("branch-misses",  0xc5, 0x00, 0,        6, "C5H/00H Branch Misses Retired"),
	{ .name = NULL },
};
