// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/collect/source.h"

#include <inttypes.h>
#include <string.h>

static const char *const names[] = { "none", "ipi", "hpet", "pmu" };

#define NR_SOURCES (sizeof(names) / sizeof(names[0]))
#define NR_TIMERS 3 /* of these, those that tick */

const char *xp_source_name(uint32_t source)
{
	return source < NR_SOURCES ? names[source] : "unknown";
}

int xp_source_parse(const char *name, uint32_t *source)
{
	if (!strcmp(name, "auto")) {
		*source = XPROF_SOURCE_NONE;
		return 0;
	}
	for (uint32_t i = XPROF_SOURCE_IPI; i < NR_SOURCES; i++) {
		if (!strcmp(name, names[i])) {
			*source = i;
			return 0;
		}
	}
	return XP_E_USAGE;
}

uint64_t xp_source_max_hz(const struct xprof_op_info *info, uint32_t source)
{
	return source == XPROF_SOURCE_IPI ? XP_IPI_MAX_HZ : info->max_hz;
}

const char *xp_source_blind_spot(uint32_t source)
{
	switch (source) {
	case XPROF_SOURCE_IPI:
		return "a CPU is not sampled while its neighbour keeps interrupts off or cannot reach its softirqs";
	case XPROF_SOURCE_HPET:
		return "one rate for all CPUs; ticks that the machine drops are seen as missing, not as lost";
	case XPROF_SOURCE_PMU:
		return "while a CPU sleeps its counters stand still; where it keeps NMIs off, samples come late";
	default:
		return "";
	}
}

struct why {
	const char *text, *remedy;
};

#define BY_TIME "sample by time (xprof record -e timer)"

static const struct why whys[] = {
	[XPROF_WHY_OK] = { "available", "" },
	[XPROF_WHY_ONE_CPU] = { "there is only one physical CPU, so no neighbour that could send the NMI",
				"use --source hpet" },
	[XPROF_WHY_NO_HPET] = { "the machine has no HPET, or Xen does not use it", "use --source ipi" },
	[XPROF_WHY_HPET_IN_USE] = { "Xen uses the HPET's comparators to wake idle CPUs",
				    "boot Xen with cpuidle=0, or use --source ipi" },
	[XPROF_WHY_NO_FSB] = { "no comparator of the HPET can deliver periodic messages (FSB)", "use --source ipi" },
	[XPROF_WHY_INTREMAP] = { "interrupt remapping is on, so the HPET's messages go through the IOMMU",
				 "boot Xen with iommu=no-intremap if you must, or use --source ipi" },
	[XPROF_WHY_X2APIC] = { "APIC ids do not fit an HPET message (x2APIC, or ids above 254)",
			       "boot Xen with x2apic=0 if you must, or use --source ipi" },
	[XPROF_WHY_CPU_OFFLINE] = { "a CPU is offline, and an HPET broadcast could hit it while it starts",
				    "bring it online (xen-hptool cpu-online N), or use --source ipi" },
	[XPROF_WHY_NMI_FATAL] = { "Xen runs with nmi=fatal: a microcode update during the session would kill the host",
				  "boot Xen with nmi=dom0, or use --force" },
	[XPROF_WHY_NO_PMU] = { "this CPU has no performance counters that xprof knows", BY_TIME },
	[XPROF_WHY_PMU_HIDDEN] = { "the CPU says that it has performance counters, but they do not count: firmware or the hypervisor "
				   "below hides them", "enable them there (a BIOS setting, or the virtual machine's), or " BY_TIME },
	[XPROF_WHY_VPMU] = { "Xen lets guests have the performance counters (vpmu)",
			     "boot Xen without vpmu=, or " BY_TIME },
	[XPROF_WHY_WATCHDOG] = { "Xen's NMI watchdog leaves no performance counter free",
				 "boot Xen without watchdog, or " BY_TIME },
	[XPROF_WHY_PMU_OWNED] = { "xenoprof has reserved the performance counters",
				  "end its session (opcontrol --deinit), or " BY_TIME },
	[XPROF_WHY_NO_SWITCH] = { "this profiler in the hypervisor does not see vCPU switches",
				  "attach the live patch of this version, or count by samples (xprof record)" },
};

static const struct why *why_entry(uint8_t why)
{
	static const struct why unknown = { "for a reason that this xprof does not know", "update xprof" };

	return why < sizeof(whys) / sizeof(whys[0]) && whys[why].text ? &whys[why] : &unknown;
}

const char *xp_why_text(uint8_t why)
{
	return why_entry(why)->text;
}

const char *xp_why_remedy(uint8_t why)
{
	return why_entry(why)->remedy;
}

static bool can_have(const struct xprof_op_info *info, uint32_t source)
{
	return info->sources & XPROF_SOURCE_BIT(source);
}

static bool serves(const struct xprof_op_info *info, uint32_t source, uint64_t hz)
{
	return can_have(info, source) && hz <= xp_source_max_hz(info, source);
}

static int fail_wanted(const struct xprof_op_info *info, uint64_t hz, uint32_t wanted, struct xp_err *err)
{
	if (can_have(info, wanted))
		return xp_fail(err, XP_E_USAGE, "source %s reaches %" PRIu64 " Hz, not %" PRIu64 ": lower -F or raise the period",
			       xp_source_name(wanted), xp_source_max_hz(info, wanted), hz);
	return xp_fail(err, XP_E_ABSENT, "source %s cannot be had: %s; %s", xp_source_name(wanted),
		       xp_why_text(info->why[wanted]), xp_why_remedy(info->why[wanted]));
}

static int fail_all(const struct xprof_op_info *info, uint64_t hz, struct xp_err *err)
{
	if (can_have(info, XPROF_SOURCE_HPET))
		return fail_wanted(info, hz, XPROF_SOURCE_HPET, err);
	if (can_have(info, XPROF_SOURCE_IPI))
		return xp_fail(err, XP_E_USAGE, "%" PRIu64 " Hz is too fast for the neighbour's IPI (%u Hz), and the HPET cannot "
			       "be had: %s; %s", hz, XP_IPI_MAX_HZ, xp_why_text(info->why[XPROF_SOURCE_HPET]),
			       xp_why_remedy(info->why[XPROF_SOURCE_HPET]));
	return xp_fail(err, XP_E_ABSENT, "no source of NMIs can be had here. ipi: %s; hpet: %s (%s)",
		       xp_why_text(info->why[XPROF_SOURCE_IPI]), xp_why_text(info->why[XPROF_SOURCE_HPET]),
		       xp_why_remedy(info->why[XPROF_SOURCE_HPET]));
}

int xp_source_counters(const struct xprof_op_info *info, struct xp_err *err)
{
	uint8_t why = info->why[XPROF_SOURCE_PMU];

	if (can_have(info, XPROF_SOURCE_PMU))
		return 0;
	return xp_fail(err, XP_E_ABSENT, "performance counters cannot be had: %s; %s", xp_why_text(why), xp_why_remedy(why));
}

int xp_source_choose(const struct xprof_op_info *info, uint64_t hz, uint32_t wanted, uint32_t *source, struct xp_err *err)
{
	if (wanted != XPROF_SOURCE_NONE) {
		*source = wanted;
		return serves(info, wanted, hz) ? 0 : fail_wanted(info, hz, wanted, err);
	}
	for (uint32_t s = NR_TIMERS - 1; s >= XPROF_SOURCE_IPI; s--) {
		if (serves(info, s, hz)) {
			*source = s;
			return 0;
		}
	}
	return fail_all(info, hz, err);
}
