// SPDX-License-Identifier: GPL-2.0-or-later
/* The Intel drivers against architectural performance monitoring, versions 1 to 6. */
#include "pmu-cases.h"

#include <asm/apic.h>

static const struct pmu_case cases[] = {
	{ "version 1", PMU_INTEL, 1, 2, 0, 40, false, XPROF_PMU_INTEL },
	{ "version 2", PMU_INTEL, 2, 2, 3, 40, false, XPROF_PMU_INTEL },
	{ "version 3", PMU_INTEL, 3, 4, 3, 48, false, XPROF_PMU_INTEL },
	{ "version 3, full-width writes", PMU_INTEL, 3, 4, 3, 48, true, XPROF_PMU_INTEL },
	{ "version 4", PMU_INTEL, 4, 4, 3, 48, true, XPROF_PMU_INTEL },
	{ "version 5", PMU_INTEL, 5, 8, 4, 48, true, XPROF_PMU_INTEL },
	{ "version 6", PMU_INTEL, 6, 8, 4, 48, true, XPROF_PMU_INTEL },
};

/* It is masked with each delivery: one that is claimed without an overflow must unmask it, too. */
static void test_lvtpc__is_unmasked_by_every_nmi_of_ours(void **state)
{
	(void)state;
	pmu_host(1);
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, 100000, PMU_BOTH | XPROF_EVENT_EVEN, 0), 0);
	host_start();
	for (unsigned int i = 0; i < 100; i++) {
		host_run(100000);
		assert_int_equal(host_pmu()->lvtpc, APIC_DM_NMI);
	}
	assert_int_equal(host.nmis, 100);

	/* The overflow is late, counters are taken off and on meanwhile: nothing is left to be seen of it. */
	host_pmu()->skid = 3000;
	host_run(100500);
	assert_int_equal(host.nmis, 100);
	xprof_pmu_cpu_pause(xprof_session, xprof_session->cpu[0], true);
	xprof_pmu_cpu_pause(xprof_session, xprof_session->cpu[0], false);
	host_run(10000);
	assert_int_equal(host.nmis, 101);
	assert_int_equal(host.nr_passed, 0);
	assert_int_equal(host_pmu()->lvtpc, APIC_DM_NMI);
	host_close();
}

static void test_fixed__counter_that_was_cleared_is_found(void **state)
{
	struct host_seen seen = { 0 };

	(void)state;
	pmu_host(1);
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, 100000, PMU_BOTH, 2), 0);
	host_start();
	host_run_timers(20000000);
	assert_int_equal(xprof_session->cpu[0]->pmu->counter[0].index, 33);
	host_pmu()->fixed_control = 0;
	host_run_timers(30000000);
	host_pmu()->global_control = 0;
	host_run_timers(30000000);
	host_read(&seen, NULL, NULL);
	assert_int_equal(seen.gaps[XPROF_GAP_COUNTERS], 2);
	assert_in_range(seen.samples[0], 550, 800);
	host_close();
}

/* The handler stops all counters while it looks, and lets them go on, others', too. */
static void test_global_control__is_as_it_should_be_after_every_nmi(void **state)
{
	uint64_t control;

	(void)state;
	pmu_host(1);
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, 100000, PMU_BOTH, 0), 0);
	host_start();
	control = host_pmu()->global_control;
	host_run(1000000);
	assert_int_equal(host_pmu()->global_control, control);
	assert_int_equal(host_pmu()->pmi_control_writes, pmu_case->version >= 2 ? 2 * host.nmis : 0);
	host_close();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		PMU_COMMON_TESTS,
		PMU_TEST(test_lvtpc__is_unmasked_by_every_nmi_of_ours),
		PMU_TEST(test_global_control__is_as_it_should_be_after_every_nmi),
		PMU_TEST(test_fixed__counter_that_was_cleared_is_found), /* version 1 has none */
	};

	return pmu_run_cases(cases, 1, tests, ARRAY_SIZE(tests) - 1) +
	       pmu_run_cases(&cases[1], ARRAY_SIZE(cases) - 1, tests, ARRAY_SIZE(tests));
}
