/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports, to the byte. */
#include "unit/build.h"

#include <linux/xprof.h>

#include "lib/report/format.h"
#include "lib/report/report.h"
#include "lib/report/table.h"

/* A host with a dom0, a guest whose name is an attack, and a bit of everything that a head says. */
static void build_host(struct build *b)
{
	static const struct xp_symbol xen[] = { { 0x1000, 0x1100, "do_softirq" } };
	static const struct xp_symbol program[] = { { 0, 0x100, "compute" } };
	const struct xp_clock first = { 1000000, 1700000000000000000u, 5000000000u };
	const struct xp_clock last = { 11000000, 1700000010000000000u, 15000000000u };
	const struct xp_cpu_stats stats = {
		.cpu = 0, .nmis = 98, .handler_ticks = 50000, .handler_max = 36, .ticks = 100, .coalesced = 1,
		.produced = { 98 }, .lost = { 2 },
	};
	const struct xp_gap gap = { 0, XPROF_GAP_LIVEPATCH, 2000000, 2012500 }, taken = { 1, XPROF_GAP_VPMU, 5000000, 11000000 };
	uint64_t i;

	build_begin(b);
	assert_int_equal(xp_write_host(b->w, "host.name", "xen01", &b->err), 0);
	assert_int_equal(xp_write_host(b->w, "xen.version", "4.17.5", &b->err), 0);
	assert_int_equal(xp_write_host(b->w, "kernel.release", "6.1.0-37-amd64", &b->err), 0);
	assert_int_equal(xp_write_host(b->w, "host.cpus", "2", &b->err), 0);
	assert_int_equal(xp_write_host(b->w, "tsc.khz", "1000", &b->err), 0);
	assert_int_equal(xp_write_clock(b->w, &first, &b->err), 0);
	assert_int_equal(xp_write_clock(b->w, &last, &b->err), 0);
	build_event(b, "timer", 1003009);
	build_domain(b, 0, "Domain-0", 0, 1);
	build_domain(b, 5, "web\n\033[2J", 5, 1);
	build_task(b, XPROF_TASK_SNAPSHOT, 1, 100, 1, 0xa000, "work\x1b");
	build_image(b, XP_IMAGE_XEN, "xen", xen, 1);
	build_image(b, XP_IMAGE_FILE, "/usr/bin/work", program, 1);
	build_map(b, 0, XP_DOMID_XEN, 0, 0x1000, 0x2000, 0, 0x1000);
	build_map(b, 0, 0, 100, 0x400000, 0x401000, 1, 0);
	assert_int_equal(xp_write_cpu_stats(b->w, &stats, &b->err), 0);
	assert_int_equal(xp_write_gap(b->w, &gap, &b->err), 0);
	assert_int_equal(xp_write_gap(b->w, &taken, &b->err), 0);
	for (i = 0; i < 20; i++)
		build_sample(b, 0, 1000000 + i, XPROF_DOMID_IDLE, 0, 0x1000, 0);
	for (i = 0; i < 50; i++)
		build_sample(b, 0, 2000000 + i, 0, XPROF_MODE_USER, 0x400010, 0xa000);
	for (i = 0; i < 20; i++)
		build_sample(b, 1, 2000000 + i, 5, XPROF_MODE_XEN, 0x1010, 0xc000);
	for (i = 0; i < 9; i++)
		build_sample(b, 1, 3000000 + i, 5, XPROF_MODE_KERNEL | XPROF_MODE_HVM, 0xffffffff81000000u, 0xc000);
	build_sample(b, 1, 4000000, 5, XPROF_MODE_KERNEL | XPROF_MODE_HVM, 0xffffffff81000abcu, 0xc000);
}

struct job {
	struct xp_agg *a;
	struct xp_report_options options;
	struct xp_profile *p;
	bool by_time;
};

static void print_text(FILE *out, void *arg)
{
	struct job *job = arg;
	struct xp_err err;

	assert_int_equal(xp_report_text(out, job->a, &job->options, &err), 0);
}

