// SPDX-License-Identifier: GPL-2.0-or-later
/* Some events can be counted by some counters only: those get them, and what else is counted makes room. */
#include "pmu-cases.h"

#include <asm/nmi.h>

#define MAX_N 16u

static uint32_t all_general(void)
{
	return (1u << pmu_case->nr_general) - 1;
}

static const struct xprof_pmu_cpu *pmu(void)
{
	return xprof_session->cpu[0]->pmu;
}

/* Each counter that runs is one that can count its event, and no two are the same. */
static void expect_limits_kept(const struct xprof_pmu_cpu *p)
{
	uint64_t seen = 0;

	for (unsigned int i = 0; i < p->nr; i++) {
		uint64_t bit = 1ull << p->counter[i].index;

		assert_true(xprof_session->event[p->counter[i].what.event].counters & bit);
		assert_false(seen & bit);
		seen |= bit;
	}
}

/* The model counts nothing on any other counter. */
void pmu_test_limit_is_kept(void **state)
{
	(void)state;
	for (unsigned int index = 0; index < pmu_case->nr_general; index++) {
		struct host_seen seen = { 0 };

		pmu_host(1);
		pmu_limit(pmu_cycles, 1u << index);
		host_open(0);
		assert_int_equal(host_limited_event(pmu_cycles, 100000, PMU_BOTH, 1u << index), 0);
		host_start();
		assert_int_equal(pmu()->counter[0].index, index);
		host_run_timers(10000000);
		host_read(&seen, NULL, NULL);
		assert_in_range(seen.samples[0], 90, 110);
		assert_int_equal(host.nr_passed, 0);
		host_close();
	}
}

/* It comes last, when all counters are given out but the first: whoever has its own goes elsewhere. */
void pmu_test_limit_moves_others(void **state)
{
	unsigned int n = pmu_case->nr_general;
	struct host_seen seen = { 0 };

	(void)state;
	pmu_host(1);
	pmu_limit(pmu_misses, 1u << (n - 1));
	host_open(0);
	for (unsigned int i = 1; i < n; i++)
		assert_int_equal(host_event(pmu_cycles, 1000000, PMU_BOTH, 0), 0);
	assert_int_equal(host_limited_event(pmu_misses, 100000, PMU_BOTH, 1u << (n - 1)), 0);
	host_start();
	assert_int_equal(pmu()->nr, n);
	expect_limits_kept(pmu());
	host_run_timers(100000000);
	host_read(&seen, NULL, NULL);
	for (unsigned int i = 0; i < n; i++)
		assert_in_range(seen.samples[i], 90, 110);
	host_close();
}

/* How many of these events can have a counter at once, by trying: with or without the first of them. */
static unsigned int most(const uint32_t *can, unsigned int nr, uint32_t free)
{
	unsigned int best = 0;

	if (!nr)
		return 0;
	best = most(can + 1, nr - 1, free);
	for (unsigned int i = 0; i < 32; i++)
		if (can[0] & free & 1u << i) {
			unsigned int with = 1 + most(can + 1, nr - 1, free & ~(1u << i));

			best = with > best ? with : best;
		}
	return best;
}

/* As many as can be are counted at once, the one whose turn it is among them, and everyone has a turn. */
void pmu_test_limits_at_random(void **state)
{
	(void)state;
	host_seed();
	for (unsigned int round = 0; round < 50; round++) {
		unsigned int nr = 1 + (unsigned int)host_random() % 5;
		uint32_t can[MAX_N];

		pmu_host(1);
		host_open(0);
		for (unsigned int i = 0; i < nr; i++) {
			do
				can[i] = (uint32_t)(host_random() & host_random()) & all_general();
			while (!can[i]);
			assert_int_equal(host_limited_event(pmu_cycles, 1000000, PMU_BOTH, can[i]), 0);
		}
		host_start();
		for (unsigned int turn = 0; turn < 2 * nr; turn++) {
			bool has_one = false;

			assert_int_equal(pmu()->nr, most(can, nr, all_general()));
			expect_limits_kept(pmu());
			for (unsigned int i = 0; i < pmu()->nr; i++)
				has_one |= pmu()->counter[i].what.event == pmu()->first;
			assert_true(has_one);
			host_run_timers(10000000);
		}
		for (unsigned int i = 0; i < nr; i++)
			assert_true(pmu()->rate[i].running > 0);
		host_close();
	}
}

void pmu_test_limit_not_to_be_had(void **state)
{
	(void)state;
	pmu_host(1);
	host_open(0);
	assert_int_equal(host_limited_event(pmu_cycles, 100000, PMU_BOTH, 1u << pmu_case->nr_general), -EBUSY);
	host_close();

	/* Counter 0 is the watchdog's. */
	nmi_watchdog = NMI_LOCAL_APIC;
	host_open(0);
	assert_int_equal(host_limited_event(pmu_cycles, 100000, PMU_BOTH, 1), -EBUSY);
	assert_int_equal(host_limited_event(pmu_cycles, 100000, PMU_BOTH, 3), 0);
	assert_int_equal(xprof_session->event[0].counters, 2);
	host_close();
	nmi_watchdog = NMI_NONE;
}
