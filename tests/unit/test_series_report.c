/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readings of the host's counters in the reports; expected figures are worked out by hand. */
#include "unit/build.h"

#include <stdio.h>

#include "lib/agg/series.h"
#include "lib/report/series.h"

#define TSC0 1000000000u
#define SECOND 1000000u /* ticks: at 1,000 kHz */

struct world {
	struct build b;
	struct xp_profile *p;
	struct xp_agg *a;
	const char *only; /* a domain */
};

static void put(struct world *w, struct xp_series_record r)
{
	assert_int_equal(xp_write_series(w->b.w, &r, &w->b.err), 0);
}

static void put_domain(struct world *w, uint32_t index, uint16_t domid, const char *name)
{
	put(w, (struct xp_series_record){ .tsc = TSC0, .kind = XP_SERIES_DOMAIN,
		.u.domain = { .index = index, .domid = domid, .uuid = { 0xab }, .name = name } });
}

static void put_time(struct world *w, double seconds, uint32_t domain, uint16_t vcpus, uint64_t cpu_ms)
{
	put(w, (struct xp_series_record){ .tsc = TSC0 + (uint64_t)(seconds * SECOND), .kind = XP_SERIES_DOMAIN_TIME,
		.u.time = { domain, vcpus, 0, cpu_ms * 1000000 } });
}

static void put_vcpu(struct world *w, double seconds, uint32_t domain, uint16_t vcpu, uint8_t nr, uint64_t run_ms, uint64_t ready_ms)
{
	struct xp_series_record r = { .tsc = TSC0 + (uint64_t)(seconds * SECOND), .kind = XP_SERIES_VCPU,
		.u.vcpu = { .domain = domain, .vcpu = vcpu, .state = XP_RUNNING, .nr = nr, .cpu = 1 } };

	r.u.vcpu.ns[XP_RUNNING] = run_ms * 1000000;
	r.u.vcpu.ns[XP_RUNNABLE] = ready_ms * 1000000;
	r.u.vcpu.ns[XP_BLOCKED] = 5;
	put(w, r);
}

static void put_pin(struct world *w, uint32_t domain, uint16_t vcpu, const char *cpus)
{
	put(w, (struct xp_series_record){ .tsc = TSC0, .kind = XP_SERIES_PIN, .u.pin = { domain, vcpu, cpus } });
}

static void put_vif(struct world *w, uint32_t index, uint16_t domid, uint16_t backend, const char *why)
{
	put(w, (struct xp_series_record){ .tsc = TSC0, .kind = XP_SERIES_VIF,
		.u.vif = { index, domid, 0, backend, backend ? "" : "vif5.0", why } });
}

static void put_traffic(struct world *w, double seconds, uint64_t sent, uint64_t received, bool acks, uint64_t of_received)
{
	put(w, (struct xp_series_record){ .tsc = TSC0 + (uint64_t)(seconds * SECOND), .kind = XP_SERIES_TRAFFIC,
		.u.traffic = { 0, acks, sent, sent * 1500, received, received * 66, 0, of_received } });
}

/* Ten seconds of Domain-0 (15% of a CPU), web1 with two vCPUs (120% and 30% waiting, 1,000 packets/s), and db1, which ended. */
static void begin(struct world *w)
{
	const struct xp_clock clocks[2] = { { TSC0, 0, 0 }, { TSC0 + 10 * SECOND, 10000000000u, 10000000000u } };

	build_begin(&w->b);
	build_event(&w->b, "timer", 1000000);
	for (int i = 0; i < 2; i++)
		assert_int_equal(xp_write_clock(w->b.w, &clocks[i], &w->b.err), 0);
	put_domain(w, 0, 0, "Domain-0");
	put_domain(w, 1, 5, "");
	put_domain(w, 1, 5, "web1");
	put_domain(w, 2, 6, "db1");
	put_time(w, 0, 0, 1, 500);
	put_time(w, 0, 1, 2, 1000);
	put_time(w, 0, 2, 1, 0);
	put_vcpu(w, 0, 0, 0, 4, 500, 100);
	put_vcpu(w, 0, 1, 0, 4, 400, 50);
	put_vcpu(w, 0, 1, 1, 4, 600, 50);
	put_vcpu(w, 0, 2, 0, 1, 0, 0);
	put_pin(w, 0, 0, "0-3");
	put_pin(w, 1, 0, "1");
	put_pin(w, 1, 1, "2");
	put_vif(w, 0, 5, 0, "");
	put_vif(w, 1, 6, 3, "its backend is domain 3, which does not tell its counters");
	put_traffic(w, 0, 100, 10, true, 7);
	put_time(w, 2, 2, 1, 1000);
	put_vcpu(w, 2, 2, 0, 1, 1000, 0);
	put(w, (struct xp_series_record){ .tsc = TSC0 + 3 * SECOND, .kind = XP_SERIES_GONE, .u.gone = { XP_SERIES_DOMAIN, 2 } });
	put_time(w, 10, 0, 1, 2000);
	put_time(w, 10, 1, 2, 13000);
	put_vcpu(w, 10, 0, 0, 4, 2000, 110);
	put_vcpu(w, 10, 1, 0, 4, 5400, 1050);
	put_vcpu(w, 10, 1, 1, 4, 7600, 2050);
	put_traffic(w, 10, 10100, 5010, true, 4507);
}

