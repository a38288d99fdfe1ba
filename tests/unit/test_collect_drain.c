// SPDX-License-Identifier: GPL-2.0-or-later
/* From rings to a profile and back: every record arrives where it belongs, and the sums are right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/collect/account.h"
#include "lib/collect/drain.h"
#include "unit/fakering.h"

#define CPUS 2
#define SIZE 65536u

struct fixture {
	struct fakering fake[CPUS];
	struct xp_ring rings[CPUS];
	struct xp_drain drain;
	struct xp_collect_sink sink;
	struct xp_writer *w;
	char path[64];
	uint64_t seen, seen_of[CPUS]; /* by the sink */
	uint64_t seen_before_period;  /* of that CPU */
	struct xp_period period;      /* the last one told */
};

static void on_samples(void *arg, uint32_t cpu, const struct xprof_sample *s, size_t n)
{
	struct fixture *f = arg;

	(void)s;
	assert_true(cpu < CPUS);
	f->seen += n;
	f->seen_of[cpu] += n;
}

static void on_period(void *arg, const struct xp_period *period)
{
	struct fixture *f = arg;

	f->period = *period;
	f->seen_before_period = f->seen_of[period->cpu];
}

static void begin(struct fixture *f, const char *modifiers)
{
	const struct xp_collect_event collected = { "timer", modifiers, 0, 0 };
	const struct xp_collect_config config = { .events = &collected, .nr_events = 1 };
	struct xp_event event = { .name = (char *)"timer", .period = 1000000, .source = (char *)"ipi", .modifiers = (char *)"" };
	struct xp_err err;

	memset(f, 0, sizeof(*f));
	for (uint32_t i = 0; i < CPUS; i++) {
		fakering_init(&f->fake[i], i, SIZE);
		f->rings[i] = f->fake[i].ring;
	}
	snprintf(f->path, sizeof(f->path), "/tmp/xprof-test-XXXXXX");
	close(mkstemp(f->path));
	unlink(f->path);
	assert_int_equal(xp_writer_open(&f->w, f->path, &err), 0);
	assert_int_equal(xp_write_event(f->w, &event, &err), 0);
	f->sink.arg = f;
	f->sink.samples = on_samples;
	f->sink.period = on_period;
	assert_int_equal(xp_drain_init(&f->drain, f->rings, CPUS, f->w, &f->sink, &config, &err), 0);
}

static struct xp_profile *finish(struct fixture *f)
{
	static const struct xp_domains_sink no_sink;
	struct xp_profile *p;
	struct xp_err err;

	assert_int_equal(xp_domains_write(&f->drain.domains, f->w, &no_sink, true, &err), 0);
	assert_int_equal(xp_account_write(&f->drain, &err), 0);
	assert_int_equal(xp_writer_close(f->w, &err), 0);
	assert_int_equal(xp_profile_open(&p, f->path, &err), 0);
	unlink(f->path);
	return p;
}

static void end(struct fixture *f, struct xp_profile *p)
{
	xp_profile_free(p);
	xp_drain_release(&f->drain);
	for (int i = 0; i < CPUS; i++)
		fakering_release(&f->fake[i]);
}

static void pass(struct fixture *f)
{
	struct xp_err err;

	assert_int_equal(xp_drain_pass(&f->drain, &err), 0);
}

static int count_block(const struct xp_block *block, void *arg)
{
	uint64_t *n = arg;

	n[block->cpu] += block->nr;
	return 0;
}

static struct xprof_domain domain(uint16_t domid, uint8_t handle, uint64_t tsc)
{
	struct xprof_domain d = { .rec = fakering_rec(XPROF_REC_DOMAIN, sizeof(d)), .tsc = tsc, .type = XPROF_DOMAIN_PVH };

	d.rec.domid = domid;
	d.rec.vcpu = 2;
	d.handle[0] = handle;
	return d;
}

static bool is_enough(void *arg)
{
	unsigned int *asked = arg;

	++*asked;
	return true;
}

