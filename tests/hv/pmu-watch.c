// SPDX-License-Identifier: GPL-2.0-or-later
/* Others interfere: what they changed is found, what is theirs is left alone. */
#include "pmu-cases.h"

#include <asm/apic.h>
#include <asm/vpmu.h>
#include <compat.h>

static unsigned int index_of_first(void)
{
	return xprof_session->cpu[0]->pmu->counter[0].index;
}

static void begin(void)
{
	pmu_host(1);
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, 100000, PMU_BOTH, 0), 0);
	host_start();
	host_run_timers(50000000);
}

/* Sampling has begun anew within three ticks of 10 ms, after so many attempts, and one gap record of that reason says so. */
static void expect_gap_after(enum xprof_gap_reason reason, uint64_t most_attempts)
{
	struct host_seen seen = { 0 };

	host_run_timers(40000000);
	host_read(&seen, NULL, NULL);
	for (unsigned int i = 0; i < ARRAY_SIZE(seen.gaps); i++)
		assert_int_equal(seen.gaps[i], i == reason);
	assert_in_range(xprof_session->cpu[0]->pmu->rearmed, 1, most_attempts);

	seen = (struct host_seen){ 0 };
	host_run_timers(10000000);
	host_read(&seen, NULL, NULL);
	assert_in_range(seen.samples[0], 90, 110);
	assert_int_equal(host.nr_passed, 0);
	host_close();
}

static void expect_gap(enum xprof_gap_reason reason)
{
	expect_gap_after(reason, 1);
}

void pmu_test_select_zeroed(void **state)
{
	(void)state;
	begin();
	host_pmu()->select[index_of_first()] = 0;
	expect_gap(XPROF_GAP_COUNTERS);
}

void pmu_test_lvtpc_masked(void **state)
{
	(void)state;
	begin();
	host_pmu()->lvtpc |= APIC_LVT_MASKED;
	expect_gap(XPROF_GAP_COUNTERS);

	/* Or no NMI any more. */
	begin();
	host_pmu()->lvtpc = 0xf3;
	expect_gap(XPROF_GAP_COUNTERS);
}

void pmu_test_value_overwritten(void **state)
{
	(void)state;
	begin();
	host_pmu()->value[index_of_first()] = 1ull << (host_pmu()->width - 1);
	expect_gap(XPROF_GAP_OVERFLOW);
}

/* Its NMI was another's (a live patch is being applied): nothing will come of it. */
void pmu_test_stuck(void **state)
{
	(void)state;
	begin();
	host_pmu()->value[index_of_first()] = 5;
	expect_gap(XPROF_GAP_OVERFLOW);
}

static bool mask_nmi(const struct cpu_user_regs *regs, int cpu)
{
	(void)regs;
	(void)cpu;
	return true;
}

/* Live patching has the callback for longer than a tick, and only then its patch is to be seen: one gap, of that reason. */
void pmu_test_live_patch(void **state)
{
	nmi_callback_t *ours;

	(void)state;
	begin();
	ours = nmi_callback;
	nmi_callback = mask_nmi;
	host_run_timers(20000000);
	host.livepatch_mark = &host;
	host_run_timers(20000000);
	nmi_callback = ours;
	expect_gap_after(XPROF_GAP_LIVEPATCH, 4); /* once a tick, while it has the callback */
}

/* Its reservation is Xen's bit 1; the watchdog's, which is beside it, stays. */
void pmu_test_xenoprof(void **state)
{
	struct xprof_op_pmu info;

	(void)state;
	pmu_host(1);
	lapic_nmi_owner = 3;
	xprof_pmu_info(&info);
	assert_int_equal(info.why, XPROF_WHY_PMU_OWNED);

	lapic_nmi_owner = 1;
	begin();
	assert_int_equal(lapic_nmi_owner, 3);
	xprof_pmu_info(&info);
	assert_int_equal(info.why, XPROF_WHY_OK);
	host_close();
	assert_int_equal(lapic_nmi_owner, 1);
}

