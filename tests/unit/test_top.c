// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The live view without a terminal: what is counted, named, sorted and drawn. Expected screens stand here as text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/series/vifs.h"
#include "lib/top/top.h"
#include "unit/build.h"

static struct xp_err err;

/* ---- a host ---- */

static struct xp_host_domain host_domains[4];
static size_t nr_host_domains;
static uint64_t runnable_ns[4];
static bool tells_run_states;
static const char *names[8] = { [0] = "Domain-0", [1] = "web1", [2] = "db-with-a-long-name", [7] = "bad\n\033[31m" };

static int domains(void *arg, struct xp_host_domain **list, size_t *nr, struct xp_err *e)
{
	(void)arg, (void)e;
	*list = malloc(sizeof(host_domains));
	memcpy(*list, host_domains, sizeof(host_domains));
	*nr = nr_host_domains;
	return 0;
}

static int run_states(void *arg, struct xp_host_vcpu **list, size_t *nr, struct xp_err *e)
{
	(void)arg;
	if (!tells_run_states)
		return xp_fail(e, XP_E_ABSENT, "not told");
	*list = calloc(nr_host_domains, sizeof(**list));
	*nr = nr_host_domains;
	for (size_t i = 0; i < nr_host_domains; i++) {
		(*list)[i] = (struct xp_host_vcpu){ .domid = host_domains[i].domid, .nr = 4, .ns = { 0, runnable_ns[i], 0, 0 } };
		memcpy((*list)[i].uuid, host_domains[i].uuid, sizeof((*list)[i].uuid));
	}
	return 0;
}

static void name(void *arg, uint16_t domid, const uint8_t uuid[16], char *text, size_t size)
{
	(void)arg, (void)uuid;
	snprintf(text, size, "%s", domid < 8 && names[domid] ? names[domid] : "");
}

static const struct xp_series_host host = { .domains = domains, .run_states = run_states, .name = name };

static void add_domain(uint16_t domid, uint64_t cpu_ns, uint64_t mib, bool running)
{
	host_domains[nr_host_domains++] = (struct xp_host_domain){
		.domid = domid, .uuid = { (uint8_t)domid }, .vcpus_online = 2, .nr_vcpus = 2, .cpu_ns = cpu_ns,
		.running = running, .blocked = !running, .memory_kib = mib * 1024, .max_memory_kib = domid ? mib * 1024 : UINT64_MAX,
	};
}

static void host_of_three(void)
{
	memset(host_domains, 0, sizeof(host_domains));
	memset(runnable_ns, 0, sizeof(runnable_ns));
	nr_host_domains = 0;
	tells_run_states = true;
	add_domain(0, 5000000000, 512, true);
	add_domain(1, 1000000000, 256, true);
	add_domain(2, 2000000000, 128, false);
}

/* ---- samples ---- */

static struct xprof_sample sample(uint16_t domid, uint8_t mode, uint8_t event, uint64_t ip)
{
	return (struct xprof_sample){ .rec = { XPROF_REC_SAMPLE, event, mode, 4, domid, 0 }, .tsc = 1000, .ip = ip, .cr3 = 0x7000 };
}

static void add(struct xp_top *t, uint16_t domid, uint8_t mode, uint8_t event, uint64_t ip, int times)
{
	const struct xprof_sample s = sample(domid, mode, event, ip);

	while (times--)
		xp_window_add(&t->window, 0, &s, 1);
}

/* As the namer does: the site of this address gets a name. */
static void call(struct xp_top *t, uint64_t ip, const char *comm, const char *image, const char *symbol)
{
	const struct xp_label label = { comm, image, symbol };

	for (size_t i = 0; i < t->window.nr; i++)
		if (t->window.sites[i].code.ip == ip)
			t->window.sites[i].label = xp_labels_get(&t->labels, &label);
}

static const struct xp_top_event counters[] = {
	{ "cycles", "", 1000 }, { "instructions", "", 1000 }, { "llc-misses", "", 10 },
};