static void print_json(FILE *out, void *arg)
{
	struct job *job = arg;
	struct xp_err err;

	assert_int_equal(xp_report_json(out, job->a, &err), 0);
}

static void print_dump(FILE *out, void *arg)
{
	struct job *job = arg;
	struct xp_err err;

	assert_int_equal(xp_report_dump(out, job->p, job->by_time, &err), 0);
}

static char *report_text(const char *sort, double limit, unsigned int columns, bool color)
{
	struct xp_agg_config config = { .addresses = true, .process_of_user_only = true, .percent_limit = limit };
	struct job job = { .options = { .percent_limit = limit, .columns = columns, .color = color } };
	struct build b;
	char *text;

	build_host(&b);
	job.p = build_read(&b);
	assert_int_equal(xp_keys_parse(sort, &config.keys, job.options.order, &job.options.nr_order, &b.err), 0);
	assert_int_equal(xp_agg_run(&job.a, job.p, &config, &b.err), 0);
	text = printed(print_text, &job);
	xp_agg_free(job.a);
	xp_profile_free(job.p);
	build_clear(&b);
	return text;
}

static void test_text__the_whole_report(void **state)
{
	char *text = report_text("domain,mode,process,image,symbol", 5, 0, false);

	(void)state;
	assert_string_equal(text,
"# host xen01, Xen 4.17.5, dom0 Linux 6.1.0-37-amd64, 2 CPUs\n"
"# recorded 10.0 s, from 2023-11-14 22:13:20 UTC\n"
"# overhead 0.50% of all CPUs' time in the NMI handler; the longest took 36.0 µs\n"
"# 2 of 100 ticks made no NMI of their own (1 found the ones before still pending)\n"
"# CPU 0 was not sampled for 12.5 ms: a live patch was applied or reverted\n"
"# CPU 1 was not sampled for 6000.0 ms: Xen's vPMU was switched on, and guests had its counters\n"
"#\n"
"# 100 samples of timer (every 1.0 ms on each CPU, source ipi), 2 lost\n"
"# idle 20.00%; of the rest, to which all shares below refer, unresolved 12.50%\n"
"#\n"
"#  Share  Samples     xen  kernel    user  Type  Domain\n"
"  62.50%       50   0.00%   0.00%  62.50%  PV    Domain-0 (0)\n"
"  37.50%       30  25.00%  12.50%   0.00%  PV    web\\n\\x1b[2J (5)\n"
"               20                                [idle]\n"
"#\n"
"# Overhead  Samples  Domain        Mode    Process   Image  Symbol\n"
"    62.50%       50  Domain-0      user    work\\x1b  work   compute\n"
"                 20  [idle]        idle    -         -      [idle]\n"
"    25.00%       20  web\\n\\x1b[2J  xen     -         xen    do_softirq\n"
"    11.25%        9  web\\n\\x1b[2J  kernel  -         -      [unresolved] 0xffffffff81000000\n"
"# 1 rows of less than 5% are not shown, 1.25% in all; --percent-limit 0 shows them\n");
	free(text);
}

static void test_text__is_the_same_twice(void **state)
{
	char *a = report_text("sym,dso", 0, 0, false), *b = report_text("sym,dso", 0, 0, false);

	(void)state;
	assert_string_equal(a, b);
	free(a);
	free(b);
}

static size_t longest_line(const char *text)
{
	size_t longest = 0, len;

	for (; *text; text += len + (text[len] == '\n')) {
		size_t columns, i;

		len = strcspn(text, "\n");
		for (columns = i = 0; i < len; i++)
			columns += ((unsigned char)text[i] & 0xc0) != 0x80;
		if (text[0] != '#' && columns > longest)
			longest = columns;
	}
	return longest;
}

static void test_text__rows_fit_the_terminal(void **state)
{
	unsigned int columns;

	(void)state;
	for (columns = 40; columns < 120; columns += 7) {
		char *text = report_text("domain,vcpu,cpu,mode,pid,image,symbol", 0, columns, false);

		assert_in_range(longest_line(text), 20, columns);
		free(text);
	}
}