static void finish(struct world *w)
{
	struct xp_agg_config config = { .keys = XP_KEY_DOMAIN };

	w->p = build_read(&w->b);
	if (w->only) {
		config.filter.domains = &w->only;
		config.filter.nr_domains = 1;
	}
	assert_int_equal(xp_agg_run(&w->a, w->p, &config, &w->b.err), 0);
}

static void over(struct world *w)
{
	xp_agg_free(w->a);
	xp_profile_free(w->p);
	build_clear(&w->b);
}

static void print_text(FILE *out, void *arg)
{
	struct world *w = arg;
	const struct xp_report_options options = { .columns = 0 };

	assert_int_equal(xp_report_series(out, w->a, &options, &w->b.err), 0);
}

static void print_json(FILE *out, void *arg)
{
	struct world *w = arg;
	struct xp_json j;

	xp_json_init(&j, out);
	xp_json_object(&j, NULL);
	assert_int_equal(xp_report_series_json(&j, w->a, &w->b.err), 0);
	xp_json_end_object(&j);
}

static void expect(struct world *w, void (*fn)(FILE *out, void *arg), const char *expected)
{
	char *text = printed(fn, w);

	assert_string_equal(text, expected);
	free(text);
}

static void test_text__shares_steal_and_rates(void **state)
{
	struct world w = { .only = NULL };

	(void)state;
	begin(&w);
	finish(&w);
	expect(&w, print_text,
	       "#\n"
	       "# over time: 2 readings in 10.0 s, in percent of one CPU; Steal: ready to run, but not running\n"
	       "#\n"
	       "#    CPU  Steal  vCPUs  Pinned to  Sent/s  ACKs/s  Received/s  ACKs/s  Domain\n"
	       "  120.0%  30.0%      2  various     1,000       0         500     450  web1 (5)\n"
	       "   15.0%   0.1%      1  0-3             -       -           -       -  Domain-0 (0)\n"
	       "   50.0%      -      1  -               -       -           -       -  db1 (6), ended\n"
	       "# interface 0 of domain 6 has no counters: its backend is domain 3, which does not tell its counters\n");
	over(&w);
}

static void print_report(FILE *out, void *arg)
{
	struct world *w = arg;
	const struct xp_report_options options = { .columns = 0 };

	assert_int_equal(xp_report_text(out, w->a, &options, &w->b.err), 0);
}

/* Nothing was sampled (counters that guests had, an event that did not come): the readings are there all the same. */
static void test_text__without_samples(void **state)
{
	struct world w = { .only = NULL };
	const char *series;
	char *text;

	(void)state;
	begin(&w);
	finish(&w);
	text = printed(print_report, &w);
	series = strstr(text, "#\n# over time: 2 readings");
	if (!series)
		fail_msg("no readings in: %s", text);
	assert_non_null(strstr(series, "\n  120.0%  30.0%      2  various"));
	assert_null(strstr(text, "Symbol"));
	free(text);
	over(&w);
}

