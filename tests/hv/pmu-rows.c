// SPDX-License-Identifier: GPL-2.0-or-later
/* Counting: exact counts per vCPU, and domains that are not wanted. */
#include "pmu-cases.h"

#include <sysctl.h>

#define SWITCHES 5000u

/* What the test itself keeps of each vCPU: the truth. */
struct account {
	struct vcpu vcpu;
	uint64_t ticks, cycles, instructions, misses;
};

static struct domain domains[4];
static struct account accounts[8]; /* the last one is idle */
#define IDLE 7u

static void accounts_init(unsigned int cpu)
{
	memset(accounts, 0, sizeof(accounts));
	for (unsigned int i = 0; i < 3; i++)
		host_domain_init(&domains[i], i + 1, i + 1);
	/* Domain 3 was destroyed, and its id given to another. */
	host_domain_init(&domains[3], 3, 99);
	for (unsigned int i = 0; i < IDLE; i++)
		accounts[i].vcpu = (struct vcpu){ .vcpu_id = i % 2, .domain = &domains[i / 2] };
	accounts[IDLE].vcpu = (struct vcpu){ .vcpu_id = cpu, .domain = &host_idle_domain };
}

static uint64_t between(uint16_t code, uint64_t from, uint64_t to)
{
	return pmu_events(host_pmu(), code, to) - pmu_events(host_pmu(), code, from);
}

static void charge(struct account *a, uint64_t from, uint64_t to)
{
	a->ticks += to - from;
	a->cycles += between(pmu_cycles, from, to);
	a->instructions += between(pmu_instructions, from, to);
	a->misses += between(pmu_misses, from, to);
}

static void switch_to(struct vcpu *v)
{
	host.vcpu[host.cpu] = v;
	xprof_switched(v);
}

/* Runs each of them for random times; all of it on the CPU that executes. */
static void run_accounts(unsigned int switches, void (*meanwhile)(void))
{
	struct account *now = NULL;
	uint64_t from = host_pmu()->tsc;

	for (unsigned int i = 0; i < ARRAY_SIZE(accounts); i++)
		if (host.vcpu[host.cpu] == &accounts[i].vcpu)
			now = &accounts[i];
	assert_non_null(now);
	for (unsigned int i = 0; i < switches; i++) {
		struct account *next = &accounts[host_random() % 8];

		host_run_timers(1 + host_random() % 30000);
		if (meanwhile)
			meanwhile();
		charge(now, from, host_pmu()->tsc);
		from = host_pmu()->tsc;
		now = next;
		switch_to(&next->vcpu);
	}
	host_run_timers(1000);
	charge(now, from, host_pmu()->tsc);
}

static struct xprof_count rows[XPROF_MAX_ROWS];

static struct xprof_op_counts counts_of(unsigned int cpu)
{
	struct xprof_op_counts op = { .cpu = cpu, .nr = XPROF_MAX_ROWS, .rows = (uintptr_t)rows };

	assert_int_equal(xprof_pmu_counts(xprof_session, &op), 0);
	return op;
}

static const struct xprof_count *row_of(const struct vcpu *v, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		if (rows[i].domid == v->domain->domain_id &&
		    (is_idle_domain(v->domain) ||
		     (rows[i].vcpu == v->vcpu_id && !memcmp(rows[i].handle, v->domain->handle, 16))))
			return &rows[i];
	fail_msg("domain %u has no row of vCPU %u", v->domain->domain_id, v->vcpu_id);
	return NULL;
}

static void begin_counting(unsigned int cpu)
{
	pmu_host(2);
	accounts_init(cpu);
	host_open(XPROF_OPEN_COUNT);
	assert_int_equal(host_event(pmu_cycles, 0, PMU_BOTH, 0), 0);
	assert_int_equal(host_event(pmu_instructions, 0, PMU_BOTH, pmu_case->nr_fixed ? 1 : 0), 0);
	if (pmu_case->nr_general > 2)
		assert_int_equal(host_event(pmu_misses, 0, PMU_BOTH, 0), 0);
	host.vcpu[cpu] = &accounts[IDLE].vcpu;
}

void pmu_test_count_without_interrupts(void **state)
{
	(void)state;
	begin_counting(0);
	host_start();
	for (unsigned int i = 0; i < PMU_GENERAL; i++)
		assert_false(host_pmu()->select[i] & (1u << 20));
	assert_int_equal(host_pmu()->fixed_control & 0x888, 0);
	host_run_timers(3000000000);
	assert_int_equal(host.nmis, 0);
	assert_int_equal(host_pmu()->overflows, 0);
	host_close();
}

static void expect_accounts(unsigned int cpu)
{
	struct xprof_op_counts op = counts_of(cpu);

	assert_int_equal(op.total, 8); /* no row twice, and idle has one */
	assert_int_equal(op.missed, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(accounts); i++) {
		const struct xprof_count *row = row_of(&accounts[i].vcpu, op.nr);

		assert_int_equal(row->cpu, cpu);
		assert_int_equal(row->vcpu, i == IDLE ? 0 : accounts[i].vcpu.vcpu_id);
		assert_int_equal(row->ticks, accounts[i].ticks);
		assert_int_equal(row->count[0], accounts[i].cycles);
		assert_int_equal(row->count[1], accounts[i].instructions);
		assert_int_equal(row->running[0], row->ticks);
		if (xprof_session->nr_events > 2)
			assert_int_equal(row->count[2], accounts[i].misses);
	}
}