static void test_text__colour_only_on_demand(void **state)
{
	char *plain = report_text("symbol", 0, 0, false), *bold = report_text("symbol", 0, 0, true);

	(void)state;
	assert_null(strchr(plain, '\033'));
	assert_non_null(strstr(bold, "\033[1m    62.50%       50  compute\033[0m\n"));
	free(plain);
	free(bold);
}

static void test_text__by_pid_and_cpu(void **state)
{
	char *text = report_text("cpu,pid", 0, 0, false);

	(void)state;
	assert_non_null(strstr(text, "# Overhead  Samples  CPU  Pid:Process\n"
				     "    62.50%       50    0  100:work\\x1b\n"
				     "    37.50%       30    1  -\n"
				     "    [idle]       20    0  -\n"));
	free(text);
}

static void test_json__the_whole_report(void **state)
{
	const struct xp_agg_config config = { .keys = XP_REPORT_JSON_KEYS };
	struct job job = { .a = NULL };
	struct build b;
	char *text;

	(void)state;
	build_host(&b);
	job.p = build_read(&b);
	assert_int_equal(xp_agg_run(&job.a, job.p, &config, &b.err), 0);
	text = printed(print_json, &job);
	assert_string_equal(text,
"{\n"
"  \"schema_version\": 1,\n"
"  \"duration_ns\": 10000000000,\n"
"  \"complete\": true,\n"
"  \"damage\": null,\n"
"  \"events\": [\n"
"    {\"name\": \"timer\", \"period\": 1003009, \"source\": \"ipi\", \"modifiers\": \"\"}\n"
"  ],\n"
"  \"samples\": {\"timer\": 100},\n"
"  \"counts\": {\"timer\": 100300900},\n"
"  \"lost\": {\"timer\": 2},\n"
"  \"unresolved\": {\"timer\": 10},\n"
"  \"domains\": [\n"
"    {\"name\": \"Domain-0\", \"id\": 0, \"uuid\": \"00000000-0000-0000-0000-000000000000\", \"type\": \"pv\", \"samples\": {\"timer\": 50}, \"counts\": {\"timer\": 50150450}},\n"
"    {\"name\": \"web\\n\\u001b[2J\", \"id\": 5, \"uuid\": \"05050505-0505-0505-0505-050505050505\", \"type\": \"pv\", \"samples\": {\"timer\": 30}, \"counts\": {\"timer\": 30090270}}\n"
"  ],\n"
"  \"symbols\": [\n"
"    {\"domain\": \"Domain-0\", \"domain_id\": 0, \"mode\": \"user\", \"image\": \"/usr/bin/work\", \"symbol\": \"compute\", \"samples\": {\"timer\": 50}, \"counts\": {\"timer\": 50150450}},\n"
"    {\"domain\": \"[idle]\", \"domain_id\": 32767, \"mode\": \"idle\", \"image\": null, \"symbol\": null, \"samples\": {\"timer\": 20}, \"counts\": {\"timer\": 20060180}},\n"
"    {\"domain\": \"web\\n\\u001b[2J\", \"domain_id\": 5, \"mode\": \"xen\", \"image\": \"xen\", \"symbol\": \"do_softirq\", \"samples\": {\"timer\": 20}, \"counts\": {\"timer\": 20060180}},\n"
"    {\"domain\": \"web\\n\\u001b[2J\", \"domain_id\": 5, \"mode\": \"kernel\", \"image\": null, \"symbol\": null, \"samples\": {\"timer\": 10}, \"counts\": {\"timer\": 10030090}}\n"
"  ]\n"
"}\n");
	free(text);
	xp_agg_free(job.a);
	xp_profile_free(job.p);
	build_clear(&b);
}