static void test_text__a_filter_by_domain_holds_here_too(void **state)
{
	struct world w = { .only = "Domain-0" };

	(void)state;
	begin(&w);
	put(&w, (struct xp_series_record){ .tsc = 1, .kind = XP_SERIES_SOURCE, .u.source = { XP_SERIES_ACKS, "not\x1b here" } });
	finish(&w);
	expect(&w, print_text,
	       "#\n"
	       "# over time: 2 readings in 10.0 s, in percent of one CPU; Steal: ready to run, but not running\n"
	       "#\n"
	       "#   CPU  Steal  vCPUs  Pinned to  Sent/s  ACKs/s  Received/s  ACKs/s  Domain\n"
	       "  15.0%   0.1%      1  0-3             -       -           -       -  Domain-0 (0)\n"
	       "# acks could not be read: not\\x1b here\n");
	over(&w);
}

static void test_text__no_readings_no_lines(void **state)
{
	struct world w = { .only = NULL };

	(void)state;
	build_begin(&w.b);
	build_event(&w.b, "timer", 1000000);
	finish(&w);
	expect(&w, print_text, "");
	expect(&w, print_json, "{}\n");
	over(&w);
}

static void test_json__differences_and_what_is_absent(void **state)
{
	struct world w = { .only = "web1" };

	(void)state;
	begin(&w);
	put(&w, (struct xp_series_record){ .tsc = 1, .kind = XP_SERIES_SOURCE, .u.source = { XP_SERIES_ACKS, "" } });
	finish(&w);
	expect(&w, print_json,
	       "{\n"
	       "  \"series\": {\n"
	       "    \"absent\": {},\n"
	       "    \"domains\": [\n"
	       "      {\n"
	       "        \"name\": \"web1\",\n"
	       "        \"id\": 5,\n"
	       "        \"uuid\": \"ab000000-0000-0000-0000-000000000000\",\n"
	       "        \"readings\": 2,\n"
	       "        \"duration_ns\": 10000000000,\n"
	       "        \"cpu_ns\": 12000000000,\n"
	       "        \"running_ns\": 12000000000,\n"
	       "        \"runnable_ns\": 3000000000,\n"
	       "        \"blocked_ns\": 0,\n"
	       "        \"offline_ns\": 0,\n"
	       "        \"ended\": false,\n"
	       "        \"vcpus\": [\n"
	       "          {\"id\": 0, \"cpu\": 1, \"affinity\": \"1\", \"running_ns\": 5000000000},\n"
	       "          {\"id\": 1, \"cpu\": 1, \"affinity\": \"2\", \"running_ns\": 7000000000}\n"
	       "        ],\n"
	       "        \"vifs\": [\n"
	       "          {\"devid\": 0, \"backend\": 0, \"name\": \"vif5.0\", \"why\": \"\", \"duration_ns\": 10000000000, "
	       "\"sent\": {\"packets\": 10000, \"bytes\": 15000000, \"acks\": 0}, "
	       "\"received\": {\"packets\": 5000, \"bytes\": 330000, \"acks\": 4500}}\n"
	       "        ]\n"
	       "      }\n"
	       "    ]\n"
	       "  }\n"
	       "}\n");
	over(&w);
}

/* Numbers that are not introduced, come twice, go backwards; vCPUs by the thousand with few records. */
static void test_sum__a_hostile_profile(void **state)
{
	struct world w = { .only = NULL };
	struct xp_series_sum s;

	(void)state;
	begin(&w);
	put_time(&w, 20, 77, 1, 5);
	put_domain(&w, 0, 9, "another");
	put_domain(&w, 7, 9, "later");
	put_domain(&w, 5, 9, "earlier");
	put_time(&w, 20, 5, 1, 5);
	put_time(&w, 20, 1, 2, 0); /* its CPU time went backwards */
	put_vcpu(&w, 20, 7, 60000, 4, 1, 1);
	put_vcpu(&w, 20, 7, 3, 4, 1, 1);
	finish(&w);
	assert_int_equal(xp_series_sum_init(&s, w.p, &w.b.err), 0);
	assert_int_equal(s.nr_domains, 4);
	assert_int_equal(s.domains[3].index, 7);
	assert_int_equal(s.domains[3].nr_vcpus, 4); /* 60,000 were not made for one record */
	assert_int_equal(xp_series_cpu_ns(&s.domains[1]), 0);
	xp_series_sum_release(&s);
	over(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text__shares_steal_and_rates),
		cmocka_unit_test(test_text__without_samples),
		cmocka_unit_test(test_text__a_filter_by_domain_holds_here_too),
		cmocka_unit_test(test_text__no_readings_no_lines),
		cmocka_unit_test(test_json__differences_and_what_is_absent),
		cmocka_unit_test(test_sum__a_hostile_profile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
