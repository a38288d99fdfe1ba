// SPDX-License-Identifier: GPL-2.0-or-later
/* Sampling: what comes of overflows. */
#include "pmu-cases.h"

#include <sys/wait.h>
#include <unistd.h>

#include <asm/apic.h>
#include <asm/vpmu.h>

const struct pmu_case *pmu_case;
uint16_t pmu_cycles, pmu_instructions = 0x00c0, pmu_misses, pmu_rare;
struct domain pmu_domain;
static struct vcpu vcpus[HOST_CPUS];
static struct pmu_event_rate rates[16];

void pmu_limit(uint16_t code, uint32_t counters)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rates); i++)
		if (rates[i].code == code)
			rates[i].counters = counters;
}

static void rate(unsigned int i, uint16_t code, uint32_t num, uint32_t den)
{
	rates[i] = (struct pmu_event_rate){ code, num, den, 0 };
}

static void rates_init(void)
{
	bool intel = pmu_case->kind == PMU_INTEL;

	pmu_cycles = intel ? 0x003c : 0x0076;
	pmu_misses = intel ? 0x412e : 0x0141;
	pmu_rare = intel ? 0x00c5 : 0x0085;
	rate(0, pmu_cycles, 1, 1);
	rate(1, pmu_instructions, 1, 2);
	rate(2, pmu_misses, 1, 10);
	rate(3, pmu_rare, 1, 100000);
	rate(4, 0x013c, 3, 4);
	for (unsigned int i = 5; i < 12; i++) /* of multiplexing */
		rate(i, (uint16_t)(0x1000 * (i - 4) + 0xd0), i, 100);
}

void pmu_host(unsigned int cpus)
{
	host_init(pmu_case->kind, pmu_case->version, cpus);
	rates_init();
	host_domain_init(&pmu_domain, 1, 1);
	for (unsigned int i = 0; i < cpus; i++) {
		struct pmu_model *m = &host.pmu[i];

		m->nr_general = pmu_case->nr_general;
		m->nr_fixed = pmu_case->nr_fixed;
		m->width = m->width_fixed = pmu_case->width;
		m->full_width_writes = pmu_case->full_width_writes;
		m->global_control &= (1ull << m->nr_general) - 1;
		m->rates = rates;
		m->nr_rates = ARRAY_SIZE(rates);
		vcpus[i] = (struct vcpu){ .vcpu_id = i, .domain = &pmu_domain };
		host.vcpu[i] = &vcpus[i];
	}
}

static int run_case(const struct pmu_case *one, const struct CMUnitTest *tests, unsigned int nr_tests)
{
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		abort();
	if (!pid) {
		pmu_case = one;
		printf("%s\n", one->name);
		status = _cmocka_run_group_tests(one->name, tests, nr_tests, NULL, NULL);
		fflush(NULL);
		_exit(status > 0 ? 1 : 0);
	}
	if (waitpid(pid, &status, 0) != pid)
		abort();
	if (status)
		printf("%s: status %#x\n", one->name, (unsigned int)status);
	return status != 0;
}

int pmu_run_cases(const struct pmu_case *cases, unsigned int nr, const struct CMUnitTest *tests,
		  unsigned int nr_tests)
{
	int failed = 0;

	for (unsigned int i = 0; i < nr; i++)
		failed += run_case(&cases[i], tests, nr_tests);
	return failed;
}

/* ---- Registers -----------------------------------------------------------*/

static void expect_same_registers(const struct pmu_model *a, const struct pmu_model *b)
{
	assert_memory_equal(a->value, b->value, sizeof(a->value));
	assert_memory_equal(a->select, b->select, sizeof(a->select));
	assert_memory_equal(a->fixed, b->fixed, sizeof(a->fixed));
	assert_int_equal(a->fixed_control, b->fixed_control);
	assert_int_equal(a->global_control, b->global_control);
	assert_int_equal(a->global_status, b->global_status);
	assert_int_equal(a->lvtpc, b->lvtpc);
}

/*
 * Nobody's counters, but with something in all registers.  Without full-width
 * writes no value can be restored whose upper bits are not those of bit 31.
 */