/* Who is told to end while there is a backlog ends; the rest is there for the passes after that. */
static void test_drain__a_pass_through_a_backlog_can_be_ended(void **state)
{
	unsigned int asked = 0;
	struct fixture f;
	uint64_t step;

	(void)state;
	begin(&f, "");
	step = xp_ring_step(&f.rings[0]) / sizeof(struct xprof_sample);
	for (int i = 0; i < CPUS; i++)
		for (uint64_t n = 0; n < 2 * step + 1; n++)
			fakering_sample(&f.fake[i], n);
	f.drain.enough = is_enough;
	f.drain.enough_arg = &asked;
	pass(&f);
	assert_int_equal(f.seen_of[0], step);
	assert_int_equal(f.seen_of[1], step);
	assert_int_equal(asked, CPUS);
	f.drain.enough = NULL;
	pass(&f);
	assert_int_equal(f.seen, CPUS * (2 * step + 1));
	end(&f, finish(&f));
}

static void test_drain__every_sample_arrives_or_is_counted(void **state)
{
	uint64_t in_file[CPUS] = { 0 }, produced = 0, lost = 0;
	struct xp_collect_figures figures = { 0 };
	struct xprof_op_info info = { .tsc_khz = 1000000 };
	struct xp_profile *p;
	struct fixture f;
	struct xp_err err;
	char warnings[256];

	(void)state;
	begin(&f, "");
	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < 3000; i++) /* 94 KiB: more than there is room for */
			fakering_sample(&f.fake[0], (uint64_t)i);
		for (int i = 0; i < 100; i++)
			fakering_sample(&f.fake[1], (uint64_t)i);
		pass(&f);
	}
	xp_account_figures(&f.drain, &info, &figures);
	xp_account_check(&f.drain, &figures, warnings, sizeof(warnings));
	assert_string_equal(warnings, "");
	assert_int_equal(figures.delivered + figures.lost, 50 * 3100);
	assert_true(figures.lost > 0);
	assert_int_equal(f.seen, figures.delivered);
	p = finish(&f);
	assert_int_equal(xp_profile_each_block(p, count_block, in_file, &err), 0);
	assert_int_equal(in_file[0] + in_file[1], figures.delivered);
	assert_int_equal(in_file[1], 50 * 100);
	for (size_t i = 0; i < p->nr_stats; i++) {
		produced += p->stats[i].produced[0];
		lost += p->stats[i].lost[0];
	}
	assert_int_equal(produced, 50 * 3100);
	assert_int_equal(lost, figures.lost);
	end(&f, p);
}

static void test_drain__what_does_not_add_up_is_told(void **state)
{
	struct xp_collect_figures figures = { 0 };
	struct xprof_op_info info = { 0 };
	struct fixture f;
	char warnings[256];

	(void)state;
	begin(&f, "");
	fakering_sample(&f.fake[1], 1);
	f.fake[1].header->produced[0] += 2;
	pass(&f);
	xp_account_figures(&f.drain, &info, &figures);
	xp_account_check(&f.drain, &figures, warnings, sizeof(warnings));
	assert_string_equal(warnings, "CPU 1, event 0: Xen produced 3 samples, 1 were delivered and 0 lost: that does not add up\n");
	end(&f, finish(&f));
}

/* Domain id 5 changes hands; the two CPUs' rings tell of it in the wrong order. */
static void test_drain__domain_id_is_reused(void **state)
{
	struct xprof_domain first_0 = domain(5, 0xaa, 1000), first_1 = domain(5, 0xaa, 900), second_0 = domain(5, 0xbb, 5000);
	struct xp_profile *p;
	struct fixture f;

	(void)state;
	begin(&f, "");
	fakering_put(&f.fake[0], &first_0);
	fakering_put(&f.fake[0], &second_0);
	fakering_put(&f.fake[1], &first_1);
	pass(&f);
	p = finish(&f);
	assert_int_equal(p->nr_domains, 2);
	assert_int_equal(p->domains[0].uuid[0], 0xaa);
	assert_int_equal(p->domains[0].from, 900);
	assert_int_equal(p->domains[0].to, 4999);
	assert_int_equal(p->domains[1].uuid[0], 0xbb);
	assert_int_equal(p->domains[1].from, 5000);
	assert_int_equal(p->domains[1].to, 0);
	assert_int_equal(p->domains[1].type, XPROF_DOMAIN_PVH);
	assert_int_equal(p->domains[1].vcpus, 2);
	end(&f, p);
}

