/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Call chains as the report shows them: who called whom, from a process through its kernel into Xen. */
#include "unit/calls.h"

#include <linux/xprof.h>

#include "lib/report/report.h"

struct job {
	struct xp_agg *a;
	struct xp_report_options options;
};

static void print_text(FILE *out, void *arg)
{
	struct job *job = arg;
	struct xp_err err = { "" };

	if (xp_report_text(out, job->a, &job->options, &err))
		fail_msg("%s", err.text);
}

/* What the report says below the table of domains. */
static char *report(struct build *b, const char *sort, const struct xp_report_options *options)
{
	struct xp_agg_config config = { .addresses = true, .process_of_user_only = true, .chains = true };
	struct job job = { .options = *options };
	struct xp_profile *p = build_read(b);
	char *text, *table;

	job.options.calls = true;
	assert_int_equal(xp_keys_parse(sort, &config.keys, job.options.order, &job.options.nr_order, &b->err), 0);
	if (xp_agg_run(&job.a, p, &config, &b->err))
		fail_msg("%s", b->err.text);
	text = printed(print_text, &job);
	table = strstr(text, options->no_children ? "\n# Overhead  " : "\n# Children  ");
	assert_non_null(table);
	table = strdup(table + 1);
	free(text);
	xp_agg_free(job.a);
	xp_profile_free(p);
	build_clear(b);
	return table;
}

static void assert_report(struct build *b, const char *sort, const struct xp_report_options *options, const char *expected)
{
	char *text = report(b, sort, options);

	assert_string_equal(text, expected);
	free(text);
}

/* main called work (which took 4 of 10 itself) and walk (2), work called inner (3, from two places); main itself 1. */
static void build_program(struct build *pb)
{
	struct build b;

	calls_begin(pb);
	b = *pb;
	ADD(USER, 0x1110, FRAMES({ 0x1020, USER, false }), 4);
	ADD(USER, 0x1210, FRAMES({ 0x1130, USER, false }, { 0x1020, USER, false }), 2);
	ADD(USER, 0x1220, FRAMES({ 0x1150, USER, false }, { 0x1020, USER, false }), 1);
	ADD(USER, 0x1310, FRAMES({ 0x1040, USER, false }), 2);
	calls_add(&b, 100, 0, USER, 0x1008, NULL, 0, XP_CHAIN_COMPLETE, 1);
	*pb = b;
}

static void test_children__what_each_called(void **state)
{
	static const struct xp_report_options options = { .percent_limit = 0.5, .graph_limit = 0.5 };
	struct build b;

	(void)state;
	build_program(&b);
	assert_report(&b, "process,symbol", &options,
"# Children    Self  Samples  Process  Symbol\n"
"   100.00%  10.00%        1  work     main\n"
"            |\n"
"            ---main\n"
"               |\n"
"               |--70.00%--work\n"
"               |          |\n"
"               |           --30.00%--inner\n"
"               |\n"
"                --20.00%--walk\n"
"\n"
"    70.00%  40.00%        4  work     work\n"
"            |\n"
"            ---work\n"
"               |\n"
"                --30.00%--inner\n"
"\n"
"    30.00%  30.00%        3  work     inner\n"
"            |\n"
"            ---inner\n"
"\n"
"    20.00%  20.00%        2  work     walk\n"
"            |\n"
"            ---walk\n"
"\n");
}

static void test_no_children__who_called_each(void **state)
{
	static const struct xp_report_options options = { .no_children = true, .callers = true, .percent_limit = 25, .graph_limit = 0.5 };
	struct build b;

	(void)state;
	build_program(&b);
	assert_report(&b, "symbol", &options,
"# Overhead  Samples  Symbol\n"
"    40.00%        4  work\n"
"            |\n"
"            ---work\n"
"               main\n"
"\n"
"    30.00%        3  inner\n"
"            |\n"
"            ---inner\n"
"               work\n"
"               main\n"
"\n"
"# 2 rows of less than 25% are not shown, 30.00% in all; --percent-limit 0 shows them\n");
}