static void scribble(struct pmu_model *m)
{
	uint64_t mask = (1ull << m->width) - 1;

	for (unsigned int i = 0; i < m->nr_general; i++) {
		uint64_t value = host_random();

		m->select[i] = host_random() & 0xff9bffff & ~(1ull << 22) & ~(1ull << 19) & ~(1ull << 21);
		if (m->kind == PMU_INTEL && !m->full_width_writes)
			value = (uint64_t)(int64_t)(int32_t)value;
		m->value[i] = value & mask;
	}
	for (unsigned int i = 0; i < m->nr_fixed; i++)
		m->fixed[i] = host_random() & mask;
	if (m->kind == PMU_V2 || m->version >= 2)
		m->global_control = host_random() & ((1ull << m->nr_general) - 1);
	m->lvtpc = host_random() & 1 ? APIC_DM_NMI : 0x10000u | (host_random() & 0xff);
}

void pmu_test_probe(void **state)
{
	struct pmu_model before;
	struct xprof_op_pmu info;

	(void)state;
	host_seed();
	pmu_host(1);
	pmu_limit(pmu_cycles, 1); /* AMD's family 15h: 0 to 2. The others are not hidden for that. */
	scribble(host_pmu());
	before = *host_pmu();
	xprof_pmu_info(&info);
	assert_int_equal(info.why, XPROF_WHY_OK);
	assert_int_equal(info.kind, pmu_case->found);
	assert_int_equal(info.version, pmu_case->kind == PMU_INTEL ? pmu_case->version : pmu_case->kind == PMU_V2 ? 2 : 0);
	assert_int_equal(info.nr_general, pmu_case->nr_general);
	assert_int_equal(info.nr_fixed, pmu_case->nr_fixed);
	assert_int_equal(info.width_general, pmu_case->width);
	assert_int_equal(info.usable, ((1ull << pmu_case->nr_general) - 1) | ((1ull << pmu_case->nr_fixed) - 1) << 32);
	expect_same_registers(&before, host_pmu());

	vpmu_mode = XENPMU_MODE_SELF;
	xprof_pmu_info(&info);
	assert_int_equal(info.why, XPROF_WHY_VPMU);
	vpmu_mode = XENPMU_MODE_OFF;
	nmi_watchdog = NMI_LOCAL_APIC;
	xprof_pmu_info(&info);
	assert_int_equal(info.why, XPROF_WHY_OK);
	assert_false(info.usable & 1);
	nmi_watchdog = NMI_NONE;
}

void pmu_test_restore(void **state)
{
	(void)state;
	host_seed();
	for (unsigned int round = 0; round < 100; round++) {
		struct pmu_model before;

		pmu_host(1);
		scribble(host_pmu());
		host_pmu()->skid = (unsigned int)(host_random() % 2000);
		before = *host_pmu();
		host_open(0);
		assert_int_equal(host_event(pmu_cycles, 1000 + host_random() % 5000, PMU_BOTH, 0), 0);
		assert_int_equal(host_event(pmu_instructions, 1000, PMU_BOTH, pmu_case->nr_fixed ? 1 : 0), 0);
		host_start();
		host_run_timers(100000 + host_random() % 100000);
		assert_true(host.nmis > 0);
		host_stop();
		/* What is late is ours, too, and changes nothing. */
		host_run(10000);
		assert_int_equal(host.nr_passed, 0);
		expect_same_registers(&before, host_pmu());
		host_close();
	}
}

/* ---- Samples -------------------------------------------------------------*/

struct periods {
	uint64_t last, period;
	double sum, squares, products, before; /* of what a period differs from its mean */
	unsigned int nr;
};

static void one_period(const struct xprof_sample *sample, void *arg)
{
	struct periods *p = arg;
	uint64_t length = sample->tsc - p->last; /* one event a tick */
	double d = (double)length - (double)p->period;

	p->last = sample->tsc;
	assert_in_range(length, p->period - p->period / 8, p->period + p->period / 8);
	p->sum += d;
	p->squares += d * d;
	p->products += d * p->before;
	p->before = d;
	p->nr++;
}