static void test_drain__lost_and_gaps_reach_the_file(void **state)
{
	struct xprof_lost lost = { .rec = fakering_rec(XPROF_REC_LOST, sizeof(lost)), .first_tsc = 10, .last_tsc = 20, .count = 7 };
	struct xprof_gap gap = { .rec = fakering_rec(XPROF_REC_GAP, sizeof(gap)), .first_tsc = 30, .last_tsc = 40 };
	struct xp_profile *p;
	struct fixture f;

	(void)state;
	begin(&f, "");
	gap.rec.event = XPROF_GAP_LIVEPATCH;
	fakering_put(&f.fake[1], &lost);
	fakering_put(&f.fake[1], &gap);
	pass(&f);
	p = finish(&f);
	assert_int_equal(p->nr_lost, 1);
	assert_int_equal(p->lost[0].cpu, 1);
	assert_int_equal(p->lost[0].count, 7);
	assert_int_equal(p->nr_gaps, 1);
	assert_int_equal(p->gaps[0].reason, XPROF_GAP_LIVEPATCH);
	assert_int_equal(p->gaps[0].last, 40);
	end(&f, p);
}

static void put_mode(struct fakering *fake, uint16_t domid, uint8_t mode)
{
	struct xprof_sample s = fakering_make_sample(1);

	s.rec.domid = domid;
	s.rec.mode = mode;
	fake->header->produced[0]++;
	fakering_put(fake, &s);
}

static void test_drain__modifiers_keep_what_they_say(void **state)
{
	static const struct { const char *modifiers; uint64_t kept; } cases[] = {
		{ "", 7 }, { "x", 3 }, { "k", 2 }, { "u", 2 }, { "ku", 4 }, { "G", 3 }, { "H", 3 }, { "xG", 1 }, { "GH", 6 }, { "uH", 1 },
	};
	static const uint8_t modes[] = { XPROF_MODE_XEN, XPROF_MODE_KERNEL, XPROF_MODE_USER };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f;

		begin(&f, cases[i].modifiers);
		for (int m = 0; m < 3; m++) {
			put_mode(&f.fake[0], 0, modes[m]);
			put_mode(&f.fake[0], 4, modes[m] | XPROF_MODE_HVM);
		}
		put_mode(&f.fake[0], XPROF_DOMID_IDLE, XPROF_MODE_XEN);
		pass(&f);
		assert_int_equal(f.seen, cases[i].kept);
		assert_int_equal(f.drain.nr_delivered, 7);
		assert_int_equal(f.drain.nr_filtered, 7 - cases[i].kept);
		end(&f, finish(&f));
	}
}

/* Each event has its own modifiers; samples of other domains than were asked for are not kept. */
static void test_drain__filters_by_event_and_domain(void **state)
{
	static const struct xp_collect_event events[] = { { "cycles", "u", 10000, 0 }, { "llc-misses", "", 10000, 0 } };
	static const uint16_t domids[] = { 4, 9 };
	const struct xp_collect_config config = { .events = events, .nr_events = 2, .domids = domids, .nr_domids = 2 };
	struct xprof_sample s = fakering_make_sample(1);
	struct fixture f;
	struct xp_err err;

	(void)state;
	begin(&f, "");
	xp_drain_release(&f.drain);
	assert_int_equal(xp_drain_init(&f.drain, f.rings, CPUS, f.w, &f.sink, &config, &err), 0);
	for (uint8_t event = 0; event < 2; event++) {
		for (uint16_t domid = 3; domid < 10; domid++) {
			for (uint8_t mode = 0; mode < 3; mode++) {
				s.rec.event = event;
				s.rec.domid = domid;
				s.rec.mode = mode;
				f.fake[0].header->produced[event]++;
				fakering_put(&f.fake[0], &s);
			}
		}
	}
	pass(&f);
	assert_int_equal(f.drain.nr_delivered, 2 * 7 * 3);
	assert_int_equal(f.seen, 2 * (1 + 3)); /* two domains: user code of the first event, all of the second */
	end(&f, finish(&f));
}

