// SPDX-License-Identifier: GPL-2.0-or-later
/* The AMD drivers against the register files of the families. */
#include "pmu-cases.h"

static const struct pmu_case cases[] = {
	{ "K7", PMU_K7, 0, 4, 0, 48, false, XPROF_PMU_K7 },
	{ "PerfCtrExtCore", PMU_CORE, 0, 6, 0, 48, false, XPROF_PMU_CORE },
	{ "PerfMonV2", PMU_V2, 0, 6, 0, 48, false, XPROF_PMU_V2 },
};

/* Whoever had the counters before left an overflow behind. */
static void test_stale_status__is_no_sample(void **state)
{
	struct host_seen seen = { 0 };

	(void)state;
	pmu_host(1);
	if (pmu_case->kind == PMU_V2)
		host_pmu()->global_status = (1u << pmu_case->nr_general) - 1;
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, 100000, PMU_BOTH, 0), 0);
	host_start();
	host_run(10000);
	pmu_external_nmi(host_pmu());
	host_read(&seen, NULL, NULL);
	assert_int_equal(seen.samples[0], 0);
	assert_int_equal(host.nr_passed, 1);
	host_close();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		PMU_COMMON_TESTS,
		PMU_TEST(test_stale_status__is_no_sample),
	};

	return pmu_run_cases(cases, ARRAY_SIZE(cases), tests, ARRAY_SIZE(tests));
}
