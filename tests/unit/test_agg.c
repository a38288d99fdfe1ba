/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counting: whose sample it was, at that time, and what it is called. */
#include "unit/build.h"

#include <linux/xprof.h>

#include "lib/agg/agg.h"

#define ALL_KEYS (XP_KEY_DOMAIN | XP_KEY_MODE | XP_KEY_PROCESS | XP_KEY_IMAGE | XP_KEY_SYMBOL)

static struct xp_agg *aggregate(struct xp_profile *p, const struct xp_agg_config *config)
{
	struct xp_agg *a;
	struct xp_err err = { "" };

	if (xp_agg_run(&a, p, config, &err))
		fail_msg("%s", err.text);
	xp_agg_sort(a, 0, 0);
	return a;
}

/* Rows as "domain mode process image symbol count; …", in order. */
static void print_rows(FILE *out, void *arg)
{
	const struct xp_agg *a = arg;
	size_t i;

	for (i = 0; i < a->nr_rows; i++) {
		const struct xp_row *r = &a->rows[i];

		fprintf(out, "%s%s %s %s %s ", i ? "; " : "", r->domain == XP_NONE ? "-" : a->domains[r->domain].name,
			r->mode == XP_NONE ? "-" : xp_mode_names[r->mode], r->comm ? r->comm : "-",
			r->image ? r->image->name : "-");
		if (r->symbol)
			fputs(r->symbol->name, out);
		else if (r->has_address)
			fprintf(out, "%#llx", (unsigned long long)r->address);
		else
			fputc('-', out);
		fprintf(out, " %llu", (unsigned long long)r->counts[0]);
	}
}

static void assert_rows_with(struct build *b, const struct xp_agg_config *config, const char *expected)
{
	struct xp_profile *p = build_read(b);
	struct xp_agg *a = aggregate(p, config);
	char *rows = printed(print_rows, a);

	assert_string_equal(rows, expected);
	free(rows);
	xp_agg_free(a);
	xp_profile_free(p);
	build_clear(b);
}

static void assert_rows(struct build *b, const char *expected)
{
	const struct xp_agg_config config = { .keys = ALL_KEYS, .addresses = true };

	assert_rows_with(b, &config, expected);
}

/* ---- addresses ---- */

static void test_symbol__ends_at_its_end(void **state)
{
	static const struct xp_symbol symbols[] = { { 0x1000, 0x1010, "a" }, { 0x1020, 0x1030, "b" } };
	struct build b;

	(void)state;
	build_begin(&b);
	build_image(&b, XP_IMAGE_XEN, "xen", symbols, 2);
	build_map(&b, 0, XP_DOMID_XEN, 0, 0x1000, 0x2000, 0, 0x1000);
	build_domain(&b, 0, "Domain-0", 0, 1);
	build_sample(&b, 0, 10, 0, XPROF_MODE_XEN, 0x1000, 0);
	build_sample(&b, 0, 11, 0, XPROF_MODE_XEN, 0x100f, 0);
	build_sample(&b, 0, 12, 0, XPROF_MODE_XEN, 0x1010, 0); /* between the two */
	build_sample(&b, 0, 13, 0, XPROF_MODE_XEN, 0x102f, 0);
	build_sample(&b, 0, 14, 0, XPROF_MODE_XEN, 0x1030, 0); /* behind the last */
	build_sample(&b, 0, 15, 0, XPROF_MODE_XEN, 0x0fff, 0); /* not even in the image */
	assert_rows(&b, "Domain-0 xen - xen a 2; Domain-0 xen - - 0xfff 1; Domain-0 xen - xen b 1; "
		    "Domain-0 xen - xen 0x1010 1; Domain-0 xen - xen 0x1030 1");
}

static void test_map__address_in_the_image_is_shifted(void **state)
{
	static const struct xp_symbol symbols[] = { { 0x400, 0x500, "f" } };
	struct build b;

	(void)state;
	build_begin(&b);
	build_domain(&b, 0, "Domain-0", 0, 1);
	build_image(&b, XP_IMAGE_MODULE, "xen_netback", symbols, 1);
	build_map(&b, 0, 0, 0, 0xffffffffc0100000u, 0xffffffffc0101000u, 0, 0x200);
	build_sample(&b, 0, 10, 0, XPROF_MODE_KERNEL, 0xffffffffc0100200u, 0);
	build_sample(&b, 0, 10, 0, XPROF_MODE_KERNEL, 0xffffffffc01001ffu, 0);
	build_sample(&b, 0, 10, 0, XPROF_MODE_KERNEL, 0xffffffffc0101000u, 0);
	assert_rows(&b, "Domain-0 kernel - - 0xffffffffc0101000 1; Domain-0 kernel - xen_netback f 1; "
		    "Domain-0 kernel - xen_netback 0x3ff 1");
}