static void test_callers__of_all_that_a_function_takes(void **state)
{
	static const struct xp_report_options options = { .callers = true, .percent_limit = 60, .graph_limit = 0.5 };
	struct build b;

	(void)state;
	build_program(&b);
	assert_report(&b, "symbol", &options,
"# Children    Self  Samples  Symbol\n"
"   100.00%  10.00%        1  main\n"
"            |\n"
"            ---main\n"
"\n"
"    70.00%  40.00%        4  work\n"
"            |\n"
"            ---work\n"
"               main\n"
"\n");
}

static void test_graph__limit_and_shares_of_the_caller(void **state)
{
	static const struct xp_report_options options = {
		.percent_limit = 80, .graph_limit = 25, .graph = XP_GRAPH_RELATIVE,
	};
	struct build b;

	(void)state;
	build_program(&b);
	/* walk has 20% of all and is left out; inner is 30 of work's 70. */
	assert_report(&b, "symbol", &options,
"# Children    Self  Samples  Symbol\n"
"   100.00%  10.00%        1  main\n"
"            |\n"
"            ---main\n"
"               |\n"
"                --70.00%--work\n"
"                          |\n"
"                           --42.86%--inner\n"
"\n");
}

static void test_graph__none_is_rows_alone(void **state)
{
	static const struct xp_report_options options = { .percent_limit = 80, .graph = XP_GRAPH_NONE };
	struct build b;

	(void)state;
	build_program(&b);
	assert_report(&b, "symbol", &options,
"# Children    Self  Samples  Symbol\n"
"   100.00%  10.00%        1  main\n");
}

static void test_sort__a_row_of_a_process_begins_at_its_outermost_functions(void **state)
{
	static const struct xp_report_options options = { .graph_limit = 0.5 };
	struct build b;

	(void)state;
	build_program(&b);
	assert_report(&b, "process", &options,
"# Children     Self  Samples  Process\n"
"   100.00%  100.00%       10  work\n"
"            |\n"
"            ---main\n"
"               |\n"
"               |--70.00%--work\n"
"               |          |\n"
"               |           --30.00%--inner\n"
"               |\n"
"                --20.00%--walk\n"
"\n");
}

static void test_sort__a_row_with_several_outermost_functions_has_a_branch_for_each(void **state)
{
	static const struct xp_report_options options = { .graph_limit = 0.5 };
	struct build b;

	(void)state;
	calls_begin(&b);
	ADD(USER, 0x1110, FRAMES({ 0x1020, USER, false }), 3);
	calls_add(&b, 100, 0, USER, 0x1310, NULL, 0, XP_CHAIN_COMPLETE, 1);
	assert_report(&b, "domain", &options,
"# Children     Self  Samples  Domain\n"
"   100.00%  100.00%        4  Domain-0\n"
"            |\n"
"            |--75.00%--main  [user]\n"
"            |          work\n"
"            |\n"
"             --25.00%--walk  [user]\n"
"\n");
}

static void test_boundaries__one_chain_from_a_process_into_xen(void **state)
{
	static const struct xp_report_options options = { .percent_limit = 100, .graph_limit = 0.5 };
	struct build b;

	(void)state;
	calls_begin(&b);
	/* 0x1040: where the process was interrupted; 0x5130: where its kernel was */
	ADD(XEN, 0x9110, FRAMES({ 0x9050, XEN, false }, { 0x5130, KERNEL, true }, { 0x5020, KERNEL, false }, { 0x1140, USER, true },
				{ 0x1020, USER, false }), 3);
	ADD(KERNEL, 0x5120, FRAMES({ 0x5020, KERNEL, false }, { 0x1140, USER, true }, { 0x1020, USER, false }), 1);
	assert_report(&b, "domain,mode,image,symbol", &options,
"# Children    Self  Samples  Domain    Mode    Image    Symbol\n"
"   100.00%   0.00%        0  Domain-0  kernel  vmlinux  sys_read\n"
"            |\n"
"            ---sys_read\n"
"               do_call\n"
"               |\n"
"                --75.00%--pv_hypercall  [xen]\n"
"                          do_event\n"
"\n"
"   100.00%   0.00%        0  Domain-0  user    work     main\n"
"            |\n"
"            ---main\n"
"               work\n"
"               sys_read  [kernel]\n"
"               do_call\n"
"               |\n"
"                --75.00%--pv_hypercall  [xen]\n"
"                          do_event\n"
"\n"
"   100.00%   0.00%        0  Domain-0  user    work     work\n"
"            |\n"
"            ---work\n"
"               sys_read  [kernel]\n"
"               do_call\n"
"               |\n"
"                --75.00%--pv_hypercall  [xen]\n"
"                          do_event\n"
"\n"
"   100.00%  25.00%        1  Domain-0  kernel  vmlinux  do_call\n"
"            |\n"
"            ---do_call\n"
"               |\n"
"                --75.00%--pv_hypercall  [xen]\n"
"                          do_event\n"
"\n");
}

