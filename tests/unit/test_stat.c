// SPDX-License-Identifier: GPL-2.0-or-later
/* Exact counts: differences, sums, several runs; and how they are printed. Expected figures are worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/stat/estimate.h"
#include "lib/stat/print.h"
#include "unit/fakering.h"

/* ---- a hypervisor with two CPUs ------------------------------------------*/

static struct xprof_count make(uint16_t domid, uint8_t handle, uint16_t vcpu, uint32_t cpu, uint64_t ticks, uint64_t count)
{
	struct xprof_count c = { .domid = domid, .vcpu = vcpu, .cpu = cpu, .ticks = ticks, .switches = 1 };

	memset(c.handle, handle, sizeof(c.handle));
	for (size_t i = 0; i < 2; i++) {
		c.count[i] = count * (i + 1);
		c.running[i] = ticks;
	}
	return c;
}

struct host {
	const struct xprof_count *rows;
	size_t nr;
	uint32_t at_a_time;
	unsigned int calls;
};

static int host_read(void *arg, struct xprof_op_counts *c, struct xprof_count *rows, struct xp_err *err)
{
	struct host *h = arg;
	uint32_t seen = 0, nr = 0;

	(void)err;
	h->calls++;
	for (size_t i = 0; i < h->nr; i++) {
		if (h->rows[i].cpu != c->cpu)
			continue;
		if (seen++ >= c->first && nr < c->nr && nr < h->at_a_time)
			rows[nr++] = h->rows[i];
	}
	c->nr = nr;
	c->total = seen;
	c->missed = 5;
	return 0;
}

static void take(struct xp_reading *r, const struct xprof_count *rows, size_t nr)
{
	static const uint32_t cpus[] = { 0, 1 };
	struct host h = { rows, nr, XPROF_MAX_ROWS, 0 };
	struct xp_err err;

	assert_int_equal(xp_reading_take(r, host_read, &h, cpus, 2, &err), 0);
}

/* ---- readings ------------------------------------------------------------*/

static void test_reading__rows_come_in_parts_and_are_ordered(void **state)
{
	const struct xprof_count rows[] = {
		make(XPROF_DOMID_IDLE, 0, 0, 0, 1, 1), make(7, 7, 1, 0, 2, 2), make(7, 7, 0, 0, 3, 3), make(0, 0, 0, 1, 4, 4),
		make(7, 7, 0, 1, 5, 5),
	};
	static const uint32_t cpus[] = { 0, 1 };
	struct host h = { rows, 5, 1, 0 };
	struct xp_reading r;
	struct xp_err err;

	(void)state;
	xp_reading_init(&r);
	assert_int_equal(xp_reading_take(&r, host_read, &h, cpus, 2, &err), 0);
	assert_int_equal(h.calls, 5);
	assert_int_equal(r.nr, 5);
	assert_int_equal(r.missed, 10);
	assert_int_equal(r.rows[0].domid, 0);
	assert_int_equal(r.rows[1].ticks, 3); /* domain 7, vCPU 0, CPU 0 */
	assert_int_equal(r.rows[2].ticks, 5); /* CPU 1 */
	assert_int_equal(r.rows[3].ticks, 2); /* vCPU 1 */
	assert_int_equal(r.rows[4].domid, XPROF_DOMID_IDLE);
	xp_reading_release(&r);
}

static int read_too_many(void *arg, struct xprof_op_counts *c, struct xprof_count *rows, struct xp_err *err)
{
	(void)arg;
	(void)rows;
	(void)err;
	c->nr = XPROF_MAX_ROWS + 1;
	return 0;
}

static void test_reading__more_rows_than_room_are_refused(void **state)
{
	static const uint32_t cpus[] = { 0 };
	struct xp_reading r;
	struct xp_err err;

	(void)state;
	xp_reading_init(&r);
	assert_int_equal(xp_reading_take(&r, read_too_many, NULL, cpus, 1, &err), XP_E_FORMAT);
	xp_reading_release(&r);
}