static void test_map__the_newest_at_the_time_wins_and_late_ones_serve_before(void **state)
{
	static const struct xp_symbol one[] = { { 0, 0x1000, "one" } }, two[] = { { 0, 0x1000, "two" } };
	struct build b;

	(void)state;
	build_begin(&b);
	build_domain(&b, 0, "Domain-0", 0, 1);
	build_image(&b, XP_IMAGE_MODULE, "m1", one, 1);
	build_image(&b, XP_IMAGE_MODULE, "m2", two, 1);
	build_map(&b, 100, 0, 0, 0x10000, 0x11000, 0, 0);
	build_map(&b, 200, 0, 0, 0x10800, 0x11000, 1, 0);
	build_sample(&b, 0, 50, 0, XPROF_MODE_KERNEL, 0x10900, 0);  /* before any: the first */
	build_sample(&b, 0, 150, 0, XPROF_MODE_KERNEL, 0x10900, 0);
	build_sample(&b, 0, 250, 0, XPROF_MODE_KERNEL, 0x10900, 0); /* covered by the second */
	build_sample(&b, 0, 250, 0, XPROF_MODE_KERNEL, 0x10100, 0); /* not covered */
	assert_rows(&b, "Domain-0 kernel - m1 one 3; Domain-0 kernel - m2 two 1");
}

/* ---- domains ---- */

static void test_domain__an_id_used_again_goes_to_the_right_one(void **state)
{
	struct build b;
	uint64_t tsc;

	(void)state;
	build_begin(&b);
	build_domain(&b, 7, "first", 1, 1000);
	build_domain(&b, 7, "second", 2, 2000);
	for (tsc = 900; tsc < 2500; tsc += 100) /* one block, so the change is inside it */
		build_sample(&b, 0, tsc, 7, XPROF_MODE_KERNEL, 0x500, 0);
	assert_rows(&b, "first kernel - - 0x500 11; second kernel - - 0x500 5");
}

static void test_domain__written_twice_is_one_and_an_unknown_one_gets_its_number(void **state)
{
	struct build b;

	(void)state;
	build_begin(&b);
	build_domain(&b, 7, "", 1, 1000);
	build_domain(&b, 7, "web1", 1, 2000); /* the same UUID: the name was learnt later */
	build_sample(&b, 0, 1500, 7, XPROF_MODE_KERNEL, 0x500, 0);
	build_sample(&b, 0, 2500, 7, XPROF_MODE_KERNEL, 0x500, 0);
	build_sample(&b, 0, 2600, 9, XPROF_MODE_KERNEL, 0x500, 0);
	assert_rows(&b, "web1 kernel - - 0x500 2; d9 kernel - - 0x500 1");
}

static void test_idle__is_one_row(void **state)
{
	struct build b;

	(void)state;
	build_begin(&b);
	build_sample(&b, 0, 10, XPROF_DOMID_IDLE, 0, 0x1, 0);
	build_sample(&b, 1, 11, XPROF_DOMID_IDLE, 0, 0x2, 0);
	assert_rows(&b, "[idle] idle - - - 2");
}

/* ---- processes ---- */