/* A call that is its function's last instruction returns to the next function; what was interrupted is where it is. */
static void test_names__of_return_addresses_are_those_before_them(void **state)
{
	static const struct xp_report_options options = { .no_children = true, .callers = true, .graph_limit = 0 };
	struct build b;

	(void)state;
	calls_begin(&b);
	ADD(USER, 0x1310, FRAMES({ 0x1200, USER, false }, { 0x1100, USER, true }), 1);
	assert_report(&b, "symbol", &options,
"# Overhead  Samples  Symbol\n"
"   100.00%        1  walk\n"
"            |\n"
"            ---walk\n"
"               work\n"
"               work\n"
"\n");
}

static void test_unresolved__return_addresses_are_shown_as_they_are(void **state)
{
	static const struct xp_report_options options = { .no_children = true, .callers = true };
	struct build b;

	(void)state;
	calls_begin(&b);
	calls_add(&b, 100, 5, KERNEL, 0xffffffff81000010u, FRAMES({ 0xffffffff81000200u, KERNEL, false }), XP_CHAIN_COMPLETE, 1);
	assert_report(&b, "domain,symbol", &options,
"# Overhead  Samples  Domain  Symbol\n"
"   100.00%        1  web1    [unresolved] 0xffffffff81000010\n"
"            |\n"
"            ---[unresolved] 0xffffffff81000010\n"
"               [unresolved] 0xffffffff81000200\n"
"\n");
}

static void test_recursion__counts_once(void **state)
{
	static const struct xp_report_options options = { .percent_limit = 50, .graph_limit = 0.5 };
	struct build b;

	(void)state;
	calls_begin(&b);
	/* main, walk, walk, walk; and main, walk */
	ADD(USER, 0x1310, FRAMES({ 0x1350, USER, false }, { 0x1350, USER, false }, { 0x1040, USER, false }), 3);
	ADD(USER, 0x1310, FRAMES({ 0x1040, USER, false }), 1);
	assert_report(&b, "symbol", &options,
"# Children     Self  Samples  Symbol\n"
"   100.00%    0.00%        0  main\n"
"            |\n"
"            ---main\n"
"               walk\n"
"               |\n"
"                --75.00%--walk\n"
"                          walk\n"
"\n"
"   100.00%  100.00%        4  walk\n"
"            |\n"
"            ---walk\n"
"               |\n"
"                --75.00%--walk\n"
"                          walk\n"
"\n");
}

static void test_truncated__is_who_called_the_outermost_frame(void **state)
{
	static const struct xp_report_options options = { .no_children = true, .callers = true, .graph_limit = 0.5 };
	struct build b;

	(void)state;
	calls_begin(&b);
	calls_add(&b, 100, 0, USER, 0x1210, FRAMES({ 0x1130, USER, false }), XP_CHAIN_TRUNCATED, 2);
	calls_add(&b, 100, 0, USER, 0x1210, FRAMES({ 0x1130, USER, false }, { 0x1020, USER, false }), XP_CHAIN_COMPLETE, 3);
	assert_report(&b, "symbol", &options,
"# Overhead  Samples  Symbol\n"
"   100.00%        5  inner\n"
"            |\n"
"            ---inner\n"
"               work\n"
"               |\n"
"               |--60.00%--main\n"
"               |\n"
"                --40.00%--[truncated]\n"
"\n");
}