static void test_since__subtracts_the_same_vcpu_on_the_same_cpu(void **state)
{
	const struct xprof_count before[] = { make(1, 1, 0, 0, 100, 10), make(1, 1, 0, 1, 50, 5), make(2, 2, 0, 0, 70, 7) };
	const struct xprof_count after[] = {
		make(1, 1, 0, 0, 130, 16), make(1, 1, 0, 1, 50, 5), make(2, 2, 0, 0, 90, 9), make(3, 3, 0, 1, 11, 4),
	};
	struct xp_reading a, b, d;
	struct xp_err err;

	(void)state;
	xp_reading_init(&a);
	xp_reading_init(&b);
	xp_reading_init(&d);
	take(&b, before, 3);
	take(&a, after, 4);
	a.rows[1].switches = 1; /* the one on CPU 1 was not switched to */
	assert_int_equal(xp_reading_since(&d, &a, &b, &err), 0);
	assert_int_equal(d.nr, 3); /* domain 1 on CPU 1 did not run */
	assert_int_equal(d.rows[0].ticks, 30);
	assert_int_equal(d.rows[0].count[0], 6);
	assert_int_equal(d.rows[0].count[1], 12);
	assert_int_equal(d.rows[0].running[0], 30);
	assert_int_equal(d.rows[1].ticks, 20);
	assert_int_equal(d.rows[2].domid, 3); /* new: from zero */
	assert_int_equal(d.rows[2].ticks, 11);
	assert_int_equal(d.missed, 0);
	xp_reading_release(&a);
	xp_reading_release(&b);
	xp_reading_release(&d);
}

/* Domain 5 is destroyed and its id given to another: what the new one counts is all its own. */
static void test_since__another_handle_is_another_domain(void **state)
{
	const struct xprof_count before[] = { make(5, 0xaa, 0, 0, 1000, 500) };
	const struct xprof_count after[] = { make(5, 0xaa, 0, 0, 1200, 600), make(5, 0xbb, 0, 0, 1500, 700) };
	struct xp_reading a, b, d;
	struct xp_err err;

	(void)state;
	xp_reading_init(&a);
	xp_reading_init(&b);
	xp_reading_init(&d);
	take(&b, before, 1);
	take(&a, after, 2);
	assert_int_equal(xp_reading_since(&d, &a, &b, &err), 0);
	assert_int_equal(d.nr, 2);
	assert_int_equal(d.rows[0].ticks, 200);
	assert_int_equal(d.rows[1].ticks, 1500);
	assert_int_equal(d.rows[1].count[0], 700);
	xp_reading_release(&a);
	xp_reading_release(&b);
	xp_reading_release(&d);
}

/* Counts never go back; a row that did is a new one, not 2^64 events. */
static void test_since__a_row_that_has_less_began_anew(void **state)
{
	const struct xprof_count before[] = { make(1, 1, 0, 0, 100, 50) };
	const struct xprof_count after[] = { make(1, 1, 0, 0, 120, 20) };
	struct xp_reading a, b, d;
	struct xp_err err;

	(void)state;
	xp_reading_init(&a);
	xp_reading_init(&b);
	xp_reading_init(&d);
	take(&b, before, 1);
	take(&a, after, 1);
	assert_int_equal(xp_reading_since(&d, &a, &b, &err), 0);
	assert_int_equal(d.nr, 1);
	assert_int_equal(d.rows[0].ticks, 120);
	assert_int_equal(d.rows[0].count[0], 20);
	xp_reading_release(&a);
	xp_reading_release(&b);
	xp_reading_release(&d);
}

/* ---- sums ----------------------------------------------------------------*/

static struct xp_reading rows_of(struct xprof_count *rows, size_t nr, uint64_t missed)
{
	return (struct xp_reading){ .rows = rows, .nr = nr, .room = nr, .missed = missed };
}