static void test_cr3__belongs_to_whoever_has_it_at_the_time(void **state)
{
	struct build b;

	(void)state;
	build_begin(&b);
	build_domain(&b, 0, "Domain-0", 0, 1);
	build_task(&b, XPROF_TASK_SNAPSHOT, 100, 10, 1, 0xa000, "old");
	build_task(&b, XPROF_TASK_EXIT, 200, 10, 1, 0xa000, "old");
	build_task(&b, XPROF_TASK_FORK, 300, 11, 1, 0xa000, "new");     /* the same page table, used again */
	build_task(&b, XPROF_TASK_EXIT, 400, 11, 1, 0xa000, "new");
	build_sample(&b, 0, 50, 0, XPROF_MODE_USER, 0x1, 0xa000);       /* before the first record: named backwards */
	build_sample(&b, 0, 150, 0, XPROF_MODE_USER, 0x1, 0xa000);
	build_sample(&b, 0, 250, 0, XPROF_MODE_USER, 0x1, 0xa000);      /* nobody's: the next one's, before its record */
	build_sample(&b, 0, 350, 0, XPROF_MODE_USER, 0x1, 0xa000);
	build_sample(&b, 0, 450, 0, XPROF_MODE_USER, 0x1, 0xa000);      /* nobody's any more */
	build_sample(&b, 0, 150, 0, XPROF_MODE_USER, 0x1, 0xb000);      /* never anybody's */
	assert_rows(&b, "Domain-0 user - - 0x1 2; Domain-0 user new - 0x1 2; Domain-0 user old - 0x1 2");
}

static void test_exec__new_program_new_maps(void **state)
{
	static const struct xp_symbol sh[] = { { 0, 0x1000, "sh_main" } }, ls[] = { { 0, 0x1000, "ls_main" } };
	const uint64_t second = 1000000; /* ticks: a clock of 1 MHz */
	struct build b;

	(void)state;
	build_begin(&b);
	assert_int_equal(xp_write_host(b.w, "tsc.khz", "1000", &b.err), 0);
	build_domain(&b, 0, "Domain-0", 0, 1);
	build_image(&b, XP_IMAGE_FILE, "/bin/sh", sh, 1);
	build_image(&b, XP_IMAGE_FILE, "/bin/ls", ls, 1);
	build_task(&b, XPROF_TASK_SNAPSHOT, 1, 10, 1, 0xa000, "sh");
	build_map(&b, 0, 0, 10, 0x400000, 0x401000, 0, 0);
	build_map(&b, 0, 0, 10, 0x500000, 0x501000, 0, 0);
	build_task(&b, XPROF_TASK_EXEC, 2 * second, 10, 1, 0xb000, "ls");
	build_map(&b, 2 * second - 1000, 0, 10, 0x400000, 0x401000, 1, 0); /* mapped a moment before the record */
	build_sample(&b, 0, second, 0, XPROF_MODE_USER, 0x400010, 0xa000);
	build_sample(&b, 0, 2 * second - 500, 0, XPROF_MODE_USER, 0x400010, 0xb000); /* runs before its record */
	build_sample(&b, 0, 3 * second, 0, XPROF_MODE_USER, 0x400010, 0xb000);
	build_sample(&b, 0, 3 * second, 0, XPROF_MODE_USER, 0x500010, 0xb000);  /* the old program's map has gone */
	build_sample(&b, 0, 3 * second, 0, XPROF_MODE_USER, 0x400010, 0xa000);  /* so has its page table */
	assert_rows(&b, "Domain-0 user ls /bin/ls ls_main 2; Domain-0 user - - 0x400010 1; Domain-0 user ls - 0x500010 1; "
		    "Domain-0 user sh /bin/sh sh_main 1");
}

static void test_fork__child_has_its_parents_maps(void **state)
{
	static const struct xp_symbol sh[] = { { 0, 0x1000, "sh_main" } };
	struct build b;

	(void)state;
	build_begin(&b);
	build_domain(&b, 0, "Domain-0", 0, 1);
	build_image(&b, XP_IMAGE_FILE, "/bin/sh", sh, 1);
	build_task(&b, XPROF_TASK_SNAPSHOT, 1, 10, 1, 0xa000, "sh");
	build_map(&b, 0, 0, 10, 0x400000, 0x401000, 0, 0);
	build_task(&b, XPROF_TASK_FORK, 100, 11, 10, 0xb000, "sh");
	build_task(&b, XPROF_TASK_FORK, 200, 12, 11, 0xc000, "sh"); /* and a grandchild */
	build_sample(&b, 0, 150, 0, XPROF_MODE_USER, 0x400010, 0xb000);
	build_sample(&b, 0, 250, 0, XPROF_MODE_USER, 0x400010, 0xc000);
	assert_rows(&b, "Domain-0 user sh /bin/sh sh_main 2");
}

