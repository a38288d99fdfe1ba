// SPDX-License-Identifier: GPL-2.0-or-later
/* Beside Xen's NMI watchdog, which has general counter 0 and LVTPC. */
#include "pmu-cases.h"

#include <asm/apic.h>
#include <asm/nmi.h>

#define WATCHDOG_PERIOD 3000000u

static uint64_t watchdog_ticks, watchdog_not;
static uint64_t watchdog_takes; /* cycles, from our handler's end until Xen's has unmasked LVTPC */

/* As nmi_watchdog_tick() does: by the counter's own value, and the counter is set anew with each NMI that gets there. */
static void watchdog_tick(void)
{
	struct pmu_model *m = host_pmu();

	host_run(watchdog_takes);
	if (m->value[0] & (1ull << (m->width - 1)))
		watchdog_not++;
	else
		watchdog_ticks++;
	m->lvtpc = APIC_DM_NMI;
	m->value[0] = ((1ull << m->width) - 1) & -(uint64_t)WATCHDOG_PERIOD;
}

static void watchdog_begin(void)
{
	struct pmu_model *m = host_pmu();

	nmi_watchdog = NMI_LOCAL_APIC;
	watchdog_ticks = watchdog_not = watchdog_takes = 0;
	m->select[0] = pmu_cycles | 0x530000;
	m->value[0] = ((1ull << m->width) - 1) & -(uint64_t)WATCHDOG_PERIOD;
	m->lvtpc = APIC_DM_NMI;
	host.passed = watchdog_tick;
}

/* 40 of the watchdog's periods, beside samples that come more often. The session goes on. */
static void sample_beside_it(struct host_seen *seen, uint64_t takes)
{
	srand48(SEED);
	pmu_host(1);
	watchdog_begin();
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, 50000, PMU_BOTH, 0), 0);
	host_start();
	watchdog_takes = takes;
	host_run_timers(40 * WATCHDOG_PERIOD + 1000);
	watchdog_takes = 0;
	host_read(seen, NULL, NULL);
}

void pmu_test_watchdog(void **state)
{
	struct host_seen seen = { 0 };

	(void)state;
	sample_beside_it(&seen, 0);
	assert_int_equal(watchdog_ticks, 40);
	assert_int_equal(watchdog_not, 0);
	assert_in_range(seen.samples[0], 2380, 2420);
	host_stop();
	host_run(5 * WATCHDOG_PERIOD);
	assert_int_equal(watchdog_ticks, 45);
	/* Neither written by us, ever; LVTPC is the watchdog's again. */
	assert_int_equal(host_pmu()->value_writes[0], 0);
	assert_int_equal(host_pmu()->select_writes[0], 0);
	assert_int_equal(host_pmu()->lvtpc, APIC_DM_NMI);
	host_close();
}

void pmu_test_watchdog_with_ours(void **state)
{
	struct host_seen seen = { 0 };

	(void)state;
	pmu_host(1);
	watchdog_begin();
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, WATCHDOG_PERIOD / 3, PMU_BOTH | XPROF_EVENT_EVEN, 0), 0);
	host_start();
	host_run(10 * WATCHDOG_PERIOD);
	host_read(&seen, NULL, NULL);
	/* Every third of ours comes with the watchdog's: one NMI for both. */
	assert_int_equal(host.nmis, 30);
	assert_int_equal(seen.samples[0], 30);
	assert_int_equal(watchdog_ticks, 10);
	assert_int_equal(host.nr_passed, 10);
	host_close();
}

/* One of ours overflows while Xen's handler has its NMI: it comes behind that, and none is found later. */
void pmu_test_watchdog_before_ours(void **state)
{
	struct host_seen seen = { 0 };

	(void)state;
	sample_beside_it(&seen, 60000);
	assert_in_range(watchdog_ticks, 38, 40);
	assert_int_equal(xprof_session->cpu[0]->pmu->rearmed, 0);
	assert_in_range(seen.samples[0], 2300, 2420);
	host_close();
}
