/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is true of every driver, tried on every layout that it serves: each
 * layout in a process of its own, because the hypervisor looks for its
 * counters once.
 */
#ifndef TESTS_HV_PMU_CASES_H
#define TESTS_HV_PMU_CASES_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include <pmu.h>

#include "host.h"

struct pmu_case {
	const char *name;
	enum pmu_kind kind;
	unsigned int version;
	unsigned int nr_general, nr_fixed, width;
	bool full_width_writes;
	enum xprof_pmu_kind found; /* what the hypervisor is to say of it */
};
extern const struct pmu_case *pmu_case; /* the one under test */

/* Events of every model: code, and how many come in a tick of a nanosecond. */
extern uint16_t pmu_cycles;   /* 1 */
extern uint16_t pmu_instructions; /* 1 / 2 */
extern uint16_t pmu_misses;   /* 1 / 10 */
extern uint16_t pmu_rare;     /* 1 / 100000: 10,000 a second */
#define PMU_BOTH (XPROF_EVENT_USR | XPROF_EVENT_OS)

/* A host of that layout; PV domain 1 runs on every CPU. */
void pmu_host(unsigned int cpus);
extern struct domain pmu_domain;
/* Until the next pmu_host() the event comes to these general counters only. */
void pmu_limit(uint16_t code, uint32_t counters);

/* Runs tests on each of the cases. Returns main()'s status. */
int pmu_run_cases(const struct pmu_case *cases, unsigned int nr, const struct CMUnitTest *tests,
		  unsigned int nr_tests);

/*
 * Those that are common to all drivers: pmu-cases.c (sampling), pmu-limits.c (which counter counts what), pmu-rows.c
 * (counting), pmu-watch.c (others interfere), pmu-watchdog.c.
 */
void pmu_test_probe(void **state);
void pmu_test_restore(void **state);
void pmu_test_periods(void **state);
void pmu_test_two_overflows(void **state);
void pmu_test_merged_overflows(void **state);
void pmu_test_latched_behind(void **state);
void pmu_test_foreign_nmi(void **state);
void pmu_test_watchdog(void **state);
void pmu_test_watchdog_with_ours(void **state);
void pmu_test_watchdog_before_ours(void **state);
void pmu_test_multiplexing(void **state);
void pmu_test_all_get_a_turn(void **state);
void pmu_test_rate_of_frequent(void **state);
void pmu_test_rate_of_rare(void **state);
void pmu_test_rates_of_two(void **state);
void pmu_test_storm(void **state);
void pmu_test_storm_of_two(void **state);
void pmu_test_longest_period(void **state);

void pmu_test_limit_is_kept(void **state);
void pmu_test_limit_moves_others(void **state);
void pmu_test_limits_at_random(void **state);
void pmu_test_limit_not_to_be_had(void **state);

void pmu_test_select_zeroed(void **state);
void pmu_test_lvtpc_masked(void **state);
void pmu_test_value_overwritten(void **state);
void pmu_test_stuck(void **state);
void pmu_test_live_patch(void **state);
void pmu_test_others_are_left_alone(void **state);
void pmu_test_vpmu_takes_over(void **state);
void pmu_test_vpmu_for_a_while(void **state);
void pmu_test_gap_reasons(void **state);
void pmu_test_xenoprof(void **state);
void pmu_test_nmi_before_start(void **state);
void pmu_test_late_nmi(void **state);
void pmu_test_hotplug(void **state);
void pmu_test_hotplug_at_once(void **state);
void pmu_test_port_61(void **state);

void pmu_test_count_without_interrupts(void **state);
void pmu_test_count_ignores_nmis(void **state);
void pmu_test_count_with_rate(void **state);
void pmu_test_rows_add_up(void **state);
void pmu_test_rows_full(void **state);
void pmu_test_filter_samples(void **state);
void pmu_test_filter_counts(void **state);

#define SEED 20261125 /* of what is judged by its statistics: the same each time, unless XPROF_SEED is set */

#define PMU_TEST(name) { #name, name, NULL, host_end, NULL }
#define PMU_COMMON_TESTS                                                                                    \
	PMU_TEST(pmu_test_probe), PMU_TEST(pmu_test_restore), PMU_TEST(pmu_test_periods),                   \
	PMU_TEST(pmu_test_two_overflows), PMU_TEST(pmu_test_merged_overflows),                              \
	PMU_TEST(pmu_test_latched_behind), PMU_TEST(pmu_test_foreign_nmi), PMU_TEST(pmu_test_watchdog),     \
	PMU_TEST(pmu_test_watchdog_with_ours), PMU_TEST(pmu_test_watchdog_before_ours),                     \
	PMU_TEST(pmu_test_multiplexing), PMU_TEST(pmu_test_all_get_a_turn),                                 \
	PMU_TEST(pmu_test_rate_of_frequent), PMU_TEST(pmu_test_rate_of_rare),                               \
	PMU_TEST(pmu_test_rates_of_two), PMU_TEST(pmu_test_storm), PMU_TEST(pmu_test_storm_of_two),        \
	PMU_TEST(pmu_test_longest_period),                                                                  \
	PMU_TEST(pmu_test_limit_is_kept), PMU_TEST(pmu_test_limit_moves_others),                            \
	PMU_TEST(pmu_test_limits_at_random), PMU_TEST(pmu_test_limit_not_to_be_had),                        \
	PMU_TEST(pmu_test_select_zeroed), PMU_TEST(pmu_test_lvtpc_masked),                                  \
	PMU_TEST(pmu_test_value_overwritten), PMU_TEST(pmu_test_stuck), PMU_TEST(pmu_test_live_patch),    \
	PMU_TEST(pmu_test_others_are_left_alone), PMU_TEST(pmu_test_vpmu_takes_over),                       \
	PMU_TEST(pmu_test_vpmu_for_a_while), PMU_TEST(pmu_test_gap_reasons),                                \
	PMU_TEST(pmu_test_nmi_before_start), PMU_TEST(pmu_test_late_nmi), PMU_TEST(pmu_test_hotplug),       \
	PMU_TEST(pmu_test_hotplug_at_once), PMU_TEST(pmu_test_port_61),                                     \
	PMU_TEST(pmu_test_count_without_interrupts), PMU_TEST(pmu_test_count_ignores_nmis),                 \
	PMU_TEST(pmu_test_count_with_rate), PMU_TEST(pmu_test_rows_add_up), PMU_TEST(pmu_test_rows_full),   \
	PMU_TEST(pmu_test_filter_samples), PMU_TEST(pmu_test_filter_counts)

#endif