void pmu_test_periods(void **state)
{
	struct periods p = { .period = 30011 };
	struct host_seen seen = { 0 };
	double mean, error, correlation;

	(void)state;
	srand48(SEED);
	pmu_host(1);
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, p.period, PMU_BOTH, 0), 0);
	p.last = host_pmu()->tsc;
	host_start();
	while (p.nr < 10000) {
		host_run_timers(10000000);
		host_read(&seen, one_period, &p);
	}
	assert_int_equal(host.nmis, p.nr);
	assert_int_equal(host.nr_passed, 0);
	assert_int_equal(host_pmu()->overflows, p.nr);
	assert_int_equal(host_pmu()->masked, 0);
	assert_int_equal(host_pmu()->lvtpc, APIC_DM_NMI);
	assert_int_equal(seen.lost, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(seen.gaps); i++)
		assert_int_equal(seen.gaps[i], 0);

	mean = p.sum / p.nr;
	error = sqrt(p.squares / p.nr - mean * mean) / sqrt(p.nr);
	correlation = (p.products / p.nr - mean * mean) / (p.squares / p.nr - mean * mean);
	print_message("%u periods: mean %+.2f, standard error %.2f, correlation with the one before %+.4f\n", p.nr,
		      mean, error, correlation);
	assert_true(error > 0);
	assert_true(fabs(mean) < 3 * error);
	assert_true(fabs(correlation) < 3 / sqrt(p.nr));
	host_close();
}

void pmu_test_two_overflows(void **state)
{
	struct host_seen seen = { 0 };

	(void)state;
	pmu_host(1);
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, 100000, PMU_BOTH | XPROF_EVENT_EVEN, 0), 0);
	assert_int_equal(host_event(pmu_cycles, 100050, PMU_BOTH | XPROF_EVENT_EVEN, 0), 0);
	host_start();
	host.rdtsc_cost = 100; /* the second overflows before the handler has looked */
	host_run(110000);
	host_read(&seen, NULL, NULL);
	assert_int_equal(seen.samples[0], 1);
	assert_int_equal(seen.samples[1], 1);
	assert_int_equal(host.nr_passed, 0);
	/* AMD latches one more; on Intel LVTPC was masked. The next one is in either case the last that is claimed. */
	assert_int_equal(host.nmis, pmu_case->kind == PMU_INTEL ? 1 : 2);
	if (host.nmis == 1)
		pmu_external_nmi(host_pmu());
	assert_int_equal(host.nr_passed, 0);
	pmu_external_nmi(host_pmu());
	assert_int_equal(host.nr_passed, 1);
	host_read(&seen, NULL, NULL);
	assert_int_equal(seen.samples[0] + seen.samples[1], 2);

	/* Sampling goes on. */
	host_run(200000);
	host_read(&seen, NULL, NULL);
	assert_in_range(seen.samples[0], 2, 3);
	assert_in_range(seen.samples[1], 2, 3);
	host_close();
}

/* The second one comes while the first one's NMI is on its way: there is one for both. */
void pmu_test_merged_overflows(void **state)
{
	struct host_seen seen = { 0 };

	(void)state;
	pmu_host(1);
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, 100000, PMU_BOTH | XPROF_EVENT_EVEN, 0), 0);
	assert_int_equal(host_event(pmu_cycles, 100050, PMU_BOTH | XPROF_EVENT_EVEN, 0), 0);
	host_start();
	host_run(150000);
	assert_int_equal(host.nmis, 2);
	host_pmu()->skid = 200;
	host_run(100000);
	host_read(&seen, NULL, NULL);
	assert_int_equal(host.nmis, 3);
	assert_int_equal(seen.samples[0], 2);
	assert_int_equal(seen.samples[1], 2);
	assert_int_equal(host.nr_passed, 0);
	host_close();
}

/*
 * The CPU may stand still between the handler that dealt with two overflows and the NMI that was latched meanwhile, which
 * then interrupts what that handler returned to. One that interrupts anything else is another's.
 */
void pmu_test_latched_behind(void **state)
{
	(void)state;
	pmu_host(1);
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, 3000000, PMU_BOTH | XPROF_EVENT_EVEN, 0), 0);
	assert_int_equal(host_event(pmu_cycles, 3000050, PMU_BOTH | XPROF_EVENT_EVEN, 0), 0);
	host_start();
	host_pmu()->skid = 100;
	host_run(3010000);
	assert_int_equal(host.nmis, 1);
	host_run(2000000);
	pmu_external_nmi(host_pmu());
	assert_int_equal(host.nr_passed, 0);
	pmu_external_nmi(host_pmu());
	assert_int_equal(host.nr_passed, 1);

	host_run(1010000);
	assert_int_equal(host.nmis, 4);
	host_run(1500000);
	host.regs.rip += 4;
	pmu_external_nmi(host_pmu());
	assert_int_equal(host.nr_passed, 2);
	host_close();
}