static void begin(struct xp_top *t, size_t nr_events)
{
	assert_int_equal(xp_top_init(t, counters, nr_events, 4, 3000000000, &err), 0);
	snprintf(t->status.xen, sizeof(t->status.xen), "4.17.5");
	snprintf(t->status.time, sizeof(t->status.time), "14:02:11");
	t->status.cpus = 2;
	t->status.mhz = 2394;
	t->status.samples_a_second = 3912;
	t->status.overhead_ppm = 6000;
	t->status.own_percent = 0.3;
	t->status.window_ns = 12000000000;
	t->domains.total_kib = 2048 * 1024;
	t->domains.unused_kib = 1152 * 1024;
}

/* Three domains over three seconds: web1 ran 1.5 s and waited for 0.6 s. */
static void a_typical_host(struct xp_top *t, size_t nr_events)
{
	host_of_three();
	begin(t, nr_events);
	assert_int_equal(xp_top_domains_read(&t->domains, &host, NULL, 1000000000, &err), 0);
	host_domains[0].cpu_ns += 300000000;
	host_domains[1].cpu_ns += 1500000000;
	runnable_ns[1] = 600000000;
	assert_int_equal(xp_top_domains_read(&t->domains, &host, NULL, 4000000000, &err), 0);
	add(t, 1, XPROF_MODE_USER, 0, 0x401000, 50);
	add(t, 1, XPROF_MODE_USER, 0, 0x401004, 10);
	add(t, 1, XPROF_MODE_XEN, 0, 0xffff82d040200100, 20);
	add(t, 0, XPROF_MODE_KERNEL, 0, 0xffffffff81000100, 15);
	add(t, 0, XPROF_MODE_USER, 0, 0x7f0000001000, 5);
	add(t, XPROF_DOMID_IDLE, XPROF_MODE_XEN, 0, 0xffff82d040200200, 100);
	if (nr_events > 1)
		add(t, 1, XPROF_MODE_USER, 1, 0x401000, 120);
	if (nr_events > 2)
		add(t, 1, XPROF_MODE_USER, 2, 0x401000, 48);
	call(t, 0x401000, "httpd", "httpd", "parse_request");
	call(t, 0x401004, "httpd", "httpd", "parse_request");
	call(t, 0xffff82d040200100, "", "xen", "do_sched_op");
	call(t, 0xffffffff81000100, "", "vmlinux", "xen_hypercall_mmu_update");
}

/* ---- drawn ---- */

static char *drawn(struct xp_top *t, unsigned int columns, unsigned int lines)
{
	struct xp_page page;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	xp_page_init(&page);
	assert_int_equal(xp_top_update(t, &err), 0);
	assert_int_equal(xp_top_draw(t, &page, columns, lines, 20, &err), 0);
	if (lines)
		assert_int_equal(xp_page_nr(&page), lines);
	for (size_t i = 0; i < xp_page_nr(&page); i++) {
		enum xp_page_look look;
		size_t len;
		const char *line = xp_page_get(&page, i, &len, &look);

		if (columns)
			assert_true(xp_text_columns(line, len) <= columns);
		fprintf(out, "%s%.*s\n", look == XP_LINE_CHOSEN ? ">" : look == XP_LINE_HOT ? "*" : "", (int)len, line);
	}
	fclose(out);
	xp_page_release(&page);
	return text;
}

static void assert_drawn(struct xp_top *t, unsigned int columns, unsigned int lines, const char *expected)
{
	char *text = drawn(t, columns, lines);

	assert_string_equal(text, expected);
	free(text);
}

static void test_draw__80_columns(void **state)
{
	struct xp_top t;

	(void)state;
	a_typical_host(&t, 2);
	assert_drawn(&t, 80, 20,
"xprof top - 14:02:11   Xen 4.17.5   last 12 s, 50% idle\n"
"3 domains: 2 running, 1 blocked, 0 paused, 0 crashed, 0 dying, 0 shutdown\n"
"Mem: 2097152k total, 917504k used, 1179648k free    CPUs: 2 @ 2394MHz\n"
"cycles,instructions: 3912/s, 0 lost, overhead 0.60%, xprof itself 0.3%\n"
"NAME          STATE   CPU(sec) CPU(%)     MEM(k) STEAL(%) CYCLES(%) XEN(%)   IPC\n"
"web1         -----r          2   50.0     262144     20.0      80.0   25.0  1.50\n"
"Domain-0     -----r          5   10.0     524288      0.0      20.0    0.0  0.00\n"
"db-with-a-l~ --b---          2    0.0     131072      0.0         -      -     -\n"
"      % Domain       Mode   Process         Symbol\n"
"* 60.00% web1         user   httpd           parse_request\n"
"* 20.00% web1         xen                    do_sched_op\n"
"* 15.00% Domain-0     kernel                 xen_hypercall_mmu_update\n"
"*  5.00% Domain-0     user                   [unresolved] 0x7f0000001000\n"
"\n\n\n\n\n\n"
"h help  q quit  Enter zoom  S sort: CPU(%)  / filter  x Xen  k kernel  f freeze\n");
	xp_top_release(&t);
}