static void test_drain__counters_periods_and_shares_are_told(void **state)
{
	static const struct xp_collect_event events[] = { { "cycles", "", 100000, 1000 }, { "llc-misses", "", 10000, 0 } };
	const struct xp_collect_config config = { .events = events, .nr_events = 2 };
	struct xprof_period period = { .rec = fakering_rec(XPROF_REC_PERIOD, sizeof(period)), .tsc = 70, .period = 40000 };
	struct xprof_gap gap = { .rec = fakering_rec(XPROF_REC_GAP, sizeof(gap)), .first_tsc = 30, .last_tsc = 40 };
	struct xp_collect_figures figures = { 0 };
	struct xprof_op_info info = { 0 };
	struct xp_profile *p;
	struct fixture f;
	struct xp_err err;
	char warnings[1024];

	(void)state;
	begin(&f, "");
	xp_drain_release(&f.drain);
	assert_int_equal(xp_drain_init(&f.drain, f.rings, CPUS, f.w, &f.sink, &config, &err), 0);
	period.rec.event = 1;
	period.rec.mode = XPROF_PERIOD_THROTTLE;
	gap.rec.event = XPROF_GAP_COUNTERS;
	fakering_sample(&f.fake[1], 60);
	fakering_sample(&f.fake[1], 61);
	fakering_put(&f.fake[1], &period);
	fakering_sample(&f.fake[1], 71);
	fakering_put(&f.fake[1], &gap);
	gap.rec.event = XPROF_GAP_VPMU;
	fakering_put(&f.fake[0], &gap);
	for (int i = 0; i < CPUS; i++) {
		f.fake[i].header->active = 1000;
		f.fake[i].header->running[0] = 1000;
		f.fake[i].header->running[1] = 500;
	}
	f.fake[1].header->throttled[0] = 5; /* it has a rate: no matter */
	f.fake[1].header->throttled[1] = 2;
	f.fake[1].header->rearmed = 4;
	pass(&f);
	xp_account_figures(&f.drain, &info, &figures);
	xp_account_check(&f.drain, &figures, warnings, sizeof(warnings));
	assert_string_equal(warnings,
		"llc-misses: NMIs came too densely, so its period was raised 2 times, from 10000 to 40000 at most; the report counts "
		"each sample for what it stands for\n"
		"1 event had a counter for 50.0% to 50.0% of the time, as there are more events than counters: the report scales what it "
		"says of them\n"
		"Xen's vPMU was switched on, and guests had the counters of 1 CPU: nothing was sampled while it was on, and the "
		"report tells for how long\n"
		"another changed the counters 1 times (firmware? S3?): they were set up anew, samples in between are missing\n"
		"counters had overflowed without an NMI 3 times and were armed anew\n");
	assert_int_equal(f.period.cpu, 1);
	assert_int_equal(f.period.period, 40000);
	assert_int_equal(f.seen_before_period, 2); /* told in the order of the ring: what stands for what is known */
	p = finish(&f);
	assert_int_equal(p->nr_periods, 1);
	assert_int_equal(p->periods[0].cpu, 1);
	assert_int_equal(p->periods[0].event, 1);
	assert_int_equal(p->periods[0].period, 40000);
	assert_int_equal(p->periods[0].reason, XPROF_PERIOD_THROTTLE);
	assert_int_equal(p->stats[1].running[1], 500);
	assert_int_equal(p->stats[1].throttled[1], 2);
	end(&f, p);
}

/* ---- one profile after the other -----------------------------------------*/

/* The file at hand ends as finish() ends one; the next begins. Returns the one that ended. */
static struct xp_profile *next_file(struct fixture *f)
{
	static const struct xp_domains_sink no_sink;
	struct xp_profile *p = finish(f);
	struct xp_err err;

	assert_int_equal(xp_writer_open(&f->w, f->path, &err), 0);
	xp_drain_use(&f->drain, f->w);
	xp_domains_forget_written(&f->drain.domains);
	assert_int_equal(xp_domains_write(&f->drain.domains, f->w, &no_sink, false, &err), 0);
	assert_int_equal(xp_drain_write_periods(&f->drain, &err), 0);
	return p;
}