void pmu_test_others_are_left_alone(void **state)
{
	struct pmu_model *m;
	struct host_seen seen = { 0 };
	unsigned int theirs;

	(void)state;
	pmu_host(1);
	m = host_pmu();
	theirs = m->nr_general - 1;
	m->select[theirs] = 0x4300ff;
	m->value[theirs] = 0x1234;
	if (m->nr_fixed) { /* Fixed counter 1 is theirs, too. */
		m->fixed_control = 3 << 4;
		m->global_control |= 1ull << 33;
		m->fixed[1] = 77;
	}
	host_open(0);
	for (unsigned int i = 0; i < m->nr_general; i++)
		assert_int_equal(host_event(pmu_cycles, 100000, PMU_BOTH, m->nr_fixed ? 2 : 0), 0);
	host_start();
	host_run_timers(50000000);
	host_read(&seen, NULL, NULL);
	assert_true(seen.samples[0] > 0);
	assert_int_equal(m->select[theirs], 0x4300ff);
	assert_int_equal(m->select_writes[theirs], 0);
	assert_int_equal(m->value_writes[theirs], 0);
	if (m->nr_fixed) {
		assert_int_equal((m->fixed_control >> 4) & 15, 3);
		/* It has gone on counting, but for the handlers (counters stand still in them, and take no time here). */
		assert_int_equal(m->fixed[1], 77 + 50000000);
	}
	host_stop();
	assert_int_equal(m->value[theirs], 0x1234);
	if (m->nr_fixed)
		assert_int_equal(m->fixed_control, 3 << 4);
	host_close();
}

void pmu_test_vpmu_takes_over(void **state)
{
	struct host_seen seen = { 0 };
	struct pmu_model before;
	uint64_t nmis;

	(void)state;
	pmu_host(1);
	before = *host_pmu();
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, 100000, PMU_BOTH, 0), 0);
	host_start();
	host_run_timers(50000000);
	vpmu_mode = XENPMU_MODE_SELF;
	host_run_timers(20000000);
	nmis = host.nmis;
	host_run_timers(50000000);
	assert_int_equal(host.nmis, nmis);
	assert_memory_equal(before.select, host_pmu()->select, sizeof(before.select));
	assert_memory_equal(before.value, host_pmu()->value, sizeof(before.value));
	assert_int_equal(before.global_control, host_pmu()->global_control);
	/* What guests have set up meanwhile stays as it is when an NMI comes. */
	host_pmu()->lvtpc = 0xf3;
	pmu_external_nmi(host_pmu());
	assert_int_equal(host.nr_passed, 1);
	assert_int_equal(host_pmu()->lvtpc, 0xf3);
	assert_int_equal(before.global_control, host_pmu()->global_control);
	host_read(&seen, NULL, NULL);
	assert_int_equal(seen.gaps[XPROF_GAP_VPMU], 0); /* it is not over */
	host_stop();
	assert_int_equal(host_pmu()->lvtpc, 0xf3);
	vpmu_mode = XENPMU_MODE_OFF;
	host_read(&seen, NULL, NULL);
	assert_int_equal(seen.gaps[XPROF_GAP_VPMU], 1);
	host_close();
}

/* For a while: there is one gap, up to the first sample after it. */
void pmu_test_vpmu_for_a_while(void **state)
{
	struct host_seen seen = { 0 };

	(void)state;
	begin();
	host_read(&seen, NULL, NULL);
	vpmu_mode = XENPMU_MODE_SELF;
	host_run_timers(50000000);
	host_pmu()->lvtpc = APIC_LVT_MASKED;
	vpmu_mode = XENPMU_MODE_OFF;
	host_run_timers(50000000);
	seen = (struct host_seen){ 0 };
	host_read(&seen, NULL, NULL);
	assert_in_range(seen.samples[0], 350, 510);
	host_stop();
	host_read(&seen, NULL, NULL);
	for (unsigned int i = 0; i < ARRAY_SIZE(seen.gaps); i++)
		assert_int_equal(seen.gaps[i], i == XPROF_GAP_VPMU);
	assert_in_range(seen.gap_ticks, 40000000, 60000000);
	assert_int_equal(host_pmu()->lvtpc, APIC_LVT_MASKED);
	host_close();
}

/* What the vPMU or a live patch did may be seen before they are. */
void pmu_test_gap_reasons(void **state)
{
	static const uint8_t cases[][3] = { /* pending, reason, pending then */
		{ XPROF_GAP_OVERFLOW, XPROF_GAP_COUNTERS, XPROF_GAP_OVERFLOW },
		{ XPROF_GAP_OVERFLOW, XPROF_GAP_LIVEPATCH, XPROF_GAP_LIVEPATCH },
		{ XPROF_GAP_COUNTERS, XPROF_GAP_VPMU, XPROF_GAP_VPMU },
		{ XPROF_GAP_LIVEPATCH, XPROF_GAP_VPMU, XPROF_GAP_VPMU },
		{ XPROF_GAP_VPMU, XPROF_GAP_LIVEPATCH, XPROF_GAP_VPMU },
		{ XPROF_GAP_VPMU, XPROF_GAP_OFFLINE, XPROF_GAP_VPMU },
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		struct xprof_cpu c = { .last_tsc = 7 };

		xprof_mark_gap(&c, cases[i][0]);
		c.last_tsc = 8;
		xprof_mark_gap(&c, cases[i][1]);
		assert_int_equal(c.records.gap_pending, cases[i][2]);
		assert_int_equal(c.records.gap_first_tsc, 7);
	}
}