/* Four events, one of them throttled and sharing a counter; two domains, one of which misses. */
static void build_counters(struct build *b)
{
	static const struct xp_symbol symbols[] = { { 0x1000, 0x1100, "walk" }, { 0x1100, 0x1200, "add" } };
	const struct xp_clock clocks[] = { { 1000, 0, 0 }, { 1000000, 0, 10000000000u } };
	const struct xp_cpu_stats stats = {
		.cpu = 0, .nmis = 300, .handler_ticks = 999, .produced = { 100, 100, 50, 50 }, .active = 1000,
		.running = { 1000, 1000, 1000, 500 }, .throttled = { 0, 0, 2 }, .rearmed = 3,
	};
	const struct xp_period throttle = { 0, 2, XPROF_PERIOD_THROTTLE, 1000, 20000 };
	uint64_t i;

	build_begin(b);
	build_counter(b, "cycles", 2000000, 1000, "");
	build_counter(b, "instructions", 1000000, 1000, "");
	build_counter(b, "llc-misses", 10000, 0, "");
	build_counter(b, "dtlb-misses", 10000, 0, "");
	build_domain(b, 0, "Domain-0", 0, 1);
	build_domain(b, 5, "web1", 5, 1);
	build_image(b, XP_IMAGE_KERNEL, "vmlinux", symbols, 2);
	build_map(b, 0, 0, 0, 0x1000, 0x2000, 0, 0x1000);
	build_map(b, 0, 5, 0, 0x1000, 0x2000, 0, 0x1000);
	assert_int_equal(xp_write_clock(b->w, &clocks[0], &b->err), 0);
	assert_int_equal(xp_write_clock(b->w, &clocks[1], &b->err), 0);
	assert_int_equal(xp_write_period(b->w, &throttle, &b->err), 0);
	assert_int_equal(xp_write_cpu_stats(b->w, &stats, &b->err), 0);
	for (i = 0; i < 100; i++) {
		uint16_t domid = i < 50 ? 0 : i < 90 ? 5 : XPROF_DOMID_IDLE;

		build_sample_of(b, 0, 0, 2000 + i, domid, i < 90 ? XPROF_MODE_KERNEL : 0, i < 50 ? 0x1110 : 0x1010);
		build_sample_of(b, 1, 0, 2000 + i, i < 80 ? 0 : 5, XPROF_MODE_KERNEL, i < 80 ? 0x1110 : 0x1010);
		if (i >= 50)
			continue;
		build_sample_of(b, 2, 0, 2000 + i, 5, XPROF_MODE_KERNEL, 0x1010);
		build_sample_of(b, 3, 0, 2000 + i, i ? 0 : 5, XPROF_MODE_KERNEL, i ? 0x1110 : 0x1010);
	}
}

static char *counters_text(const char *sort, unsigned int columns, size_t sort_event)
{
	struct xp_agg_config config = { .addresses = true, .percent_limit = 0.5 };
	struct job job = { .options = { .percent_limit = 0.5, .columns = columns, .sort_event = sort_event } };
	struct build b;
	char *text;

	build_counters(&b);
	job.p = build_read(&b);
	assert_int_equal(xp_keys_parse(sort, &config.keys, job.options.order, &job.options.nr_order, &b.err), 0);
	assert_int_equal(xp_agg_run(&job.a, job.p, &config, &b.err), 0);
	text = printed(print_text, &job);
	xp_agg_free(job.a);
	xp_profile_free(job.p);
	build_clear(&b);
	return text;
}