static void test_draw__40_columns_of_12_lines(void **state)
{
	struct xp_top t;

	(void)state;
	a_typical_host(&t, 2);
	assert_drawn(&t, 40, 12,
"xprof top - 14:02:11   Xen 4.17.5   last\n"
"cycles,instructions: 3912/s, 0 lost, ove\n"
"NAME        STATE CPU(%) CYCLES(%)   IPC\n"
"web1       -----r   50.0      80.0  1.50\n"
"Domain-0   -----r   10.0      20.0  0.00\n"
"db-with-a~ --b---    0.0         -     -\n"
"      %   Symbol\n"
"* 60.00% u parse_request\n"
"* 20.00% x do_sched_op\n"
"* 15.00% k xen_hypercall_mmu_update\n"
"*  5.00% u [unresolved] 0x7f0000001000\n"
"h help  q quit  Enter zoom  S sort: CPU(\n");
	xp_top_release(&t);
}

static void test_draw__200_columns_have_everything(void **state)
{
	struct xp_top t;

	(void)state;
	a_typical_host(&t, 3);
	assert_drawn(&t, 200, 14,
"xprof top - 14:02:11   Xen 4.17.5   last 12 s, 50% idle\n"
"cycles,instructions,llc-misses: 3912/s, 0 lost, overhead 0.60%, xprof itself 0.3%\n"
"NAME                 STATE   CPU(sec) CPU(%)     MEM(k) MEM(%)  MAXMEM(k) MAXMEM(%) VCPUS NETS NETTX(k) NETRX(k) STEAL(%) CYCLES(%) INSTRUCTIONS(%) LLC-MISSES(%) XEN(%)   IPC LLC/KI\n"
"web1                -----r          2   50.0     262144   12.5     262144      12.5     2    0        0        0     20.0      80.0           100.0         100.0   25.0  1.50   4.00\n"
"Domain-0            -----r          5   10.0     524288   25.0   no limit       n/a     2    0        0        0      0.0      20.0             0.0           0.0    0.0  0.00      -\n"
"db-with-a-long-name --b---          2    0.0     131072    6.2     131072       6.2     2    0        0        0      0.0         -               -             -      -     -      -\n"
"cycles% instructions% llc-misses% Domain       Mode   Process         Image            Symbol\n"
"* 60.00%       100.00%     100.00% web1         user   httpd           httpd            parse_request\n"
"* 20.00%         0.00%       0.00% web1         xen                    xen              do_sched_op\n"
"* 15.00%         0.00%       0.00% Domain-0     kernel                 vmlinux          xen_hypercall_mmu_update\n"
"*  5.00%         0.00%       0.00% Domain-0     user                                    [unresolved] 0x7f0000001000\n"
"\n\n"
"h help  q quit  Enter zoom  S sort: CPU(%)  / filter  x Xen  k kernel  f freeze\n");
	xp_top_release(&t);
}

/* Whatever the size: as many lines as there are, none too wide, no control character. */
static void test_draw__any_size(void **state)
{
	struct xp_top t;

	(void)state;
	a_typical_host(&t, 3);
	add_domain(7, 0, 1, true);
	assert_int_equal(xp_top_domains_read(&t.domains, &host, NULL, 7000000000, &err), 0);
	add(&t, 7, XPROF_MODE_USER, 0, 0x9000, 300);
	call(&t, 0x9000, "\033]0;x\a", "a\rb", "\xff\x1b[2J");
	for (unsigned int columns = 1; columns < 250; columns += 7) {
		for (unsigned int lines = 1; lines < 60; lines += 3) {
			char *text = drawn(&t, columns, lines);

			for (const char *p = text; *p; p++)
				assert_true(*p == '\n' || (unsigned char)*p >= ' ');
			free(text);
		}
	}
	assert_true(xp_top_key(&t, 'h'));
	free(drawn(&t, 40, 12));
	xp_top_release(&t);
}