/* The callback is there before this CPU's counters are. */
void pmu_test_nmi_before_start(void **state)
{
	struct pmu_model before;
	uint64_t owner;

	(void)state;
	pmu_host(1);
	before = *host_pmu();
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, 100000, PMU_BOTH, 0), 0);
	assert_int_equal(xprof_callback_install(&owner), 0);
	pmu_external_nmi(host_pmu());
	assert_int_equal(host.nr_passed, 1);
	assert_int_equal(host_pmu()->global_control, before.global_control);
	assert_int_equal(host_pmu()->lvtpc, before.lvtpc);
	host_start();
	host_run_timers(10000000);
	host_stop();
	assert_int_equal(host_pmu()->global_control, before.global_control);
	host_close();
}

/* Counters are stopped, and an NMI of theirs is still on its way: it is ours, once, and leaves no trace. */
void pmu_test_late_nmi(void **state)
{
	struct pmu_model before;
	uint64_t nmis;

	(void)state;
	pmu_host(1);
	host_pmu()->lvtpc = APIC_DM_NMI;
	before = *host_pmu();
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, 100000, PMU_BOTH | XPROF_EVENT_EVEN, 0), 0);
	host_start();
	host_run(99000);
	host_pmu()->skid = 5000;
	host_run(2000);
	assert_int_equal(host_pmu()->overflows, 1);
	nmis = host.nmis;
	host_stop();
	assert_int_equal(host.nmis, nmis + 1);
	assert_int_equal(host.nr_passed, 0);
	assert_memory_equal(before.select, host_pmu()->select, sizeof(before.select));
	assert_memory_equal(before.value, host_pmu()->value, sizeof(before.value));
	assert_int_equal(before.global_control, host_pmu()->global_control);
	assert_int_equal(before.global_status, host_pmu()->global_status);
	assert_int_equal(before.lvtpc, host_pmu()->lvtpc);
	host_close();
}

static void cpu_goes_and_comes(bool announced)
{
	struct host_seen seen = { 0 };

	pmu_host(2);
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, 100000, PMU_BOTH, 0), 0);
	host_start();
	host.cpu = 1;
	host_run_timers(10000000);

	host.cpu = 0;
	if (announced)
		xprof_pmu_before_hotplug(xprof_session);
	cpu_online_map.bits = 1; /* CPU 1 goes, and its registers are as after reset when it comes back */
	xprof_pmu_check(xprof_session);
	host_run_timers(20000000);
	memset(host.pmu[1].select, 0, sizeof(host.pmu[1].select));
	memset(host.pmu[1].value, 0, sizeof(host.pmu[1].value));
	host.pmu[1].fixed_control = host.pmu[1].global_status = 0;
	if (pmu_case->kind == PMU_V2 || pmu_case->version >= 2)
		host.pmu[1].global_control = (1ull << pmu_case->nr_general) - 1;
	host.pmu[1].lvtpc = APIC_LVT_MASKED;
	host.pmu[1].tsc = host.pmu[0].tsc;
	host_read(&seen, NULL, NULL);

	cpu_online_map.bits = 3;
	xprof_pmu_check(xprof_session);
	seen = (struct host_seen){ 0 };
	host.cpu = 1;
	host_run_timers(50000000);
	host_read(&seen, NULL, NULL);
	assert_in_range(seen.samples[0], 350, 550);
	assert_int_equal(seen.gaps[XPROF_GAP_OFFLINE], 1);
	host_stop();
	assert_int_equal(host.pmu[1].lvtpc, APIC_LVT_MASKED);
	host_close();
}

/* Nobody announces it, as with S3. */
void pmu_test_hotplug(void **state)
{
	(void)state;
	cpu_goes_and_comes(false);
}

/* The CPU is gone before housekeeping runs for the first time after the sysctl announced it. */
void pmu_test_hotplug_at_once(void **state)
{
	(void)state;
	cpu_goes_and_comes(true);
}

/* An NMI of the chipset that merged with one of ours is sent again, and goes to Xen. */
void pmu_test_port_61(void **state)
{
	(void)state;
	begin();
	host.port_61 = 0x80;
	host_run_timers(120000000);
	assert_true(host.self_nmis >= 1);
	assert_int_equal(host.nr_passed, host.self_nmis);
	host_close();
}