struct sums {
	uint64_t samples, produced, lost, nmis;
};

static void add_file(struct sums *s, struct xp_profile *p)
{
	uint64_t in_file[CPUS] = { 0 }, produced = 0, lost = 0;
	struct xp_err err;

	assert_int_equal(xp_profile_each_block(p, count_block, in_file, &err), 0);
	for (size_t i = 0; i < p->nr_stats; i++) {
		produced += p->stats[i].produced[0];
		lost += p->stats[i].lost[0];
		s->nmis += p->stats[i].nmis;
	}
	/* each file adds up of its own */
	assert_int_equal(produced, in_file[0] + in_file[1] + lost);
	s->samples += in_file[0] + in_file[1];
	s->produced += produced;
	s->lost += lost;
}

/* Xen goes on while a file ends: what is in the rings then is the next file's, and nothing is in two or in none. */
static void test_files__add_up_to_the_session(void **state)
{
	struct xp_collect_figures figures = { 0 };
	struct xprof_op_info info = { .tsc_khz = 1000000 };
	struct xp_profile *p;
	struct sums sums = { 0 };
	struct fixture f;
	char warnings[256];

	(void)state;
	begin(&f, "");
	f.drain.sampling = true;
	for (int file = 0; file < 5; file++) {
		for (int i = 0; i < 3000; i++) /* more than there is room for */
			fakering_sample(&f.fake[0], (uint64_t)i);
		pass(&f);
		for (int i = 0; i < 70; i++) /* these come while the file is being ended */
			fakering_sample(&f.fake[1], (uint64_t)i);
		f.fake[1].header->nmis += 70;
		p = next_file(&f);
		add_file(&sums, p);
		xp_profile_free(p);
	}
	f.drain.sampling = false;
	pass(&f);
	p = finish(&f);
	add_file(&sums, p);
	xp_account_figures(&f.drain, &info, &figures);
	xp_account_check(&f.drain, &figures, warnings, sizeof(warnings));
	assert_string_equal(warnings, "");
	assert_int_equal(sums.produced, 5 * 3070);
	assert_int_equal(sums.samples, figures.delivered);
	assert_int_equal(sums.lost, figures.lost);
	assert_true(sums.lost > 0);
	assert_int_equal(sums.nmis, figures.nmis);
	end(&f, p);
}

/* Domains that were told once, and periods that hold, stand in each file. */
static void test_files__each_has_what_it_needs(void **state)
{
	struct xprof_domain d = domain(5, 0xaa, 1000);
	struct xprof_period period = { .rec = fakering_rec(XPROF_REC_PERIOD, sizeof(period)), .tsc = 1500, .period = 4711 };
	struct xp_profile *first, *second;
	struct fixture f;

	(void)state;
	begin(&f, "");
	f.drain.sampling = true;
	fakering_put(&f.fake[0], &d);
	fakering_put(&f.fake[1], &period);
	pass(&f);
	pass(&f);
	first = next_file(&f);
	second = finish(&f);
	for (int i = 0; i < 2; i++) {
		const struct xp_profile *p = i ? second : first;

		assert_int_equal(p->nr_domains, 1);
		assert_int_equal(p->domains[0].domid, 5);
		assert_int_equal(p->nr_periods, 1);
		assert_int_equal(p->periods[0].cpu, 1);
		assert_int_equal(p->periods[0].period, 4711);
	}
	xp_profile_free(first);
	end(&f, second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files__add_up_to_the_session),
		cmocka_unit_test(test_files__each_has_what_it_needs),
		cmocka_unit_test(test_drain__every_sample_arrives_or_is_counted),
		cmocka_unit_test(test_drain__a_pass_through_a_backlog_can_be_ended),
		cmocka_unit_test(test_drain__what_does_not_add_up_is_told),
		cmocka_unit_test(test_drain__domain_id_is_reused),
		cmocka_unit_test(test_drain__lost_and_gaps_reach_the_file),
		cmocka_unit_test(test_drain__modifiers_keep_what_they_say),
		cmocka_unit_test(test_drain__filters_by_event_and_domain),
		cmocka_unit_test(test_drain__counters_periods_and_shares_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