static void test_text__several_events_have_a_column_each(void **state)
{
	char *text = counters_text("domain,mode,symbol", 80, 0);

	(void)state;
	assert_string_equal(text,
"# host unknown\n"
"# recorded 10.0 s\n"
"# overhead 0.10% of all CPUs' time in the NMI handler\n"
"#\n"
"# Event           Period  Samples  Lost  Scale    Stand for    Idle  Unresolved\n"
"# cycles        1,000 Hz      100     0   1.00  200,000,000  10.00%       0.00%\n"
"# instructions  1,000 Hz      100     0   1.00  100,000,000   0.00%       0.00%\n"
"# llc-misses      10,000       50     0   1.00    1,000,000   0.00%       0.00%\n"
"# dtlb-misses     10,000       50     0   2.00    1,000,000   0.00%       0.00%\n"
"# Scale: events took turns on the counters; what they stand for is for the whole time\n"
"# shares below are of what is not idle, by what samples stand for\n"
"# llc-misses was throttled: NMIs came too densely, so its period was raised 2 times, up to 20,000\n"
"# counters were armed anew 3 times: overflows without an NMI, or changes by another\n"
"#\n"
"# xen, kernel and user are parts of each domain's cycles\n"
"#                          llc-   dtlb-\n"
"# cycles  instructions   misses  misses    xen  kernel   user  Domain\n"
"  55.56%        80.00%    0.00%  98.00%  0.00%  55.56%  0.00%  Domain-0 (0)\n"
"  44.44%        20.00%  100.00%   2.00%  0.00%  44.44%  0.00%  web1 (5)\n"
"#\n"
"# instructions per cycle; per 1,000 instructions:\n"
"#         llc-   dtlb-\n"
"#  IPC  misses  misses  Domain\n"
"  0.80    0.00    12.2  Domain-0 (0)\n"
"  0.25    50.0    1.00  web1 (5)\n"
"  0.56    10.0    10.0  all of them\n"
"#\n"
"#                          llc-   dtlb-\n"
"# cycles  instructions   misses  misses  Domain    Mode    Symbol\n"
"  55.56%        80.00%    0.00%  98.00%  Domain-0  kernel  add\n"
"  44.44%        20.00%  100.00%   2.00%  web1      kernel  walk\n");
	free(text);
}

static void test_text__sorted_by_another_event(void **state)
{
	char *text = counters_text("symbol", 0, 2);

	(void)state;
	assert_non_null(strstr(text, "# xen, kernel and user are parts of each domain's llc-misses\n"));
	assert_non_null(strstr(text, "  44.44%        20.00%  100.00%   2.00%  walk\n"
				     "  55.56%        80.00%    0.00%  98.00%  add\n"));
	free(text);
}

static void test_text__events_that_do_not_fit_are_named(void **state)
{
	char *text = counters_text("domain,mode,process,image,symbol", 60, 3);

	(void)state;
	assert_in_range(longest_line(text), 20, 60);
	assert_non_null(strstr(text, "# 2 more events need a wider terminal (or a pipe, or --json)\n"));
	assert_non_null(strstr(text, "#          dtlb-\n"
				     "# cycles  misses  Domain    Mode    Process  Image    Symbol\n"
				     "  55.56%  98.00%  Domain-0  kernel  -        vmlinux  add\n"));
	free(text);
}

static void test_json__counts_are_what_samples_stand_for(void **state)
{
	const struct xp_agg_config config = { .keys = XP_REPORT_JSON_KEYS };
	struct job job = { .a = NULL };
	struct build b;
	char *text;

	(void)state;
	build_counters(&b);
	job.p = build_read(&b);
	assert_int_equal(xp_agg_run(&job.a, job.p, &config, &b.err), 0);
	text = printed(print_json, &job);
	assert_non_null(strstr(text, "    {\"name\": \"dtlb-misses\", \"period\": 10000, \"source\": \"pmu\", \"modifiers\": \"\", "
				     "\"select\": \"0x76\", \"hz\": null, \"active_ticks\": 1000, \"running_ticks\": 500, \"throttled\": 0}\n"));
	assert_non_null(strstr(text, "  \"samples\": {\"cycles\": 100, \"instructions\": 100, \"llc-misses\": 50, \"dtlb-misses\": 50},\n"
				     "  \"counts\": {\"cycles\": 200000000, \"instructions\": 100000000, \"llc-misses\": 1000000, "
				     "\"dtlb-misses\": 1000000},\n"));
	free(text);
	xp_agg_free(job.a);
	xp_profile_free(job.p);
	build_clear(&b);
}