static void test_vfork__the_parent_has_its_address_space_back(void **state)
{
	struct build b;

	(void)state;
	build_begin(&b);
	build_domain(&b, 0, "Domain-0", 0, 1);
	build_task(&b, XPROF_TASK_SNAPSHOT, 1, 10, 1, 0xa000, "parent");
	build_task(&b, XPROF_TASK_FORK, 100, 11, 10, 0xa000, "child"); /* borrows the page table */
	build_task(&b, XPROF_TASK_EXEC, 200, 11, 10, 0xb000, "ls");
	build_sample(&b, 0, 50, 0, XPROF_MODE_USER, 0x1, 0xa000);
	build_sample(&b, 0, 150, 0, XPROF_MODE_USER, 0x1, 0xa000);
	build_sample(&b, 0, 250, 0, XPROF_MODE_USER, 0x1, 0xa000);
	build_sample(&b, 0, 250, 0, XPROF_MODE_USER, 0x1, 0xb000);
	assert_rows(&b, "Domain-0 user parent - 0x1 2; Domain-0 user child - 0x1 1; Domain-0 user ls - 0x1 1");
}

static void test_hvm__cr3_of_a_pair_of_page_tables_is_folded(void **state)
{
	struct build b;

	(void)state;
	build_begin(&b);
	build_domain(&b, 0, "Domain-0", 0, 1);
	build_task(&b, XPROF_TASK_SNAPSHOT, 1, 10, 1, 0xa000, "sh");
	build_sample(&b, 0, 50, 0, XPROF_MODE_USER | XPROF_MODE_HVM, 0x1, 0xb000);
	build_sample(&b, 0, 50, 0, XPROF_MODE_USER, 0x1, 0xb000); /* PV has no such pairs */
	assert_rows(&b, "Domain-0 user - - 0x1 1; Domain-0 user sh - 0x1 1");
}

static void test_process__of_kernel_code_only_when_asked(void **state)
{
	const struct xp_agg_config config = { .keys = ALL_KEYS, .addresses = true, .process_of_user_only = true };
	struct build b;

	(void)state;
	build_begin(&b);
	build_domain(&b, 0, "Domain-0", 0, 1);
	build_task(&b, XPROF_TASK_SNAPSHOT, 1, 10, 1, 0xa000, "sh");
	build_sample(&b, 0, 50, 0, XPROF_MODE_USER, 0x1, 0xa000);
	build_sample(&b, 0, 50, 0, XPROF_MODE_KERNEL, 0x2, 0xa000);
	assert_rows_with(&b, &config, "Domain-0 kernel - - 0x2 1; Domain-0 user sh - 0x1 1");
}

/* ---- keys and filters ---- */

static void test_keys__perfs_names_are_aliases(void **state)
{
	enum xp_key order[XP_NR_KEYS];
	struct xp_err err;
	unsigned int keys;
	size_t nr;

	(void)state;
	assert_int_equal(xp_keys_parse("sym,dso,comm,cpu,sym", &keys, order, &nr, &err), 0);
	assert_int_equal(nr, 4);
	assert_int_equal(order[0], XP_KEY_SYMBOL);
	assert_int_equal(keys, XP_KEY_SYMBOL | XP_KEY_IMAGE | XP_KEY_PROCESS | XP_KEY_CPU);
	assert_int_equal(xp_keys_parse("symbol,colour", &keys, order, &nr, &err), XP_E_USAGE);
	assert_string_equal(err.text, "'colour' is no sort key; there are: domain, vcpu, pcpu (cpu), mode, process (comm), "
			    "pid, image (dso), symbol (sym), line (srcline)");
	assert_int_equal(xp_keys_parse("", &keys, order, &nr, &err), XP_E_USAGE);
	assert_int_equal(xp_keys_parse("sym,", &keys, order, &nr, &err), XP_E_USAGE);
}

/* Two domains on two CPUs, from tick 1000 to 2000 (a second), one sample each 100 ticks. */
static void build_filtered(struct build *b)
{
	const struct xp_clock first = { 1000, 1, 1 }, last = { 2000, 1000000001, 1000000001 };
	uint64_t tsc;

	build_begin(b);
	assert_int_equal(xp_write_clock(b->w, &first, &b->err), 0);
	assert_int_equal(xp_write_clock(b->w, &last, &b->err), 0);
	build_domain(b, 0, "Domain-0", 0, 1);
	build_domain(b, 5, "web1", 5, 1);
	for (tsc = 1000; tsc < 2000; tsc += 100) {
		build_sample(b, 0, tsc, 0, XPROF_MODE_KERNEL, 0x1, 0);
		build_sample(b, 1, tsc, 5, XPROF_MODE_USER, 0x2, 0);
	}
}