static void test_draw__foreign_names_are_escaped(void **state)
{
	struct xp_top t;
	char *text;

	(void)state;
	host_of_three();
	begin(&t, 1);
	add_domain(7, 0, 1, true);
	assert_int_equal(xp_top_domains_read(&t.domains, &host, NULL, 7000000000, &err), 0);
	add(&t, 7, XPROF_MODE_USER, 0, 0x9000, 3);
	call(&t, 0x9000, "\033]0;x\a", "img", "\xff\x1b[2J");
	text = drawn(&t, 120, 20);
	assert_non_null(strstr(text, "bad\\n\\x1b[31m"));
	assert_non_null(strstr(text, "\\x1b]0;x\\x07"));
	assert_non_null(strstr(text, "\\xff\\x1b[2J"));
	free(text);
	xp_top_release(&t);
}

/* ---- the window ---- */

static uint64_t busy(struct xp_top *t, size_t event, bool weight)
{
	assert_true(xp_top_sums_make(&t->sums, &t->window));
	return weight ? t->sums.busy.all[event].weight : t->sums.busy.all[event].samples;
}

static void test_window__what_is_older_than_it_is_gone(void **state)
{
	struct xp_top t;

	(void)state;
	begin(&t, 1);
	for (int i = 0; i < 10; i++) {
		add(&t, 1, XPROF_MODE_USER, 0, 0x1000 + (uint64_t)i, 1 << i);
		assert_int_equal(busy(&t, 0, false), i < 4 ? (1 << (i + 1)) - 1 : 15 << (i - 3)); /* the last four of 1, 2, 4, … */
		xp_window_turn(&t.window);
	}
	for (int i = 0; i < 4; i++)
		xp_window_turn(&t.window);
	assert_int_equal(busy(&t, 0, false), 0);
	assert_int_equal(t.sums.nr, 0);
	xp_top_release(&t);
}

static void test_window__a_sample_stands_for_its_period_on_its_cpu(void **state)
{
	const struct xprof_sample s = sample(1, XPROF_MODE_USER, 1, 0x1000);
	struct xp_top t;

	(void)state;
	begin(&t, 2);
	xp_window_add(&t.window, 3, &s, 1);      /* 1000: what the event began with */
	xp_window_period(&t.window, 3, 1, 40);
	xp_window_add(&t.window, 3, &s, 1);      /* 40 */
	xp_window_add(&t.window, 2, &s, 1);      /* another CPU: 1000 */
	xp_window_period(&t.window, 3, 9, 7);    /* no such event */
	xp_window_period(&t.window, UINT32_MAX, 1, 7);
	assert_int_equal(busy(&t, 1, true), 2040);
	assert_int_equal(busy(&t, 1, false), 3);
	xp_top_release(&t);
}

static void test_window__processes_are_apart_kernels_are_not(void **state)
{
	struct xprof_sample s[4];
	struct xp_top t;

	(void)state;
	begin(&t, 1);
	for (int i = 0; i < 4; i++) {
		s[i] = sample(1, i < 2 ? XPROF_MODE_USER : XPROF_MODE_KERNEL, 0, 0x1000);
		s[i].cr3 = (uint64_t)(i + 1) << 13;
	}
	xp_window_add(&t.window, 0, s, 4);
	assert_int_equal(t.window.nr, 3);
	s[0].rec.mode |= XPROF_MODE_HVM; /* of an HVM guest with its pair of page tables */
	s[1] = s[0];
	s[1].cr3 |= 0x1000;
	xp_window_add(&t.window, 0, s, 2);
	assert_int_equal(t.window.nr, 4);
	xp_top_release(&t);
}