/* What a head says of chains, and what the row of the unknown callers is. */
static void test_truncated__their_share_stands_in_the_head(void **state)
{
	const struct xp_agg_config config = { .keys = XP_KEY_SYMBOL, .chains = true };
	struct job job = {
		.options = { .order = { XP_KEY_SYMBOL }, .nr_order = 1, .calls = true, .graph = XP_GRAPH_NONE },
	};
	struct xp_profile *p;
	struct build b;
	char *text;

	(void)state;
	calls_begin(&b);
	assert_int_equal(xp_write_host(b.w, "chains.xen", "xen-syms is not installed", &b.err), 0);
	ADD(USER, 0x1110, FRAMES({ 0x1020, USER, false }), 5);
	calls_add(&b, 100, 0, USER, 0x1110, NULL, 0, XP_CHAIN_TRUNCATED, 1);
	calls_add(&b, 100, 0, XEN, 0x9010, NULL, 0, XP_CHAIN_NO_RULE, 1);
	calls_add(&b, 100, 5, KERNEL, 0x5010, NULL, 0, XP_CHAIN_MOVED, 2);
	calls_add(&b, 100, 5, KERNEL, 0x5010, NULL, 0, XP_CHAIN_NONE, 1);
	p = build_read(&b);
	assert_int_equal(xp_agg_run(&job.a, p, &config, &b.err), 0);
	text = printed(print_text, &job);
	assert_non_null(strstr(text,
"# call chains: 50.00% whole, 40.00% [truncated]: 10.00% the copy of the stack was too short, 10.00% no unwind rule was known, "
"20.00% the guest had gone on; 10.00% have none\n"
"# chains do not go through Xen: xen-syms is not installed\n"));
	assert_non_null(strstr(text, "    40.00%   0.00%        0  [truncated]\n"));
	free(text);
	xp_agg_free(job.a);
	xp_profile_free(p);
	build_clear(&b);
}

/* One frame's number, two programs: CR3 0xa000 was work's until 200, then other's. */
static void test_time__a_frame_is_of_the_process_that_had_the_address_space(void **state)
{
	static const struct xp_report_options options = { .percent_limit = 0, .graph_limit = 0.5 };
	struct build b;

	(void)state;
	calls_begin(&b);
	build_task(&b, XPROF_TASK_EXIT, 200, 100, 1, 0xa000, "work");
	build_task(&b, XPROF_TASK_SNAPSHOT, 300, 101, 1, 0xa000, "other");
	build_map(&b, 0, 0, 101, 0x1000, 0x2000, 3, 0x1000);
	calls_add(&b, 100, 0, KERNEL, 0x5010, FRAMES({ 0x1020, USER, true }), XP_CHAIN_COMPLETE, 2);
	calls_add(&b, 400, 0, KERNEL, 0x5010, FRAMES({ 0x1020, USER, true }), XP_CHAIN_COMPLETE, 1);
	assert_report(&b, "process,symbol", &options,
"# Children     Self  Samples  Process  Symbol\n"
"   100.00%  100.00%        3  -        sys_read\n"
"            |\n"
"            ---sys_read\n"
"\n"
"    66.67%    0.00%        0  work     main\n"
"            |\n"
"            ---main\n"
"               sys_read  [kernel]\n"
"\n"
"    33.33%    0.00%        0  other    another_program\n"
"            |\n"
"            ---another_program\n"
"               sys_read  [kernel]\n"
"\n");
}

static void test_idle__has_its_row_and_no_calls(void **state)
{
	static const struct xp_report_options options = { .percent_limit = 0, .graph_limit = 0.5 };
	struct build b;

	(void)state;
	calls_begin(&b);
	calls_add(&b, 100, XPROF_DOMID_IDLE, XEN, 0x9010, FRAMES({ 0x9050, XEN, false }), XP_CHAIN_COMPLETE, 7);
	calls_add(&b, 100, 0, USER, 0x1010, NULL, 0, XP_CHAIN_COMPLETE, 1);
	assert_report(&b, "domain,symbol", &options,
"# Children     Self  Samples  Domain    Symbol\n"
"   100.00%  100.00%        1  Domain-0  main\n"
"            |\n"
"            ---main\n"
"\n"
"                           7  [idle]    [idle]\n");
}