static void assert_filtered(const struct xp_filter *filter, const char *expected)
{
	const struct xp_agg_config config = { .keys = ALL_KEYS, .addresses = true, .filter = *filter };
	struct build b;

	build_filtered(&b);
	assert_rows_with(&b, &config, expected);
}

static void test_filter__domain_cpu_mode_time(void **state)
{
	const char *name[] = { "web1" }, *id[] = { "0" }, *none[] = { "7", "web" };

	(void)state;
	assert_filtered(&(struct xp_filter){ .domains = name, .nr_domains = 1 }, "web1 user - - 0x2 10");
	assert_filtered(&(struct xp_filter){ .domains = id, .nr_domains = 1 }, "Domain-0 kernel - - 0x1 10");
	assert_filtered(&(struct xp_filter){ .domains = none, .nr_domains = 2 }, "");
	assert_filtered(&(struct xp_filter){ .cpus = "1-3" }, "web1 user - - 0x2 10");
	assert_filtered(&(struct xp_filter){ .cpus = "0,7" }, "Domain-0 kernel - - 0x1 10");
	assert_filtered(&(struct xp_filter){ .modes = 1 << XP_MODE_USER }, "web1 user - - 0x2 10");
	assert_filtered(&(struct xp_filter){ .time = "10%-30%" }, "Domain-0 kernel - - 0x1 2; web1 user - - 0x2 2");
	assert_filtered(&(struct xp_filter){ .time = "0.5-" }, "Domain-0 kernel - - 0x1 5; web1 user - - 0x2 5");
	assert_filtered(&(struct xp_filter){ .time = "-0.25" }, "Domain-0 kernel - - 0x1 3; web1 user - - 0x2 3");
	assert_filtered(&(struct xp_filter){ .time = "0%-100%" }, "Domain-0 kernel - - 0x1 10; web1 user - - 0x2 10");
}

static void assert_refused(const struct xp_filter *filter, const char *expected)
{
	const struct xp_agg_config config = { .keys = ALL_KEYS, .filter = *filter };
	struct xp_profile *p;
	struct xp_agg *a;
	struct build b;

	build_filtered(&b);
	p = build_read(&b);
	assert_int_equal(xp_agg_run(&a, p, &config, &b.err), XP_E_USAGE);
	assert_string_equal(b.err.text, expected);
	assert_null(a);
	xp_profile_free(p);
	build_clear(&b);
}

static void test_filter__nonsense_is_refused(void **state)
{
	static const char *const cpus[] = { "", "3-1", "a", "1,", "1-", "70000", "1 2" };
	static const char *const times[] = { "", "-", "10", "20%-10%", "a-b", "1-2-3", "101%-" };
	char text[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cpus) / sizeof(*cpus); i++) {
		snprintf(text, sizeof(text), "'%s' is no list of CPUs; write it like 0-3,7", cpus[i]);
		assert_refused(&(struct xp_filter){ .cpus = cpus[i] }, text);
	}
	for (i = 0; i < sizeof(times) / sizeof(*times); i++) {
		snprintf(text, sizeof(text), strcmp(times[i], "20%-10%")
			 ? "'%s' is no range of time; write it like 10%%-20%% or, in seconds, 1.5-3"
			 : "'%s' ends before it begins", times[i]);
		assert_refused(&(struct xp_filter){ .time = times[i] }, text);
	}
}