static void test_groups__sum_up_domains_vcpus_cpus(void **state)
{
	struct xprof_count rows[] = {
		make(1, 1, 0, 0, 10, 1), make(1, 1, 0, 1, 20, 2), make(1, 1, 1, 1, 40, 4), make(XPROF_DOMID_IDLE, 0, 0, 0, 80, 8),
		make(XPROF_DOMID_IDLE, 0, 0, 1, 160, 16),
	};
	const struct xp_reading r = rows_of(rows, 5, 3);
	static const struct { unsigned int by; size_t nr; uint64_t ticks[5]; } cases[] = {
		{ 0, 2, { 70, 240 } },
		{ XP_STAT_BY_VCPU, 3, { 30, 40, 240 } },
		{ XP_STAT_BY_CPU, 4, { 10, 60, 80, 160 } },
		{ XP_STAT_BY_VCPU | XP_STAT_BY_CPU, 5, { 10, 20, 40, 80, 160 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xp_groups g;
		struct xp_err err;

		assert_int_equal(xp_groups_sum(&g, &r, cases[i].by, &err), 0);
		assert_int_equal(g.nr, cases[i].nr);
		for (size_t n = 0; n < g.nr; n++)
			assert_int_equal(g.of[n].ticks, cases[i].ticks[n]);
		assert_int_equal(g.ticks, 313);
		assert_int_equal(g.cpus, 2);
		xp_groups_release(&g);
	}
}

static void test_groups__keep_leaves_the_time_of_the_others(void **state)
{
	struct xprof_count rows[] = { make(0, 0, 0, 0, 10, 1), make(4, 4, 0, 0, 20, 2), make(9, 9, 0, 0, 30, 3) };
	const struct xp_reading r = rows_of(rows, 3, 0);
	static const uint16_t wanted[] = { 9, 4 };
	struct xp_groups g;
	struct xp_err err;

	(void)state;
	assert_int_equal(xp_groups_sum(&g, &r, 0, &err), 0);
	xp_groups_keep(&g, wanted, 2);
	assert_int_equal(g.nr, 2);
	assert_int_equal(g.of[0].domid, 4);
	assert_int_equal(g.of[1].domid, 9);
	assert_int_equal(g.ticks, 60);
	xp_groups_release(&g);
}

static void test_scaled__exact_unless_the_counter_was_shared(void **state)
{
	static const struct { uint64_t ticks, running, count; bool counted; uint64_t value; } cases[] = {
		{ 900, 900, 12345, true, 12345 },
		{ 900, 300, 100, true, 300 },
		{ 900, 600, 1000, true, 1500 },
		{ 900, 0, 0, false, 0 },
		{ 0, 0, 0, true, 0 },
		/* 2^62 counts in half of the time: more than 64 bits on the way */
		{ 1ull << 40, 1ull << 39, 1ull << 62, true, 1ull << 63 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xprof_count c = { .ticks = cases[i].ticks };
		uint64_t value;

		c.count[3] = cases[i].count;
		c.running[3] = cases[i].running;
		assert_int_equal(xp_count_scaled(&c, 3, &value), cases[i].counted);
		assert_int_equal(value, cases[i].value);
	}
}

/* ---- runs ----------------------------------------------------------------*/

/* 10, 12, 14: mean 12, variance 4 (n - 1), standard error 2 / sqrt(3) = 1.1547, of the mean 9.6225%. */
static void test_spread__is_perfs(void **state)
{
	struct xp_spread s = { 0 };

	(void)state;
	xp_spread_add(&s, 10);
	assert_true(xp_spread_relative(&s) < 0);
	xp_spread_add(&s, 12);
	xp_spread_add(&s, 14);
	assert_float_equal(s.mean, 12, 1e-12);
	assert_float_equal(xp_spread_relative(&s), 0.0962250449, 1e-9);
}

/* A small deviation of large numbers: squares would cancel. */
static void test_spread__large_numbers(void **state)
{
	struct xp_spread s = { 0 };

	(void)state;
	for (int i = 0; i < 4; i++)
		xp_spread_add(&s, 1e15 + (i % 2 ? 1 : -1));
	/* variance 4 / 3, standard error sqrt(1 / 3) = 0.57735 */
	assert_float_equal(xp_spread_relative(&s) * 1e15, 0.57735, 1e-4);
}

static void add_run(struct xp_runs *runs, struct xprof_count *rows, size_t nr, double seconds)
{
	const struct xp_reading r = rows_of(rows, nr, 0);
	struct xp_groups g;
	struct xp_err err;

	assert_int_equal(xp_groups_sum(&g, &r, 0, &err), 0);
	assert_int_equal(xp_runs_add(runs, &g, seconds, &err), 0);
	xp_groups_release(&g);
}

static void test_runs__who_is_absent_counts_as_nothing(void **state)
{
	struct xprof_count one[] = { make(1, 1, 0, 0, 100, 10) };
	struct xprof_count two[] = { make(0, 0, 0, 0, 40, 4), make(1, 1, 0, 0, 60, 14) };
	struct xprof_count three[] = { make(0, 0, 0, 0, 20, 2) };
	struct xp_runs runs;

	(void)state;
	xp_runs_init(&runs);
	add_run(&runs, one, 1, 1);
	add_run(&runs, two, 2, 2);
	add_run(&runs, three, 1, 3);
	assert_int_equal(runs.n, 3);
	assert_int_equal(runs.nr, 2);
	assert_int_equal(runs.ticks, 220);
	assert_int_equal(runs.of[0].sum.domid, 0);
	assert_float_equal(runs.of[0].value[0].mean, 2, 1e-12); /* 0, 4, 2 */
	assert_float_equal(runs.of[1].value[0].mean, 8, 1e-12); /* 10, 14, 0 */
	assert_int_equal(runs.of[1].sum.count[0], 24);
	assert_float_equal(runs.seconds.mean, 2, 1e-12);
	xp_runs_release(&runs);
}

/* ---- estimates -----------------------------------------------------------*/

static void put_domain(struct fakering *f, uint16_t domid, uint8_t handle)
{
	struct xprof_domain d = { .rec = fakering_rec(XPROF_REC_DOMAIN, sizeof(d)) };

	d.rec.domid = domid;
	memset(d.handle, handle, sizeof(d.handle));
	assert_true(fakering_put(f, &d));
}

static void put_samples(struct fakering *f, uint16_t domid, uint8_t event, unsigned int nr)
{
	while (nr--) {
		struct xprof_sample s = fakering_make_sample(nr);

		s.rec.domid = domid;
		s.rec.event = event;
		assert_true(fakering_put(f, &s));
	}
}

static void put_period(struct fakering *f, uint8_t event, uint64_t period)
{
	struct xprof_period p = { .rec = fakering_rec(XPROF_REC_PERIOD, sizeof(p)), .period = period };

	p.rec.event = event;
	assert_true(fakering_put(f, &p));
}

/*
 * Domain 5 has 300 samples of event 0: 100 at a period of 1000, then 200 at 500: 200,000, weights squared 150e6,
 * so that the interval is 1.96 * sqrt(150e6) / 200,000 = 12.00%. Event 1 had a counter for half of the time: 10
 * samples of 100 are 2,000.
 */
static void test_estimate__samples_stand_for_their_periods(void **state)
{
	static const uint64_t periods[XPROF_MAX_EVENTS] = { 1000, 100 };
	const struct xp_cpu_time before[] = { { 0, { 0 }, 100 }, { 5, { 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5 }, 7000 } };
	const struct xp_cpu_time after[] = { { 0, { 0 }, 400 }, { 5, { 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5 }, 8000 } };
	struct xp_estimate e;
	struct fakering f;
	struct xp_groups g;
	struct xp_runs runs;
	struct xp_err err;
	uint64_t value;

	(void)state;
	fakering_init(&f, 0, 65536);
	assert_int_equal(xp_estimate_init(&e, &f.ring, 1, periods, &err), 0);
	assert_int_equal(xp_estimate_take(&e, before, 2, 0, 2, &g, &err), 0);
	xp_groups_release(&g);

	put_domain(&f, 5, 5);
	put_samples(&f, 5, 0, 100);
	put_period(&f, 0, 500);
	put_samples(&f, 5, 0, 200);
	put_samples(&f, 5, 1, 10);
	put_samples(&f, XPROF_DOMID_IDLE, 0, 4);
	f.header->active = 2000;
	f.header->running[0] = 2000;
	f.header->running[1] = 1000;
	assert_int_equal(xp_estimate_take(&e, after, 2, 4000, 2, &g, &err), 0);
	assert_int_equal(g.nr, 3);
	assert_int_equal(g.of[0].domid, 0);
	assert_int_equal(g.of[0].ticks, 300);
	assert_int_equal(g.of[1].ticks, 1000);
	assert_int_equal(g.of[1].count[0], 200000);
	assert_true(xp_count_scaled(&g.of[1], 1, &value));
	assert_int_equal(value, 2000);
	assert_int_equal(g.of[2].domid, XPROF_DOMID_IDLE);
	assert_int_equal(g.of[2].ticks, 2700);
	assert_int_equal(g.of[2].count[0], 2000);

	xp_runs_init(&runs);
	assert_int_equal(xp_runs_add(&runs, &g, 1, &err), 0);
	assert_float_equal(xp_run_interval(&runs.of[1], 0), 0.12002, 1e-4);
	assert_float_equal(xp_run_interval(&runs.of[1], 1), 0.61981, 1e-4); /* 1.96 / sqrt(10) */
	assert_true(xp_run_interval(&runs.of[0], 0) < 0);
	xp_runs_release(&runs);
	xp_groups_release(&g);
	xp_estimate_release(&e);
	fakering_release(&f);
}

/* The id is given to another domain in between: samples behind its record are the new one's. */
static void test_estimate__another_handle_is_another_domain(void **state)
{
	static const uint64_t periods[XPROF_MAX_EVENTS] = { 10 };
	struct xp_estimate e;
	struct fakering f;
	struct xp_groups g;
	struct xp_err err;

	(void)state;
	fakering_init(&f, 0, 65536);
	assert_int_equal(xp_estimate_init(&e, &f.ring, 1, periods, &err), 0);
	put_domain(&f, 5, 0xaa);
	put_samples(&f, 5, 0, 3);
	put_domain(&f, 5, 0xbb);
	put_samples(&f, 5, 0, 4);
	assert_int_equal(xp_estimate_take(&e, NULL, 0, 100, 1, &g, &err), 0);
	assert_int_equal(g.nr, 3); /* and idle's time */
	assert_int_equal(g.of[0].count[0], 30);
	assert_int_equal(g.of[0].handle[0], 0xaa);
	assert_int_equal(g.of[1].count[0], 40);
	xp_groups_release(&g);
	xp_estimate_release(&e);
	fakering_release(&f);
}

/* ---- printing ------------------------------------------------------------*/

static const char *name_of(void *arg, uint16_t domid, const uint8_t handle[16])
{
	(void)handle;
	return domid == 1 ? arg : domid == 0 ? "Domain-0" : "";
}

static struct xp_stat_head make_head(const char *name)
{
	return (struct xp_stat_head){
		.nr = 3, .events = { "cycles", "instructions", "llc-misses" }, .tsc_khz = 1000000, .what = "'make -j2'", .version = "4.17.5",
		.separator = ",", .name = name_of, .arg = (void *)(uintptr_t)name,
	};
}

/* 1 GHz of TSC, two CPUs, 2 s: domain 1 has 1 s, 2e9 cycles, 3e9 instructions, 6e6 misses (counted half of the time). */
static void make_runs(struct xp_runs *runs)
{
	struct xprof_count rows[] = {
		make(1, 0x11, 0, 0, 1000000000, 0), make(XPROF_DOMID_IDLE, 0, 0, 0, 1000000000, 0),
		make(XPROF_DOMID_IDLE, 0, 0, 1, 2000000000, 0),
	};

	rows[0].count[0] = 2000000000;
	rows[0].count[1] = 3000000000;
	rows[0].count[2] = 3000000;
	rows[0].running[2] = 500000000;
	rows[0].switches = 12345;
	xp_runs_init(runs);
	add_run(runs, rows, 3, 2);
}

static char *print(const struct xp_stat_printer *p, const struct xp_stat_head *head, const struct xp_runs *runs)
{
	const struct xp_stat_block block = { .runs = runs, .time = 2.5, .seconds = runs->seconds.mean };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	p->begin(out, head);
	p->block(out, head, &block);
	p->end(out, head);
	fclose(out);
	return text;
}

static void test_text__has_perfs_form(void **state)
{
	struct xp_stat_head head = make_head("web1");
	struct xp_runs runs;
	char *text;

	(void)state;
	make_runs(&runs);
	text = print(&xp_stat_text, &head, &runs);
	assert_string_equal(text,
		"# counts of 'make -j2', exact: read at each vCPU switch (Xen 4.17.5)\n"
		"#\n"
		" web1 (1): 25.00% of 2 CPUs, 1.000 s, 12,345 switches\n"
		"       2,000,000,000  cycles              #    2.000 GHz\n"
		"       3,000,000,000  instructions        #     1.50 insn per cycle\n"
		"           6,000,000  llc-misses          #     2.00 /1000 insn      (50.00%)\n"
		"\n"
		" [idle]: 75.00% of 2 CPUs, 3.000 s, 2 switches\n"
		"                   0  cycles              #    0.000 GHz\n"
		"                   0  instructions        #     0.00 M/sec\n"
		"       <not counted>  llc-misses\n"
		"\n"
		"   2.000000 seconds\n"
		"\n"
		"# side by side; events per 1000 instructions\n"
		"# Domain     CPU    GHz   IPC  llc-misses\n"
		"  web1    25.00%  2.000  1.50        2.00\n"
		"  [idle]  75.00%  0.000     -           -\n");
	free(text);
	xp_runs_release(&runs);
}

static void test_text__estimates_say_so(void **state)
{
	struct xp_stat_head head = make_head("web1");
	struct xp_runs runs;
	char *text;

	(void)state;
	make_runs(&runs);
	runs.of[0].squares[0] = 4e14; /* sqrt 2e7: 1% */
	head.estimated = "because";
	text = print(&xp_stat_text, &head, &runs);
	assert_non_null(strstr(text, "# counts of 'make -j2', estimated from samples (Xen 4.17.5)\n"
			       "# exact ones cannot be had: because\n# ± is the 95% interval\n"));
	assert_non_null(strstr(text, " web1 (1): 25.00% of 2 CPUs, 1.000 s\n"));
	assert_non_null(strstr(text, "GHz             ± 1.96%\n"));
	free(text);
	text = print(&xp_stat_csv, &head, &runs);
	assert_non_null(strstr(text, "1,web1,2000000000,,cycles,1.96%,1000000000,"));
	free(text);
	xp_runs_release(&runs);
}

static void test_text__says_how_far_runs_lie_apart(void **state)
{
	struct xp_stat_head head = make_head("web1");
	struct xprof_count rows[] = { make(1, 1, 0, 0, 1000000000, 10) };
	struct xp_runs runs;
	char *text;

	(void)state;
	xp_runs_init(&runs);
	head.nr = 1;
	for (int i = 0; i < 3; i++) {
		rows[0].count[0] = 10 + 2 * (uint64_t)i;
		add_run(&runs, rows, 1, 1 + i);
	}
	text = print(&xp_stat_text, &head, &runs);
	assert_non_null(strstr(text, "                  12  cycles "));
	assert_non_null(strstr(text, "( +-  9.62% )"));
	assert_non_null(strstr(text, "   2.000000 seconds, mean of 3 runs  ( +- 28.87% )\n"));
	free(text);
	xp_runs_release(&runs);
}

static void test_csv__is_perfs_from_the_value_on(void **state)
{
	struct xp_stat_head head = make_head("web1");
	struct xp_runs runs;
	char *text;

	(void)state;
	make_runs(&runs);
	head.intervals = true;
	text = print(&xp_stat_csv, &head, &runs);
	assert_string_equal(text,
		"2.500000000,1,web1,1000000000,ns,cpu-time,1000000000,100.00,25.0000,% of all CPUs\n"
		"2.500000000,1,web1,2000000000,,cycles,1000000000,100.00,2.000000,GHz\n"
		"2.500000000,1,web1,3000000000,,instructions,1000000000,100.00,1.500000,insn per cycle\n"
		"2.500000000,1,web1,6000000,,llc-misses,500000000,50.00,2.000000,/1000 insn\n"
		"2.500000000,32767,[idle],3000000000,ns,cpu-time,3000000000,100.00,75.0000,% of all CPUs\n"
		"2.500000000,32767,[idle],0,,cycles,3000000000,100.00,0.000000,GHz\n"
		"2.500000000,32767,[idle],0,,instructions,3000000000,100.00,0.000000,M/sec\n"
		"2.500000000,32767,[idle],<not counted>,,llc-misses,0,0.00,,\n");
	free(text);
	xp_runs_release(&runs);
}

static void test_csv__a_name_stays_one_field(void **state)
{
	static const struct { const char *name, *separator, *field; } cases[] = {
		{ "a,b", ",", "1,\"a,b\",1000000000," },
		{ "a,b", ";", "1;a,b;1000000000;" },
		{ "say \"x\"", ",", "1,\"say \"\"x\"\"\",1000000000," },
		{ "a\n1,fake,2", ",", "1,\"a\\n1,fake,2\",1000000000," },
		{ "\033[31mred", ",", "1,\\x1b[31mred,1000000000," },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xp_stat_head head = make_head(cases[i].name);
		struct xp_runs runs;
		char *text;

		head.separator = cases[i].separator;
		make_runs(&runs);
		text = print(&xp_stat_csv, &head, &runs);
		if (strncmp(text, cases[i].field, strlen(cases[i].field)))
			fail_msg("'%s' was printed as %s", cases[i].name, text);
		free(text);
		xp_runs_release(&runs);
	}
}

static void test_json__one_object_a_line_whatever_the_name(void **state)
{
	struct xp_stat_head head = make_head("x\"}\n{\"domid\": 9\033");
	struct xp_runs runs;
	char *text;

	(void)state;
	make_runs(&runs);
	text = print(&xp_stat_json, &head, &runs);
	assert_string_equal(text,
		"{\"type\": \"head\", \"schema_version\": 1, \"exact\": true, \"why\": null, \"what\": \"'make -j2'\", \"xen\": \"4.17.5\", "
		"\"tsc_khz\": 1000000, \"events\": [\"cycles\", \"instructions\", \"llc-misses\"]}\n"
		"{\"type\": \"counts\", \"time_s\": 2.500000000, \"seconds\": 2.000000000, \"runs\": 1, \"domid\": 1, "
		"\"domain\": \"x\\\"}\\n{\\\"domid\\\": 9\\u001b\", \"idle\": false, \"uuid\": \"11111111-1111-1111-1111-111111111111\", "
		"\"cpu_time_ns\": 1000000000, \"cpu_percent\": 25.0000, \"switches\": 12345, \"events\": "
		"{\"cycles\": {\"value\": 2000000000, \"counted_percent\": 100.0000, \"ghz\": 2.000000}, "
		"\"instructions\": {\"value\": 3000000000, \"counted_percent\": 100.0000, \"ipc\": 1.500000}, "
		"\"llc-misses\": {\"value\": 6000000, \"counted_percent\": 50.0000, \"per_1000_instructions\": 2.000000}}}\n"
		"{\"type\": \"counts\", \"time_s\": 2.500000000, \"seconds\": 2.000000000, \"runs\": 1, \"domid\": 32767, "
		"\"domain\": \"[idle]\", \"idle\": true, \"cpu_time_ns\": 3000000000, \"cpu_percent\": 75.0000, \"switches\": 2, \"events\": "
		"{\"cycles\": {\"value\": 0, \"counted_percent\": 100.0000, \"ghz\": 0.000000}, "
		"\"instructions\": {\"value\": 0, \"counted_percent\": 100.0000, \"million_per_second\": 0.000000}, "
		"\"llc-misses\": {\"value\": null, \"counted_percent\": 0.0000}}}\n"
		"{\"type\": \"block\", \"time_s\": 2.500000000, \"seconds\": 2.000000000, \"runs\": 1, \"cpus\": 2, "
		"\"missed_percent\": 0.0000}\n");
	free(text);
	xp_runs_release(&runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading__rows_come_in_parts_and_are_ordered),
		cmocka_unit_test(test_reading__more_rows_than_room_are_refused),
		cmocka_unit_test(test_since__subtracts_the_same_vcpu_on_the_same_cpu),
		cmocka_unit_test(test_since__another_handle_is_another_domain),
		cmocka_unit_test(test_since__a_row_that_has_less_began_anew),
		cmocka_unit_test(test_groups__sum_up_domains_vcpus_cpus),
		cmocka_unit_test(test_groups__keep_leaves_the_time_of_the_others),
		cmocka_unit_test(test_scaled__exact_unless_the_counter_was_shared),
		cmocka_unit_test(test_spread__is_perfs),
		cmocka_unit_test(test_spread__large_numbers),
		cmocka_unit_test(test_runs__who_is_absent_counts_as_nothing),
		cmocka_unit_test(test_estimate__samples_stand_for_their_periods),
		cmocka_unit_test(test_estimate__another_handle_is_another_domain),
		cmocka_unit_test(test_text__estimates_say_so),
		cmocka_unit_test(test_text__has_perfs_form),
		cmocka_unit_test(test_text__says_how_far_runs_lie_apart),
		cmocka_unit_test(test_csv__is_perfs_from_the_value_on),
		cmocka_unit_test(test_csv__a_name_stays_one_field),
		cmocka_unit_test(test_json__one_object_a_line_whatever_the_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