void pmu_test_foreign_nmi(void **state)
{
	struct host_seen seen = { 0 };

	(void)state;
	pmu_host(1);
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, 100000, PMU_BOTH, 0), 0);
	host_start();
	for (unsigned int i = 1; i <= 100; i++) {
		host_run_timers(2000000);
		pmu_external_nmi(host_pmu());
		assert_int_equal(host.nr_passed, i);
	}
	host_read(&seen, NULL, NULL);
	assert_int_equal(seen.samples[0] + 100, host.nmis);
	assert_in_range(seen.samples[0], 1950, 2050);
	assert_int_equal(xprof_session->cpu[0]->passed, 100);
	host_close();
}

/* ---- Fewer counters than events ------------------------------------------*/

/* All general counters but so many are others'. */
static void leave(unsigned int counters)
{
	struct pmu_model *m = host_pmu();

	for (unsigned int i = counters; i < m->nr_general; i++)
		m->select[i] = 0x4000ff;
}

void pmu_test_multiplexing(void **state)
{
	struct host_seen seen = { 0 };
	const struct xprof_pmu_cpu *p;
	uint64_t begin, sum = 0, events = 0;

	(void)state;
	srand48(SEED);
	pmu_host(1);
	leave(2);
	host_open(0);
	for (unsigned int i = 5; i < 12; i++)
		assert_int_equal(host_event(rates[i].code, 20000, PMU_BOTH, 0), 0);
	begin = host_pmu()->tsc;
	host_start();
	for (unsigned int i = 0; i < 14; i++) {
		host_run_timers(100000000);
		host_read(&seen, NULL, NULL);
	}
	p = xprof_session->cpu[0]->pmu;
	for (unsigned int i = 0; i < 7; i++) {
		double truth = (double)(pmu_events(host_pmu(), rates[5 + i].code, host_pmu()->tsc) -
					pmu_events(host_pmu(), rates[5 + i].code, begin));
		double estimate = (double)seen.samples[i] * 20000 * (double)p->active / (double)p->rate[i].running;

		sum += p->rate[i].running;
		events += seen.samples[i];
		print_message("event %u: running %.3f, %llu samples, estimate / truth %.3f\n", i,
			      (double)p->rate[i].running / (double)p->active, (unsigned long long)seen.samples[i],
			      estimate / truth);
		assert_true(fabs(estimate / truth - 1) < 0.03);
	}
	assert_int_equal(sum, 2 * p->active);
	assert_in_range(p->active, 1400000000 - 20000000, 1400000000);
	assert_int_equal(host.nmis, events);
	host_close();
}

void pmu_test_all_get_a_turn(void **state)
{
	const struct xprof_pmu_cpu *p;
	unsigned int fixed = pmu_case->nr_fixed ? 2 : 0; /* cycles */

	(void)state;
	pmu_host(1);
	leave(1);
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, 100000, PMU_BOTH, 0), 0);
	assert_int_equal(host_event(pmu_instructions, 100000, PMU_BOTH, 0), 0);
	if (fixed) {
		/* Only the fixed one can count these two. */
		assert_int_equal(host_event(0, 100000, PMU_BOTH, fixed), 0);
		assert_int_equal(host_event(0, 100000, XPROF_EVENT_OS, fixed), 0);
	}
	host_start();
	host_run_timers(500000000);
	p = xprof_session->cpu[0]->pmu;
	for (unsigned int i = 0; i < xprof_session->nr_events; i++)
		assert_in_range(p->rate[i].running, 100000000, 400000000);
	host_close();
}

/* ---- Frequencies ---------------------------------------------------------*/

static void expect_period(unsigned int event, uint64_t ideal)
{
	uint64_t period = xprof_session->cpu[0]->pmu->rate[event].period;

	print_message("event %u: period %llu, ideally %llu\n", event, (unsigned long long)period,
		      (unsigned long long)ideal);
	assert_in_range(period, ideal - ideal / 6, ideal + ideal / 6);
}