static void test_count__sums_agree_whatever_the_keys(void **state)
{
	struct xp_profile *p;
	struct build b;
	uint64_t i;

	(void)state;
	random_begin();
	build_begin(&b);
	for (i = 0; i < 3; i++)
		build_domain(&b, (uint16_t)i, "d", (uint8_t)i, 1000 * i);
	for (i = 0; i < 20000; i++)
		build_sample(&b, (uint32_t)random_below(3), i, (uint16_t)random_below(5), (uint8_t)random_below(8),
			     random_below(500), random_below(4));
	p = build_read(&b);
	for (i = 0; i < 256; i++) {
		const struct xp_agg_config config = { .keys = (unsigned int)i, .addresses = i % 3 };
		struct xp_agg *a = aggregate(p, &config);
		uint64_t rows = 0, domains = 0;
		size_t r, m;

		for (r = 0; r < a->nr_rows; r++)
			rows += a->rows[r].counts[0];
		for (r = 0; r < a->nr_domains; r++)
			for (m = 0; m < XP_NR_MODES; m++)
				domains += a->domains[r].modes[m].of[0];
		assert_int_equal(rows, 20000);
		assert_int_equal(domains, 20000);
		assert_int_equal(a->samples.of[0], 20000);
		assert_int_equal(a->unresolved.of[0], 20000);
		xp_agg_free(a);
	}
	xp_profile_free(p);
	build_clear(&b);
}

/* ---- what samples stand for ---- */

static void put_period(struct build *b, uint32_t cpu, uint8_t event, uint64_t tsc, uint64_t period)
{
	const struct xp_period p = { cpu, event, XPROF_PERIOD_RATE, tsc, period };

	assert_int_equal(xp_write_period(b->w, &p, &b->err), 0);
}

/* Two events; of the second the period changes on CPU 0, and on CPU 1 it had a counter a quarter of the time. */
static void build_counters(struct build *b)
{
	const struct xp_cpu_stats stats[] = {
		{ .cpu = 0, .active = 1000, .running = { 1000, 1000 } },
		{ .cpu = 1, .active = 1000, .running = { 1000, 250 } },
	};
	static const uint64_t times[] = { 10, 50, 69, 70 };
	size_t i;

	build_begin(b);
	build_counter(b, "cycles", 1000, 0, "");
	build_counter(b, "llc-misses", 100, 1000, "");
	build_domain(b, 0, "Domain-0", 0, 1);
	build_domain(b, 5, "web1", 5, 1);
	put_period(b, 0, 1, 70, 400);
	put_period(b, 0, 1, 50, 200);
	put_period(b, 0, 0, 65, 1000); /* no change */
	for (i = 0; i < 4; i++) {
		build_sample_of(b, 0, 0, times[i], 0, XPROF_MODE_KERNEL, 0x1000);
		build_sample_of(b, 1, 0, times[i], i == 3 ? 5 : 0, XPROF_MODE_KERNEL, 0x1000);
	}
	build_sample_of(b, 1, 1, 80, 0, XPROF_MODE_KERNEL, 0x2000);
	for (i = 0; i < 2; i++)
		assert_int_equal(xp_write_cpu_stats(b->w, &stats[i], &b->err), 0);
}

static void test_weights__period_of_the_time_and_scaled_by_running(void **state)
{
	const struct xp_agg_config config = { .keys = XP_KEY_DOMAIN };
	struct xp_profile *p;
	struct xp_agg *a;
	struct build b;

	(void)state;
	build_counters(&b);
	p = build_read(&b);
	a = aggregate(p, &config);
	assert_int_equal(a->samples.of[0], 4);
	assert_int_equal(a->weights.of[0], 4000);
	assert_int_equal(a->samples.of[1], 5);
	assert_int_equal(a->weights.of[1], 100 + 200 + 200 + 400 + 4 * 100);
	assert_int_equal(a->unresolved_weights.of[1], 1300);
	assert_int_equal(a->nr_rows, 2);
	assert_int_equal(a->rows[0].weights[1], 900); /* Domain-0, most cycles */
	assert_int_equal(a->rows[1].counts[1], 1);
	assert_int_equal(a->rows[1].weights[1], 400);
	assert_int_equal(a->domains[a->rows[1].domain].weights[XP_MODE_KERNEL].of[1], 400);
	assert_int_equal(xp_agg_sort(a, 1, 31), 1); /* web1: 30.8% of the misses, no cycles */
	assert_int_equal(xp_agg_sort(a, 1, 30.7), 2);
	xp_agg_free(a);
	xp_profile_free(p);
	build_clear(&b);
}