/* A block of samples without chains first: what it counted is in the tree that later ones make. */
static void test_chains__begin_in_the_middle(void **state)
{
	static const struct xp_report_options options = { .percent_limit = 0, .graph_limit = 0.5 };
	struct build b;

	(void)state;
	calls_begin(&b);
	calls_add(&b, 100, XPROF_DOMID_IDLE, XEN, 0x9010, NULL, 0, XP_CHAIN_NONE, 6384);
	calls_add(&b, 100, 0, USER, 0x1110, NULL, 0, XP_CHAIN_NONE, 8000);
	calls_add(&b, 100, 0, USER, 0x1310, NULL, 0, XP_CHAIN_NONE, 2000);
	ADD(USER, 0x1110, FRAMES({ 0x1020, USER, false }), 6000);
	ADD(USER, 0x1210, FRAMES({ 0x1130, USER, false }, { 0x1020, USER, false }), 4000);
	assert_report(&b, "domain,mode,image,symbol", &options,
"# Children    Self  Samples  Domain    Mode  Image  Symbol\n"
"    90.00%  70.00%   14,000  Domain-0  user  work   work\n"
"            |\n"
"            ---work\n"
"               |\n"
"                --20.00%--inner\n"
"\n"
"    50.00%   0.00%        0  Domain-0  user  work   main\n"
"            |\n"
"            ---main\n"
"               work\n"
"               |\n"
"                --20.00%--inner\n"
"\n"
"    20.00%  20.00%    4,000  Domain-0  user  work   inner\n"
"            |\n"
"            ---inner\n"
"\n"
"    10.00%  10.00%    2,000  Domain-0  user  work   walk\n"
"            |\n"
"            ---walk\n"
"\n"
"                      6,384  [idle]    idle  -      [idle]\n");
}

static void test_chains__none_has_one(void **state)
{
	static const struct xp_report_options options = { .percent_limit = 0, .graph_limit = 0.5 };
	struct build b;

	(void)state;
	calls_begin(&b);
	calls_add(&b, 100, XPROF_DOMID_IDLE, XEN, 0x9010, NULL, 0, XP_CHAIN_NONE, 3);
	calls_add(&b, 100, 0, USER, 0x1110, NULL, 0, XP_CHAIN_NONE, 4);
	calls_add(&b, 100, 0, USER, 0x1310, NULL, 0, XP_CHAIN_NONE, 1);
	assert_report(&b, "domain,mode,image,symbol", &options,
"# Children    Self  Samples  Domain    Mode  Image  Symbol\n"
"    80.00%  80.00%        4  Domain-0  user  work   work\n"
"            |\n"
"            ---work\n"
"\n"
"    20.00%  20.00%        1  Domain-0  user  work   walk\n"
"            |\n"
"            ---walk\n"
"\n"
"                          3  [idle]    idle  -      [idle]\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_children__what_each_called),
		cmocka_unit_test(test_no_children__who_called_each),
		cmocka_unit_test(test_callers__of_all_that_a_function_takes),
		cmocka_unit_test(test_graph__limit_and_shares_of_the_caller),
		cmocka_unit_test(test_graph__none_is_rows_alone),
		cmocka_unit_test(test_sort__a_row_of_a_process_begins_at_its_outermost_functions),
		cmocka_unit_test(test_sort__a_row_with_several_outermost_functions_has_a_branch_for_each),
		cmocka_unit_test(test_boundaries__one_chain_from_a_process_into_xen),
		cmocka_unit_test(test_names__of_return_addresses_are_those_before_them),
		cmocka_unit_test(test_unresolved__return_addresses_are_shown_as_they_are),
		cmocka_unit_test(test_recursion__counts_once),
		cmocka_unit_test(test_truncated__is_who_called_the_outermost_frame),
		cmocka_unit_test(test_truncated__their_share_stands_in_the_head),
		cmocka_unit_test(test_time__a_frame_is_of_the_process_that_had_the_address_space),
		cmocka_unit_test(test_idle__has_its_row_and_no_calls),
		cmocka_unit_test(test_chains__begin_in_the_middle),
		cmocka_unit_test(test_chains__none_has_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