static void test_dump__one_record_a_line(void **state)
{
	const struct xp_lost lost = { 1, 0, 15, 25, 3 };
	struct job job = { .by_time = true };
	struct build b;
	char *text;

	(void)state;
	build_begin(&b);
	build_event(&b, "timer", 1000);
	build_domain(&b, 5, "we b", 0xab, 10);
	build_task(&b, XPROF_TASK_EXEC, 30, 100, 1, 0xa000, "a\nb");
	assert_int_equal(xp_write_lost(b.w, &lost, &b.err), 0);
	build_sample(&b, 1, 20, 5, XPROF_MODE_KERNEL | XPROF_MODE_HVM | XPROF_MODE_IRQ, 0xffff, 0xa000);
	build_sample(&b, 0, 12, XPROF_DOMID_IDLE, 0, 0x1, 0);
	job.p = build_read(&b);
	text = printed(print_dump, &job);
	assert_string_equal(text,
"event id=0 period=1000 source=ipi modifiers= name=timer\n"
"domain tsc=10 to=0 domid=5 type=0 flags=0 vcpus=1 uuid=abababababababababababababababab name=we b\n"
"sample tsc=12 cpu=0 domid=32767 vcpu=0 mode=idle ip=0x1 cr3=0x0 flags= event=timer\n"
"lost tsc=15 cpu=1 to=25 count=3 event=timer\n"
"sample tsc=20 cpu=1 domid=5 vcpu=0 mode=kernel ip=0xffff cr3=0xa000 flags=hvm,irq event=timer\n"
"task tsc=30 domid=0 type=exec pid=100 tgid=100 ppid=1 cr3=0xa000 comm=a\\nb\n");
	free(text);
	xp_profile_free(job.p);
	build_clear(&b);
}

static void test_text__an_empty_profile_is_no_error(void **state)
{
	struct job job = { .options = { .order = { XP_KEY_SYMBOL }, .nr_order = 1 } };
	const struct xp_agg_config config = { .keys = XP_KEY_SYMBOL };
	struct build b;
	char *text;

	(void)state;
	build_begin(&b);
	job.p = build_read(&b);
	assert_int_equal(xp_agg_run(&job.a, job.p, &config, &b.err), 0);
	text = printed(print_text, &job);
	assert_string_equal(text,
"# host unknown\n"
"# recorded (how long is not known)\n"
"# overhead not known: recording did not end properly\n"
"#\n"
"# 0 samples of event0, 0 lost\n"
"# idle 0.00%; of the rest, to which all shares below refer, unresolved 0.00%\n");
	free(text);
	xp_agg_free(job.a);
	xp_profile_free(job.p);
	build_clear(&b);
}

static void test_format__numbers(void **state)
{
	char text[XP_FORMAT_TEXT];

	(void)state;
	assert_string_equal(xp_format_count(text, 0), "0");
	assert_string_equal(xp_format_count(text, 999), "999");
	assert_string_equal(xp_format_count(text, 1000), "1,000");
	assert_string_equal(xp_format_count(text, UINT64_MAX), "18,446,744,073,709,551,615");
	assert_string_equal(xp_format_duration(text, 999), "999 ns");
	assert_string_equal(xp_format_duration(text, 3600), "3.6 µs");
	assert_string_equal(xp_format_duration(text, 61500000000u), "61.5 s");
	assert_string_equal(xp_format_share(text, 1, 3), "33.33%");
	assert_string_equal(xp_format_share(text, 0, 0), "0.00%");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text__the_whole_report),
		cmocka_unit_test(test_text__is_the_same_twice),
		cmocka_unit_test(test_text__rows_fit_the_terminal),
		cmocka_unit_test(test_text__colour_only_on_demand),
		cmocka_unit_test(test_text__by_pid_and_cpu),
		cmocka_unit_test(test_json__the_whole_report),
		cmocka_unit_test(test_text__several_events_have_a_column_each),
		cmocka_unit_test(test_text__sorted_by_another_event),
		cmocka_unit_test(test_text__events_that_do_not_fit_are_named),
		cmocka_unit_test(test_json__counts_are_what_samples_stand_for),
		cmocka_unit_test(test_dump__one_record_a_line),
		cmocka_unit_test(test_text__an_empty_profile_is_no_error),
		cmocka_unit_test(test_format__numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
