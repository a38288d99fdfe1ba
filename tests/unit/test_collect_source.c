// SPDX-License-Identifier: GPL-2.0-or-later
/* Which source of NMIs is taken, and what is said when none can be had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/collect/source.h"

#define IPI XPROF_SOURCE_BIT(XPROF_SOURCE_IPI)
#define HPET XPROF_SOURCE_BIT(XPROF_SOURCE_HPET)

static struct xprof_op_info make_info(uint32_t sources, uint8_t why_ipi, uint8_t why_hpet)
{
	struct xprof_op_info info = { .sources = sources, .max_hz = sources & HPET ? 10000 : 1000 };

	info.why[XPROF_SOURCE_IPI] = why_ipi;
	info.why[XPROF_SOURCE_HPET] = why_hpet;
	return info;
}

static void test_source__choice(void **state)
{
	static const struct { uint32_t sources, wanted; uint64_t hz; int ret; uint32_t chosen; } cases[] = {
		{ IPI | HPET, XPROF_SOURCE_NONE, 997, 0, XPROF_SOURCE_HPET },
		{ IPI, XPROF_SOURCE_NONE, 1000, 0, XPROF_SOURCE_IPI },
		{ IPI | HPET, XPROF_SOURCE_IPI, 1000, 0, XPROF_SOURCE_IPI },
		{ IPI | HPET, XPROF_SOURCE_NONE, 1001, 0, XPROF_SOURCE_HPET },
		{ IPI | HPET, XPROF_SOURCE_NONE, 10001, XP_E_USAGE, 0 },
		{ IPI | HPET, XPROF_SOURCE_HPET, 100, 0, XPROF_SOURCE_HPET },
		{ IPI | HPET, XPROF_SOURCE_IPI, 5000, XP_E_USAGE, 0 },
		{ HPET, XPROF_SOURCE_NONE, 997, 0, XPROF_SOURCE_HPET },
		{ IPI, XPROF_SOURCE_NONE, 5000, XP_E_USAGE, 0 },
		{ IPI, XPROF_SOURCE_HPET, 100, XP_E_ABSENT, 0 },
		{ 0, XPROF_SOURCE_NONE, 1, XP_E_ABSENT, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xprof_op_info info = make_info(cases[i].sources, cases[i].sources & IPI ? 0 : XPROF_WHY_ONE_CPU,
						      cases[i].sources & HPET ? 0 : XPROF_WHY_HPET_IN_USE);
		uint32_t chosen = 0;
		struct xp_err err;
		int ret = xp_source_choose(&info, cases[i].hz, cases[i].wanted, &chosen, &err);

		if (ret != cases[i].ret || (ret == 0 && chosen != cases[i].chosen))
			fail_msg("case %zu: %d, source %u", i, ret, chosen);
	}
}

static void test_source__no_comes_with_reason_and_remedy(void **state)
{
	struct xprof_op_info info = make_info(0, XPROF_WHY_ONE_CPU, XPROF_WHY_HPET_IN_USE);
	uint32_t chosen;
	struct xp_err err;

	(void)state;
	assert_int_equal(xp_source_choose(&info, 997, XPROF_SOURCE_NONE, &chosen, &err), XP_E_ABSENT);
	assert_string_equal(err.text, "no source of NMIs can be had here. ipi: there is only one physical CPU, so no neighbour that "
			    "could send the NMI; hpet: Xen uses the HPET's comparators to wake idle CPUs (boot Xen with cpuidle=0, "
			    "or use --source ipi)");
	for (int why = 0; why < 256; why++) {
		assert_non_null(xp_why_text((uint8_t)why));
		assert_non_null(xp_why_remedy((uint8_t)why));
	}
}

/* Of record, start and stat alike. */
static void test_source__counters_say_why_not(void **state)
{
#define NOT "performance counters cannot be had: "
#define OR_TIME ", or sample by time (xprof record -e timer)"
	static const struct { uint8_t why; const char *said; } cases[] = {
		{ XPROF_WHY_VPMU, NOT "Xen lets guests have the performance counters (vpmu); boot Xen without vpmu=" OR_TIME },
		{ XPROF_WHY_WATCHDOG, NOT "Xen's NMI watchdog leaves no performance counter free; boot Xen without watchdog" OR_TIME },
		{ XPROF_WHY_PMU_HIDDEN, NOT "the CPU says that it has performance counters, but they do not count: firmware or the "
		  "hypervisor below hides them; enable them there (a BIOS setting, or the virtual machine's)" OR_TIME },
		{ XPROF_WHY_PMU_OWNED, NOT "xenoprof has reserved the performance counters; end its session (opcontrol --deinit)" OR_TIME },
		{ XPROF_WHY_NO_PMU, NOT "this CPU has no performance counters that xprof knows; sample by time (xprof record -e timer)" },
	};
	struct xprof_op_info info = make_info(XPROF_SOURCE_BIT(XPROF_SOURCE_PMU), 0, 0);
	uint32_t chosen;
	struct xp_err err;

	(void)state;
	assert_int_equal(xp_source_counters(&info, &err), 0);
	assert_int_equal(xp_source_choose(&info, 997, XPROF_SOURCE_NONE, &chosen, &err), XP_E_ABSENT); /* they make no ticks */
	info = make_info(IPI, 0, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		info.why[XPROF_SOURCE_PMU] = cases[i].why;
		assert_int_equal(xp_source_counters(&info, &err), XP_E_ABSENT);
		assert_string_equal(err.text, cases[i].said);
	}
}

static void test_source__names(void **state)
{
	uint32_t source = 9;

	(void)state;
	assert_int_equal(xp_source_parse("auto", &source), 0);
	assert_int_equal(source, XPROF_SOURCE_NONE);
	assert_int_equal(xp_source_parse("hpet", &source), 0);
	assert_int_equal(source, XPROF_SOURCE_HPET);
	assert_int_equal(xp_source_parse("none", &source), XP_E_USAGE);
	assert_string_equal(xp_source_name(77), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_source__choice),
		cmocka_unit_test(test_source__no_comes_with_reason_and_remedy),
		cmocka_unit_test(test_source__counters_say_why_not),
		cmocka_unit_test(test_source__names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
