// SPDX-License-Identifier: GPL-2.0-or-later
/* What users type, as values; and what is said when it makes no sense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

/* The command is no library: its sources are compiled in. */
#include "cli/message.c"
#include "cli/options.c"

static void test_event__accepts(void **state)
{
	static const struct { const char *text; uint64_t period; const char *modifiers; } cases[] = {
		{ "timer", 0, "" },
		{ "timer:1000000", 1000000, "" },
		{ "timer:k", 0, "k" },
		{ "timer:kx", 0, "xk" },
		{ "timer:500000:uG", 500000, "uG" },
		{ "timer:uG:500000", 500000, "uG" },
		{ "timer:HGukx", 0, "xkuGH" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xp_event_specs e = { 0 };
		struct xp_err err;

		assert_int_equal(cli_add_events(&e, cases[i].text, &err), 0);
		assert_int_equal(e.nr, 1);
		assert_string_equal(e.of[0].name, "timer");
		assert_int_equal(e.of[0].period, cases[i].period);
		assert_string_equal(e.of[0].modifiers, cases[i].modifiers);
	}
}

static void test_event__several_in_one_list(void **state)
{
	struct xp_event_specs e = { 0 };
	struct xp_err err;

	(void)state;
	assert_int_equal(cli_add_events(&e, "cycles,llc-misses:10000:u,r077e", &err), 0);
	assert_int_equal(cli_add_events(&e, "@tlb:k", &err), 0);
	assert_int_equal(e.nr, 4);
	assert_string_equal(e.of[1].name, "llc-misses");
	assert_int_equal(e.of[1].period, 10000);
	assert_string_equal(e.of[1].modifiers, "u");
	assert_string_equal(e.of[2].name, "r077e");
	assert_string_equal(e.of[3].name, "@tlb");
}

static void test_event__refuses(void **state)
{
	static const char *const bad[] = {
		"", ":", "timer:", "timer::k", "timer:kk", "timer:z", "timer:k:u", "timer:1:2", "timer:0", "timer:1k", "timer:-1",
		"timer:99999999999999999999", "timers", "time", "cycle", "timer:xkuGHx", "timer:k:1:", "cycles,", ",cycles", "cycles,,r1",
		"cache-misses", "r", "rg", "r12345678901234567", "a-name-that-is-longer-than-any-event-may-be",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct xp_event_specs e = { 0 };
		struct xp_err err;

		if (cli_add_events(&e, bad[i], &err) != XP_E_USAGE)
			fail_msg("'%s' was taken for an event", bad[i]);
	}
}

static void test_event__says_what_would_be_right(void **state)
{
	struct xp_event_specs e = { 0 };
	struct xp_err err;

	(void)state;
	assert_int_equal(cli_add_events(&e, "timer:5:q", &err), XP_E_USAGE);
	assert_string_equal(err.text, "in event 'timer:5:q', 'q' is neither a period (digits) nor modifiers (letters of xkuGH: "
			    "x Xen, k kernel, u user, G guests, H dom0)");
	assert_int_equal(cli_add_events(&e, "cycles,llc-miss", &err), XP_E_USAGE);
	assert_string_equal(err.text, "there is no event 'llc-miss': did you mean 'llc-misses'? 'xprof list' shows all");
}

static void test_duration(void **state)
{
	static const struct { const char *text; uint64_t ns; } cases[] = {
		{ "10", 10000000000 }, { "10s", 10000000000 }, { "1.5s", 1500000000 }, { "0.25", 250000000 }, { "500ms", 500000000 },
		{ "2m", 120000000000 }, { "1h", 3600000000000 }, { "1.5h", 5400000000000 }, { "20us", 20000 },
		{ "", 0 }, { "s", 0 }, { "-1", 0 }, { "0", 0 }, { "1x", 0 }, { "1.5.2s", 0 }, { " 1", 0 }, { "99999999999999999999", 0 },
		{ "9999999999999999h", 0 }, { "1e3", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xp_err err;
		uint64_t ns = 0;
		int ret = cli_parse_duration(cases[i].text, &ns, &err);

		if (ret != (cases[i].ns ? 0 : XP_E_USAGE) || (cases[i].ns && ns != cases[i].ns))
			fail_msg("'%s' gave %d, %llu ns", cases[i].text, ret, (unsigned long long)ns);
	}
}

static void test_size(void **state)
{
	struct xp_err err;
	uint64_t n;

	(void)state;
	assert_int_equal(cli_parse_size("65536", &n, &err), 0);
	assert_int_equal(n, 65536);
	assert_int_equal(cli_parse_size("4M", &n, &err), 0);
	assert_int_equal(n, 4 << 20);
	assert_int_equal(cli_parse_size("18446744073709551615K", &n, &err), XP_E_USAGE);
	assert_int_equal(cli_parse_size("4G", &n, &err), 0);
	assert_int_equal(n, 4ull << 30);
	assert_int_equal(cli_parse_size("4T", &n, &err), XP_E_USAGE);
	assert_int_equal(cli_parse_size("", &n, &err), XP_E_USAGE);
}

/* Parses a command line of 'record'; stderr stays quiet. */
static int parse(struct cli_record_options *o, const char *a, const char *b, const char *c, const char *d)
{
	char *argv[] = { (char *)"record", (char *)a, (char *)b, (char *)c, (char *)d, NULL };
	int argc = 1, status, err = dup(2), null = open("/dev/null", 1);

	while (argv[argc])
		argc++;
	dup2(null, 2);
	status = cli_record_options(argc, argv, o);
	dup2(err, 2);
	close(err);
	close(null);
	return status;
}

static uint64_t timer_period(const struct cli_record_options *o)
{
	struct xp_err err;
	uint64_t ns = 0;

	assert_int_equal(cli_timer_period(o, &ns, &err), 0);
	return ns;
}

static void test_record__defaults(void **state)
{
	struct cli_record_options o;

	(void)state;
	assert_int_equal(parse(&o, NULL, NULL, NULL, NULL), 0);
	assert_string_equal(o.file, "xprof.data");
	assert_int_equal(o.events.nr, 0);
	assert_int_equal(timer_period(&o), 1000000000 / 997);
	assert_int_equal(o.ring_bytes, XPROF_DEFAULT_RING);
	assert_int_equal(o.source, XPROF_SOURCE_NONE);
	assert_int_equal(o.series_ns, 1000000000);
	assert_int_equal(o.duration_ns, 0);
}

static void test_record__call_chains(void **state)
{
	struct cli_record_options o;

	(void)state;
	assert_int_equal(parse(&o, NULL, NULL, NULL, NULL), 0);
	assert_int_equal(o.stack_bytes, 0);
	assert_int_equal(parse(&o, "-g", NULL, NULL, NULL), 0);
	assert_int_equal(o.stack_bytes, 4096);
	assert_int_equal(o.ring_bytes, 4u << 20);
	assert_int_equal(parse(&o, "-g", "--ring", "1M", NULL), 0);
	assert_int_equal(o.ring_bytes, 1u << 20);
	assert_int_equal(parse(&o, "--stack-size", "16K", NULL, NULL), 0);
	assert_int_equal(o.stack_bytes, 16384);
	assert_int_equal(parse(&o, "--stack-size", "8K", "-g", NULL), 0);
	assert_int_equal(o.stack_bytes, 8192);
	assert_int_equal(parse(&o, "--call-graph", "dwarf", NULL, NULL), 0);
	assert_int_equal(o.stack_bytes, 4096);
	assert_int_equal(parse(&o, "--call-graph", "dwarf,8192", NULL, NULL), 0);
	assert_int_equal(o.stack_bytes, 8192);
	assert_int_equal(parse(&o, "--call-graph", "fp", NULL, NULL), XP_EXIT_USAGE);
	assert_int_equal(parse(&o, "--stack-size", "64K", NULL, NULL), XP_EXIT_USAGE);
	assert_int_equal(parse(&o, "--stack-size", "12", NULL, NULL), XP_EXIT_USAGE);
}

static void test_record__series(void **state)
{
	struct cli_record_options o;

	(void)state;
	assert_int_equal(parse(&o, "--series", "250ms", NULL, NULL), 0);
	assert_int_equal(o.series_ns, 250000000);
	assert_int_equal(parse(&o, "--series=off", NULL, NULL, NULL), 0);
	assert_int_equal(o.series_ns, 0);
	assert_int_equal(parse(&o, "--series", "50ms", NULL, NULL), XP_EXIT_USAGE);
	assert_int_equal(parse(&o, "--series", "often", NULL, NULL), XP_EXIT_USAGE);
}

static void test_record__period_comes_from_event_then_c_then_F(void **state)
{
	struct cli_record_options o;

	(void)state;
	assert_int_equal(parse(&o, "-F", "100", NULL, NULL), 0);
	assert_int_equal(timer_period(&o), 10000000);
	assert_int_equal(parse(&o, "-c", "2000000", NULL, NULL), 0);
	assert_int_equal(timer_period(&o), 2000000);
	assert_int_equal(parse(&o, "-e", "timer:3000000", "-F", "100"), 0);
	assert_int_equal(timer_period(&o), 3000000);
	assert_int_equal(parse(&o, "-F", "100", "-c", "2000000"), XP_EXIT_USAGE);
}

static void test_record__source_goes_with_the_event(void **state)
{
	struct cli_record_options o;

	(void)state;
	assert_int_equal(parse(&o, "-e", "timer", "--source", "pmu"), XP_EXIT_USAGE);
	assert_int_equal(parse(&o, "-e", "cycles", "--source", "hpet"), XP_EXIT_USAGE);
	assert_int_equal(parse(&o, "-e", "cycles", "--source", "pmu"), 0);
	assert_int_equal(o.source, XPROF_SOURCE_PMU);
	assert_int_equal(parse(&o, "-e", "timer", "-c", "10"), XP_EXIT_USAGE);
	assert_int_equal(parse(&o, "-e", "cycles", "-c", "10"), 0); /* what is too small for it, the host knows */
	assert_int_equal(parse(&o, "-D", "web1,7", "-D", "Domain-0"), 0);
	assert_string_equal(o.domains, "web1,7,Domain-0");
}

static void test_record__command_keeps_its_options(void **state)
{
	struct cli_record_options o;

	(void)state;
	assert_int_equal(parse(&o, "--", "ls", "-F", NULL), 0);
	assert_int_equal(optind, 2);
	assert_int_equal(parse(&o, "ls", "-F", "7", NULL), 0);
	assert_int_equal(optind, 1);
	assert_int_equal(timer_period(&o), 1000000000 / 997);
}

static void test_record__continuous(void **state)
{
	struct cli_record_options o;

	(void)state;
	assert_int_equal(parse(&o, "--continuous", "-o", "/tmp/profiles", NULL), 0);
	assert_true(o.continuous);
	assert_int_equal(o.rotate_ns, 60 * NS_PER_S);
	assert_int_equal(o.keep_bytes, 1u << 30);
	assert_int_equal(o.keep_age_ns, 0);
	assert_int_equal(parse(&o, "--continuous", "-oD", "--rotate=3s", "--keep-age=7d"), 0);
	assert_int_equal(o.rotate_ns, 3 * NS_PER_S);
	assert_int_equal(o.keep_age_ns, 7 * 86400 * NS_PER_S);
	assert_int_equal(parse(&o, "--continuous", NULL, NULL, NULL), XP_EXIT_USAGE); /* where to? */
	assert_int_equal(parse(&o, "--rotate", "3s", NULL, NULL), XP_EXIT_USAGE);     /* of what? */
	assert_int_equal(parse(&o, "--continuous", "-oD", "--rotate=500ms", NULL), XP_EXIT_USAGE);
	assert_int_equal(parse(&o, "--continuous", "-oD", "--keep-size=64K", NULL), XP_EXIT_USAGE);
}

static void test_record__refuses(void **state)
{
	static const char *const bad[][2] = {
		{ "-F", "0" }, { "-F", "x" }, { "-F", "1000001" }, { "-c", "0" }, { "-d", "soon" }, { "--source", "tsc" },
		{ "--ring", "5000" }, { "--ring", "2K" }, { "--ring", "32M" }, { "-e", "cycle" }, { "--nope", NULL }, { "-o", NULL },
		{ "-e", "timer:1" }, { "-o", "" }, { "-e", "timer,cycles" }, { "-e", "cycles,timer" }, { "-e", "timer,timer" }, { "-D", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cli_record_options o;

		if (parse(&o, bad[i][0], bad[i][1], NULL, NULL) != XP_EXIT_USAGE)
			fail_msg("'%s %s' was accepted", bad[i][0], bad[i][1] ? bad[i][1] : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_event__accepts),
		cmocka_unit_test(test_event__several_in_one_list),
		cmocka_unit_test(test_event__refuses),
		cmocka_unit_test(test_event__says_what_would_be_right),
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_record__defaults),
		cmocka_unit_test(test_record__call_chains),
		cmocka_unit_test(test_record__series),
		cmocka_unit_test(test_record__period_comes_from_event_then_c_then_F),
		cmocka_unit_test(test_record__source_goes_with_the_event),
		cmocka_unit_test(test_record__command_keeps_its_options),
		cmocka_unit_test(test_record__continuous),
		cmocka_unit_test(test_record__refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