static void test_window__bounded_and_nothing_is_lost(void **state)
{
	struct xp_top t;

	(void)state;
	begin(&t, 1);
	for (uint64_t i = 0; i < XP_WINDOW_SITES + 1000; i++)
		add(&t, 1, XPROF_MODE_USER, 0, 0x1000 + i, 1);
	assert_int_equal(t.window.overflow, 1000);
	assert_int_equal(t.window.nr, XP_WINDOW_SITES + 1);
	assert_int_equal(busy(&t, 0, false), XP_WINDOW_SITES + 1000);
	assert_int_equal(xp_top_update(&t, &err), 0);
	assert_true(t.hot.v[0].others);
	assert_int_equal(t.hot.v[0].counts[0].samples, 1000);
	for (int i = 0; i < 4; i++)
		xp_window_turn(&t.window);
	assert_int_equal(t.window.nr, 0); /* cold ones have made room */
	add(&t, 1, XPROF_MODE_USER, 0, 0x1000, 1);
	assert_int_equal(busy(&t, 0, false), 1);
	xp_top_release(&t);
}

/* ---- the host ---- */

static void test_domains__rates_are_of_the_interval(void **state)
{
	struct xp_link links[] = {
		{ .is_vif = true, .seen = true, .domid = 1, .rx_bytes = 4096, .tx_bytes = 1024 },
		{ .is_vif = true, .seen = true, .domid = 1, .rx_bytes = 1, .tx_bytes = 2 },
		{ .is_vif = true, .seen = false, .domid = 1, .rx_bytes = 99 },
		{ .is_vif = false, .seen = true, .domid = 1, .rx_bytes = 99 },
	};
	const struct xp_vifs vifs = { .links = links, .nr = 4 };
	struct xp_top_domains d = { 0 };

	(void)state;
	host_of_three();
	assert_int_equal(xp_top_domains_read(&d, &host, &vifs, 1000000000, &err), 0);
	assert_true(d.v[0].cpu_percent < 0); /* nobody knows yet */
	assert_true(d.v[0].steal_percent < 0);
	host_domains[1].cpu_ns += 500000000;
	runnable_ns[1] += 250000000;
	assert_int_equal(xp_top_domains_read(&d, &host, &vifs, 2000000000, &err), 0);
	assert_true(d.v[1].cpu_percent == 50.0);
	assert_true(d.v[1].steal_percent == 25.0);
	assert_int_equal(d.v[1].nets, 2);
	assert_int_equal(d.v[1].sent_bytes, 4097);
	assert_int_equal(d.v[1].received_bytes, 1026);
	host_domains[1].uuid[0] = 77; /* another domain with the same id */
	tells_run_states = false;
	assert_int_equal(xp_top_domains_read(&d, &host, NULL, 3000000000, &err), 0);
	assert_int_equal(d.nr, 3);
	assert_true(xp_top_domains_find(&d, 1)->cpu_percent < 0);
	assert_true(xp_top_domains_find(&d, 0)->steal_percent < 0);
	xp_top_domains_release(&d);
}

/* ---- keys ---- */

static void press(struct xp_top *t, uint32_t key)
{
	assert_true(xp_top_key(t, key));
	assert_int_equal(xp_top_update(t, &err), 0);
}

static void test_keys__choose_zoom_and_narrow_down(void **state)
{
	struct xp_top t;
	char *text;

	(void)state;
	a_typical_host(&t, 2);
	free(drawn(&t, 80, 24));
	assert_int_equal(t.hot.nr, 4);
	press(&t, XP_TOP_KEY_DOWN); /* web1: sorted by CPU(%) */
	assert_int_equal(t.hot.nr, 2);
	press(&t, XP_TOP_KEY_DOWN); /* Domain-0 */
	assert_int_equal(t.view.domid, 0);
	assert_string_equal(t.hot.v[0].label->symbol, "xen_hypercall_mmu_update");
	press(&t, XP_TOP_KEY_ENTER);
	text = drawn(&t, 80, 24);
	assert_non_null(strstr(text, ">Domain-0"));
	assert_null(strstr(text, "web1"));
	free(text);
	press(&t, 'k');
	assert_int_equal(t.hot.nr, 1);
	press(&t, XP_TOP_KEY_ESCAPE); /* all code again */
	assert_int_equal(t.hot.nr, 2);
	press(&t, XP_TOP_KEY_ESCAPE); /* all domains in the table again */
	assert_false(t.view.zoomed);
	press(&t, XP_TOP_KEY_ESCAPE); /* none chosen */
	assert_int_equal(t.hot.nr, 4);
	press(&t, 'x');
	assert_int_equal(t.hot.nr, 1);
	assert_string_equal(t.hot.v[0].label->symbol, "do_sched_op");
	press(&t, 'x');
	assert_int_equal(t.hot.nr, 4);
	assert_false(xp_top_key(&t, 'Z'));
	xp_top_release(&t);
}