void pmu_test_rows_add_up(void **state)
{
	(void)state;
	host_seed();
	for (unsigned int cpu = 0; cpu < 2; cpu++) {
		begin_counting(cpu);
		host_start();
		host.cpu = cpu;
		run_accounts(SWITCHES, NULL);
		expect_accounts(cpu);
		host_close();
	}
}

static void sometimes_an_nmi(void)
{
	if (host_random() % 10 == 0)
		pmu_external_nmi(host_pmu());
}

/* Counting needs no NMI, so it takes none. */
void pmu_test_count_ignores_nmis(void **state)
{
	(void)state;
	host_seed();
	begin_counting(0);
	host_start();
	run_accounts(SWITCHES, sometimes_an_nmi);
	assert_true(host.nmis > 0);
	assert_int_equal(host.nr_passed, host.nmis);
	expect_accounts(0);
	host_close();
}

/* A frequency means nothing here. (It was a division by zero.) */
void pmu_test_count_with_rate(void **state)
{
	(void)state;
	pmu_host(1);
	host_open(XPROF_OPEN_COUNT);
	if (host_event(pmu_cycles, 0, PMU_BOTH | XPROF_EVENT_RATE, 0) == 0) {
		host_start();
		host_run_timers(300000000);
		counts_of(0);
		assert_int_equal(rows[0].count[0], 300000000);
	}
	host_close();
}

void pmu_test_rows_full(void **state)
{
	static struct vcpu many[XPROF_MAX_ROWS + 100];
	struct xprof_op_counts op;
	uint64_t sum = 0, ticks = 0;

	(void)state;
	begin_counting(0);
	host_start();
	for (unsigned int i = 0; i < ARRAY_SIZE(many); i++) {
		many[i] = (struct vcpu){ .vcpu_id = i, .domain = &domains[0] };
		switch_to(&many[i]);
		host_run(1000);
	}
	op = counts_of(0);
	assert_int_equal(op.total, XPROF_MAX_ROWS);
	for (unsigned int i = 0; i < op.nr; i++) {
		sum += rows[i].count[0];
		ticks += rows[i].ticks;
	}
	/* Idle has one of the rows: all the others are 1000 each, of cycles, too. */
	assert_int_equal(sum, (XPROF_MAX_ROWS - 1) * 1000u);
	assert_int_equal(ticks, sum);
	assert_int_equal(op.missed, 101 * 1000);
	host_close();
}

/* ---- Only some domains ---------------------------------------------------*/

static void want(unsigned int domid)
{
	struct xprof_op_domains op = { .nr = 1, .domid = { (uint16_t)domid } };

	assert_int_equal(xprof_domains_set(xprof_session, &op), 0);
}

static void expect_domain_1(const struct xprof_sample *sample, void *arg)
{
	(void)arg;
	assert_int_equal(sample->rec.domid, 1);
}

void pmu_test_filter_samples(void **state)
{
	struct host_seen seen = { 0 };
	uint64_t nmis;

	(void)state;
	srand48(1);
	pmu_host(1);
	accounts_init(0);
	host.vcpu[0] = &accounts[IDLE].vcpu;
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, 10000, PMU_BOTH, 0), 0);
	want(1);
	host_start();
	host_run_timers(30000000);
	assert_int_equal(host.nmis, 0); /* idle is not wanted */
	run_accounts(20000, NULL);
	host_read(&seen, expect_domain_1, NULL);
	/* What is left of a period when it is paused is not lost. */
	assert_in_range(seen.samples[0], (accounts[0].cycles + accounts[1].cycles) / 10000 * 98 / 100,
			(accounts[0].cycles + accounts[1].cycles) / 10000 * 102 / 100);
	assert_int_equal(host.nmis, seen.samples[0]);
	switch_to(&accounts[4].vcpu);
	nmis = host.nmis;
	host_run_timers(100000000);
	assert_int_equal(host.nmis, nmis);
	host_close();
}

void pmu_test_filter_counts(void **state)
{
	struct xprof_op_counts op;

	(void)state;
	host_seed();
	begin_counting(0);
	want(1);
	host_start();
	run_accounts(SWITCHES, NULL);
	op = counts_of(0);
	for (unsigned int i = 0; i < ARRAY_SIZE(accounts); i++) {
		const struct xprof_count *row = row_of(&accounts[i].vcpu, op.nr);
		bool wanted = accounts[i].vcpu.domain->domain_id == 1;

		assert_int_equal(row->ticks, accounts[i].ticks);
		assert_int_equal(row->count[0], wanted ? accounts[i].cycles : 0);
		assert_int_equal(row->running[0], wanted ? row->ticks : 0);
	}
	host_close();
}
