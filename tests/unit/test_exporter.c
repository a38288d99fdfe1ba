// SPDX-License-Identifier: GPL-2.0-or-later
/* Metrics of profiles that are built here: sums, ratios, names that try to be more than a name. promtool: tests/consumers/run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/exporter/metrics.h"
#include "unit/build.h"

#define KERNEL 0xffffffff81000100ull

static void take(struct xp_metrics *m, struct build *b)
{
	struct xp_profile *p;
	struct xp_err err;

	build_end(b);
	p = build_read(b);
	assert_int_equal(xp_metrics_take(m, p, &err), 0);
	xp_profile_free(p);
	build_clear(b);
}

static char *text_of(const struct xp_metrics *m)
{
	struct xp_buf b = XP_BUF_INIT;

	xp_metrics_text(m, &b);
	xp_buf_u8(&b, 0);
	assert_true(xp_buf_ok(&b));
	return (char *)b.data;
}

static void one_profile(struct build *b, const char *name, unsigned int samples)
{
	build_begin(b);
	build_event(b, "timer", 1000000);
	build_domain(b, 5, name, 0xaa, 100);
	for (unsigned int i = 0; i < samples; i++)
		build_sample(b, 0, 1000 + i, 5, XPROF_MODE_KERNEL, KERNEL, 0x9000);
}

/* What is served after a profile with so many samples of a domain. */
static char *after(struct xp_metrics *m, const char *domain, unsigned int samples)
{
	struct build b;

	one_profile(&b, domain, samples);
	take(m, &b);
	return text_of(m);
}

static void assert_line(const char *text, const char *line)
{
	char wanted[512];

	snprintf(wanted, sizeof(wanted), "\n%s\n", line);
	if (!strstr(text, wanted))
		fail_msg("no line '%s' in:\n%s", line, text);
}

static void assert_no(const char *text, const char *what)
{
	if (strstr(text, what))
		fail_msg("'%s' is in:\n%s", what, text);
}

static void test_counters__go_up_with_each_profile(void **state)
{
	struct xp_metrics m = { .nr_events = 0 };
	char *text;

	(void)state;
	free(after(&m, "web1", 3));
	text = after(&m, "web1", 4);
	assert_line(text, "xprof_profiles_total 2");
	assert_line(text, "xprof_samples_total{domain=\"web1\",mode=\"kernel\",event=\"timer\"} 7");
	assert_line(text, "xprof_sampled_cpu_seconds_total{domain=\"web1\",mode=\"kernel\"} 0.007000000");
	free(text);
	xp_metrics_release(&m);
}

/* A domain that the newest profile does not have is not shown; when it comes back it goes on where it was. */
static void test_domains__are_those_of_the_newest_profile(void **state)
{
	struct xp_metrics m = { .nr_events = 0 };
	char *text;

	(void)state;
	free(after(&m, "web1", 3));
	text = after(&m, "db1", 2);
	assert_no(text, "web1");
	free(text);
	text = after(&m, "web1", 1);
	assert_line(text, "xprof_samples_total{domain=\"web1\",mode=\"kernel\",event=\"timer\"} 4");
	assert_no(text, "db1");
	free(text);
	xp_metrics_release(&m);
}

/* 30 samples of 1,000 cycles, 15 of 1,000 instructions, 6 of 100 misses: IPC 0.5, 0.04 misses an instruction. */
static void test_ratios__of_the_newest_profile(void **state)
{
	struct xp_metrics m = { .nr_events = 0 };
	struct build b;
	char *text;

	(void)state;
	build_begin(&b);
	build_counter(&b, "cycles", 1000, 0, "");
	build_counter(&b, "instructions", 1000, 0, "");
	build_counter(&b, "llc-misses", 100, 0, "");
	build_domain(&b, 5, "web1", 0xaa, 100);
	for (unsigned int i = 0; i < 30; i++)
		build_sample_of(&b, 0, 0, 1000 + i, 5, XPROF_MODE_KERNEL, KERNEL);
	for (unsigned int i = 0; i < 15; i++)
		build_sample_of(&b, 1, 0, 2000 + i, 5, XPROF_MODE_KERNEL, KERNEL);
	for (unsigned int i = 0; i < 6; i++)
		build_sample_of(&b, 2, 0, 3000 + i, 5, XPROF_MODE_KERNEL, KERNEL);
	take(&m, &b);
	text = text_of(&m);
	assert_line(text, "xprof_domain_instructions_per_cycle{domain=\"web1\"} 0.500000");
	assert_line(text, "xprof_domain_events_per_instruction{domain=\"web1\",event=\"llc-misses\"} 0.040000000");
	assert_line(text, "xprof_events_total{domain=\"web1\",mode=\"kernel\",event=\"cycles\"} 30000");
	assert_no(text, "xprof_sampled_cpu_seconds_total");
	free(text);
	xp_metrics_release(&m);
}

/* A guest that would like to have a metric of its own. */
static void test_names__stay_one_value(void **state)
{
	struct xp_metrics m = { .nr_events = 0 };
	char *text;

	(void)state;
	text = after(&m, "a\"} 1\nxprof_evil{x=\"\\\xff\xe2\x80\xae", 1);
	/* escaped as everywhere (\n, \xNN), and then as the format has it */
	assert_line(text, "xprof_samples_total{domain=\"a\\\"} 1\\\\nxprof_evil{x=\\\"\\\\\\\\\\\\xff\\\\xe2\\\\x80\\\\xae\",mode=\"kernel\",event=\"timer\"} 1");
	assert_no(text, "\nxprof_evil");
	free(text);
	xp_metrics_release(&m);
}

static void test_nothing__yet(void **state)
{
	struct xp_metrics m = { .nr_events = 0 };
	char *text = text_of(&m);

	(void)state;
	assert_line(text, "xprof_profiles_total 0");
	assert_no(text, "xprof_last_profile");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counters__go_up_with_each_profile),
		cmocka_unit_test(test_domains__are_those_of_the_newest_profile),
		cmocka_unit_test(test_ratios__of_the_newest_profile),
		cmocka_unit_test(test_names__stay_one_value),
		cmocka_unit_test(test_nothing__yet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
