// SPDX-License-Identifier: GPL-2.0-or-later
/* Metrics of profiles that are built here: sums, ratios, names that try to be more than a name. promtool: tests/consumers/run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/exporter/directory.h"
#include "unit/build.h"
#include "unit/folder.h"

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

/* ---- a directory, while it is recorded into ---- */

static void one_sample_more(struct build *b, uint64_t tsc)
{
	build_sample(b, 0, tsc, 5, XPROF_MODE_KERNEL, KERNEL, 0x9000);
}

/* As the recorder does each second: what there is, is in the file. */
static void flush_to(struct build *b, const char *name)
{
	struct xp_err err;

	assert_int_equal(xp_writer_flush(b->w, &err), 0);
	if (access(in_folder(name), F_OK))
		assert_int_equal(link(b->path, in_folder(name)), 0);
}

static void become_whole(const char *part, const char *name)
{
	char from[256];

	snprintf(from, sizeof(from), "%s", in_folder(part));
	assert_int_equal(rename(from, in_folder(name)), 0);
}

static char *look(struct xp_directory *d)
{
	struct xp_err err;

	d->due_ns = 0; /* a second later */
	assert_int_equal(xp_directory_look(d, &err), 0);
	return text_of(&d->now);
}

static void assert_samples(struct xp_directory *d, const char *domain, unsigned int samples, unsigned int profiles)
{
	char *text = look(d), line[256];

	snprintf(line, sizeof(line), "xprof_samples_total{domain=\"%s\",mode=\"kernel\",event=\"timer\"} %u", domain, samples);
	assert_line(text, line);
	snprintf(line, sizeof(line), "xprof_sampled_cpu_seconds_total{domain=\"%s\",mode=\"kernel\"} 0.%03u000000", domain, samples);
	assert_line(text, line);
	snprintf(line, sizeof(line), "xprof_profiles_total %u", profiles);
	assert_line(text, line);
	free(text);
}

#define PART(n) ".xprof-20261128T14154" #n ".000Z.data.part"
#define WHOLE(n) "xprof-20261128T14154" #n ".000Z.data"

/* Two files, the first of which is still getting its names when the second has begun: each sample counts once, at any moment. */
static void test_directory__counts_what_is_being_written(void **state)
{
	struct xp_directory d = { .path = folder(), .dir = open(folder(), O_RDONLY | O_DIRECTORY) };
	struct build first, second;

	(void)state;
	one_profile(&first, "web1", 3);
	flush_to(&first, PART(1));
	assert_samples(&d, "web1", 3, 0);
	one_sample_more(&first, 5000);
	flush_to(&first, PART(1));
	assert_samples(&d, "web1", 4, 0);
	one_profile(&second, "web1", 2);
	flush_to(&second, PART(2));
	assert_samples(&d, "web1", 6, 0);
	build_end(&first);
	become_whole(PART(1), WHOLE(1));
	assert_samples(&d, "web1", 6, 1);
	one_sample_more(&second, 6000);
	flush_to(&second, PART(2));
	assert_samples(&d, "web1", 7, 1);
	build_end(&second);
	become_whole(PART(2), WHOLE(2));
	assert_samples(&d, "web1", 7, 2);
	assert_samples(&d, "web1", 7, 2);
	build_clear(&first);
	build_clear(&second);
	xp_directory_release(&d);
	close(d.dir);
}

/* What is not known before the end waits for it: gauges, and what samples of counters stand for. Domains do not come and go meanwhile. */
static void test_directory__of_a_part_there_are_no_ratios(void **state)
{
	struct xp_directory d = { .path = folder(), .dir = open(folder(), O_RDONLY | O_DIRECTORY) };
	struct build b;
	char *text;

	(void)state;
	one_profile(&b, "db1", 1);
	flush_to(&b, PART(1));
	build_end(&b);
	become_whole(PART(1), WHOLE(1));
	build_clear(&b);
	build_begin(&b);
	build_counter(&b, "cycles", 1000, 0, "");
	build_counter(&b, "instructions", 1000, 0, "");
	build_domain(&b, 5, "web1", 0xaa, 100);
	build_sample_of(&b, 0, 0, 1000, 5, XPROF_MODE_KERNEL, KERNEL);
	build_sample_of(&b, 1, 0, 1001, 5, XPROF_MODE_KERNEL, KERNEL);
	build_sample_of(&b, 1, 0, 1002, 77, XPROF_MODE_KERNEL, KERNEL); /* its name comes later */
	flush_to(&b, PART(2));
	text = look(&d);
	assert_line(text, "xprof_samples_total{domain=\"web1\",mode=\"kernel\",event=\"cycles\"} 1");
	assert_line(text, "xprof_events_total{domain=\"web1\",mode=\"kernel\",event=\"cycles\"} 0");
	assert_line(text, "xprof_samples_total{domain=\"db1\",mode=\"kernel\",event=\"timer\"} 1");
	assert_no(text, "instructions_per_cycle");
	assert_no(text, "\"d77\"");
	free(text);
	build_end(&b);
	become_whole(PART(2), WHOLE(2));
	text = look(&d);
	assert_line(text, "xprof_domain_instructions_per_cycle{domain=\"web1\"} 1.000000");
	assert_line(text, "xprof_events_total{domain=\"web1\",mode=\"kernel\",event=\"cycles\"} 1000");
	assert_no(text, "\"db1\"");
	free(text);
	build_clear(&b);
	xp_directory_release(&d);
	close(d.dir);
}

/* A file that has not even its header yet, or is no profile: the others count. */
static void test_directory__a_part_that_is_none(void **state)
{
	struct xp_directory d = { .path = folder(), .dir = open(folder(), O_RDONLY | O_DIRECTORY) };
	struct build b;

	(void)state;
	close(creat(in_folder(PART(0)), 0600));
	one_profile(&b, "web1", 3);
	flush_to(&b, PART(1));
	close(creat(in_folder(PART(2)), 0600));
	assert_int_equal(truncate(in_folder(PART(2)), 100), 0);
	assert_samples(&d, "web1", 3, 0);
	build_end(&b);
	build_clear(&b);
	xp_directory_release(&d);
	close(d.dir);
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
		cmocka_unit_test_setup_teardown(test_directory__counts_what_is_being_written, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_directory__of_a_part_there_are_no_ratios, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_directory__a_part_that_is_none, folder_make, folder_remove),
		cmocka_unit_test(test_nothing__yet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