static void type(struct xp_top *t, const char *text)
{
	while (*text)
		press(t, (unsigned char)*text++);
}

static void test_keys__filter_delay_and_sort(void **state)
{
	struct xp_top t;

	(void)state;
	a_typical_host(&t, 2);
	free(drawn(&t, 80, 24));
	type(&t, "/HTTPx");
	press(&t, XP_TOP_KEY_BACKSPACE);
	press(&t, XP_TOP_KEY_ENTER);
	assert_int_equal(t.hot.nr, 1); /* by the process's name, whatever its case */
	press(&t, XP_TOP_KEY_ESCAPE);
	assert_int_equal(t.hot.nr, 4);
	type(&t, "d0.5");
	press(&t, XP_TOP_KEY_ENTER);
	assert_int_equal(t.view.delay_ns, 500000000);
	type(&t, "d0");
	press(&t, XP_TOP_KEY_ENTER);
	assert_int_equal(t.view.delay_ns, 500000000);
	assert_string_equal(t.view.message, "'0' is no delay: seconds from 0.1 to 3600 are");
	press(&t, 'q');
	assert_true(t.view.quit);
	t.view.sort = (unsigned int)xp_top_find_column(&t, "mem");
	press(&t, 'f');
	assert_true(t.view.frozen);
	assert_int_equal(t.domids[0], 0);
	press(&t, 'R');
	assert_int_equal(t.domids[0], 2);
	assert_int_equal(xp_top_find_column(&t, "nosuch"), SIZE_MAX);
	assert_int_equal(xp_top_find_column(&t, ""), SIZE_MAX);
	assert_string_equal(t.columns.v[xp_top_find_column(&t, "cpu")].head, "CPU(%)");
	assert_string_equal(t.columns.v[xp_top_find_column(&t, "cpu(s")].head, "CPU(sec)");
	type(&t, "/");
	press(&t, 0xfc); /* ü */
	press(&t, 0x1f600);
	assert_string_equal(t.view.typed, "\xc3\xbc\xf0\x9f\x98\x80");
	press(&t, XP_TOP_KEY_BACKSPACE);
	assert_string_equal(t.view.typed, "\xc3\xbc");
	xp_top_release(&t);
}

static void test_keys__a_chosen_domain_that_goes_is_chosen_no_more(void **state)
{
	struct xp_top t;

	(void)state;
	a_typical_host(&t, 1);
	free(drawn(&t, 80, 24));
	press(&t, XP_TOP_KEY_DOWN);
	press(&t, XP_TOP_KEY_ENTER);
	assert_int_equal(t.view.domid, 1);
	host_domains[1] = host_domains[2];
	nr_host_domains = 2;
	assert_int_equal(xp_top_domains_read(&t.domains, &host, NULL, 9000000000, &err), 0);
	assert_int_equal(xp_top_update(&t, &err), 0);
	assert_false(t.view.chosen);
	assert_false(t.view.zoomed);
	xp_top_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_draw__80_columns),
		cmocka_unit_test(test_draw__40_columns_of_12_lines),
		cmocka_unit_test(test_draw__200_columns_have_everything),
		cmocka_unit_test(test_draw__any_size),
		cmocka_unit_test(test_draw__foreign_names_are_escaped),
		cmocka_unit_test(test_window__what_is_older_than_it_is_gone),
		cmocka_unit_test(test_window__a_sample_stands_for_its_period_on_its_cpu),
		cmocka_unit_test(test_window__processes_are_apart_kernels_are_not),
		cmocka_unit_test(test_window__bounded_and_nothing_is_lost),
		cmocka_unit_test(test_domains__rates_are_of_the_interval),
		cmocka_unit_test(test_keys__choose_zoom_and_narrow_down),
		cmocka_unit_test(test_keys__filter_delay_and_sort),
		cmocka_unit_test(test_keys__a_chosen_domain_that_goes_is_chosen_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