/* Of the last of these seconds. */
static uint64_t samples_of(unsigned int event, unsigned int seconds)
{
	struct host_seen seen;

	while (seconds--) {
		seen = (struct host_seen){ 0 };
		for (unsigned int i = 0; i < 10; i++) {
			host_run_timers(100000000);
			host_read(&seen, NULL, NULL);
		}
	}
	return seen.samples[event];
}

void pmu_test_rate_of_frequent(void **state)
{
	(void)state;
	srand48(SEED);
	pmu_host(1);
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, 1000, PMU_BOTH | XPROF_EVENT_RATE, 0), 0);
	host_start();
	assert_in_range(samples_of(0, 2), 850, 1150);
	expect_period(0, 1000000);
	host_close();
}

void pmu_test_rate_of_rare(void **state)
{
	(void)state;
	srand48(SEED);
	pmu_host(1);
	host_open(0);
	assert_int_equal(host_event(pmu_rare, 5, PMU_BOTH | XPROF_EVENT_RATE, 0), 0);
	host_start();
	assert_in_range(samples_of(0, 3), 4, 6);
	expect_period(0, 2000);
	host_close();
}

void pmu_test_rates_of_two(void **state)
{
	(void)state;
	srand48(SEED);
	pmu_host(1);
	host_open(0);
	assert_int_equal(host_event(0x013c, 1000, PMU_BOTH | XPROF_EVENT_RATE, 0), 0);
	assert_int_equal(host_event(0x013c, 500, PMU_BOTH | XPROF_EVENT_RATE, 0), 0);
	host_start();
	assert_in_range(samples_of(1, 2), 425, 575);
	expect_period(0, 750000);
	expect_period(1, 1500000);
	host_close();
}

/* Of so many events, all with one period. */
static void storm(unsigned int events, uint32_t flags)
{
	struct host_seen seen = { 0 };
	uint64_t nmis, produced = 0, samples = 0;

	srand48(SEED);
	pmu_host(1);
	host_open(0);
	for (unsigned int i = 0; i < events; i++)
		assert_int_equal(host_event(pmu_cycles, 1000, flags, 0), 0);
	host_start();
	host.rdtsc_cost = 1000;
	/* Counters that run inside the handler would leave the CPU no time at all. */
	host_run(20000000);
	host_read(&seen, NULL, NULL);
	assert_true(seen.periods[XPROF_PERIOD_THROTTLE] > 0);
	assert_true(xprof_session->cpu[0]->pmu->rate[0].throttled > 0);
	nmis = host.nmis;
	host_run_timers(100000000);
	host_read(&seen, NULL, NULL);
	/* A handler takes 2000 to 4000 ticks here: at most a third of the CPU. */
	print_message("period %llu, %llu NMIs in 100 ms\n",
		      (unsigned long long)xprof_session->cpu[0]->pmu->rate[0].period,
		      (unsigned long long)(host.nmis - nmis));
	assert_true(host.nmis - nmis < 100000000 / 6000);
	assert_int_equal(host.nr_passed, 0);
	for (unsigned int i = 0; i < events; i++) {
		samples += seen.samples[i];
		produced += xprof_session->cpu[0]->records.produced[i];
	}
	assert_int_equal(samples + seen.lost, produced);
	host_close();
}

void pmu_test_storm(void **state)
{
	(void)state;
	storm(1, PMU_BOTH);
}

/* All NMIs are of two overflows: of those, too, a CPU can have too many. */
void pmu_test_storm_of_two(void **state)
{
	(void)state;
	storm(2, PMU_BOTH | XPROF_EVENT_EVEN);
}

/* Whatever its random part: the counter must start below zero. */
void pmu_test_longest_period(void **state)
{
	(void)state;
	srand48(SEED);
	for (unsigned int i = 0; i < 100; i++) {
		const struct pmu_model *m;
		uint64_t longest, value;

		pmu_host(1);
		m = host_pmu();
		host_open(0);
		assert_int_equal(host_event(pmu_cycles, ~0ull, PMU_BOTH, 0), 0);
		longest = xprof_session->event[0].period;
		assert_true(longest >= 1ull << 30);
		host_start();
		value = m->value[xprof_session->cpu[0]->pmu->counter[0].index];
		assert_true(value & (1ull << (m->width - 1)));
		assert_in_range(((1ull << m->width) - 1) & -value, longest - longest / 8, longest + longest / 8);
		host_close();
	}
}