/* The first 60 ticks only: what comes later counts neither as a sample nor as a period. */
static void test_weights__with_a_filter_of_time(void **state)
{
	const struct xp_agg_config config = { .keys = XP_KEY_DOMAIN, .filter = { .time = "-60%", .cpus = "0" } };
	const struct xp_clock clocks[] = { { 0, 0, 0 }, { 100, 100, 100 } };
	struct xp_profile *p;
	struct xp_agg *a;
	struct build b;

	(void)state;
	build_counters(&b);
	assert_int_equal(xp_write_clock(b.w, &clocks[0], &b.err), 0);
	assert_int_equal(xp_write_clock(b.w, &clocks[1], &b.err), 0);
	p = build_read(&b);
	a = aggregate(p, &config);
	assert_int_equal(a->samples.of[1], 2);
	assert_int_equal(a->weights.of[1], 300);
	xp_agg_free(a);
	xp_profile_free(p);
	build_clear(&b);
}

/* Against the definition, sample by sample, whatever the periods do. */
static void test_weights__random_periods(void **state)
{
	enum { CPUS = 3, EVENTS = 3, SAMPLES = 20000, CHANGES = 40 };
	static const struct xp_agg_config config = { .keys = XP_KEY_MODE };
	struct xp_period changes[CPUS][EVENTS][CHANGES];
	uint64_t expected[EVENTS] = { 0 }, i, tsc = 0;
	struct xp_profile *p;
	struct xp_agg *a;
	struct build b;

	(void)state;
	random_begin();
	build_begin(&b);
	for (i = 0; i < EVENTS; i++)
		build_counter(&b, i ? i == 1 ? "b" : "c" : "a", 1000 * (i + 1), 0, "");
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		for (uint8_t e = 0; e < EVENTS; e++) {
			for (i = 0, tsc = 0; i < CHANGES; i++) {
				tsc += 1 + random_below(SAMPLES / CHANGES);
				changes[cpu][e][i] = (struct xp_period){ cpu, e, XPROF_PERIOD_RATE, tsc, 1 + random_below(100000) };
				assert_int_equal(xp_write_period(b.w, &changes[cpu][e][i], &b.err), 0);
			}
		}
	}
	for (tsc = 0; tsc < SAMPLES; tsc++) {
		uint32_t cpu = (uint32_t)random_below(CPUS);
		uint8_t e = (uint8_t)random_below(EVENTS);
		uint64_t period = 1000u * (e + 1u);

		for (i = 0; i < CHANGES && changes[cpu][e][i].tsc <= tsc; i++)
			period = changes[cpu][e][i].period;
		expected[e] += period;
		build_sample_of(&b, e, cpu, tsc, 0, XPROF_MODE_KERNEL, random_below(50));
	}
	p = build_read(&b);
	a = aggregate(p, &config);
	for (i = 0; i < EVENTS; i++) {
		assert_int_equal(a->weights.of[i], expected[i]);
		assert_int_equal(a->rows[0].weights[i], expected[i]);
	}
	xp_agg_free(a);
	xp_profile_free(p);
	build_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbol__ends_at_its_end),
		cmocka_unit_test(test_map__address_in_the_image_is_shifted),
		cmocka_unit_test(test_map__the_newest_at_the_time_wins_and_late_ones_serve_before),
		cmocka_unit_test(test_domain__an_id_used_again_goes_to_the_right_one),
		cmocka_unit_test(test_domain__written_twice_is_one_and_an_unknown_one_gets_its_number),
		cmocka_unit_test(test_idle__is_one_row),
		cmocka_unit_test(test_cr3__belongs_to_whoever_has_it_at_the_time),
		cmocka_unit_test(test_exec__new_program_new_maps),
		cmocka_unit_test(test_fork__child_has_its_parents_maps),
		cmocka_unit_test(test_vfork__the_parent_has_its_address_space_back),
		cmocka_unit_test(test_hvm__cr3_of_a_pair_of_page_tables_is_folded),
		cmocka_unit_test(test_process__of_kernel_code_only_when_asked),
		cmocka_unit_test(test_keys__perfs_names_are_aliases),
		cmocka_unit_test(test_filter__domain_cpu_mode_time),
		cmocka_unit_test(test_filter__nonsense_is_refused),
		cmocka_unit_test(test_count__sums_agree_whatever_the_keys),
		cmocka_unit_test(test_weights__period_of_the_time_and_scaled_by_running),
		cmocka_unit_test(test_weights__with_a_filter_of_time),
		cmocka_unit_test(test_weights__random_periods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
