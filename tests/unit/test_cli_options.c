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
		struct cli_event e;
		struct xp_err err;

		assert_int_equal(cli_parse_event(cases[i].text, &e, &err), 0);
		assert_string_equal(e.name, "timer");
		assert_int_equal(e.period, cases[i].period);
		assert_string_equal(e.modifiers, cases[i].modifiers);
	}
}

static void test_event__refuses(void **state)
{
	static const char *const bad[] = {
		"", ":", "timer:", "timer::k", "timer:kk", "timer:z", "timer:k:u", "timer:1:2", "timer:0", "timer:1k", "timer:-1",
		"timer:99999999999999999999", "timers", "time", "cycles", "timer:xkuGHx", "timer:k:1:",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cli_event e;
		struct xp_err err;

		if (cli_parse_event(bad[i], &e, &err) != XP_E_USAGE)
			fail_msg("'%s' was taken for an event", bad[i]);
	}
}

static void test_event__says_what_would_be_right(void **state)
{
	struct cli_event e;
	struct xp_err err;

	(void)state;
	assert_int_equal(cli_parse_event("timer:5:q", &e, &err), XP_E_USAGE);
	assert_string_equal(err.text, "in event 'timer:5:q', 'q' is neither a period (digits) nor modifiers (letters of xkuGH: "
			    "x Xen, k kernel, u user, G guests, H dom0)");
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
	assert_int_equal(cli_parse_size("4G", &n, &err), XP_E_USAGE);
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

static void test_record__defaults(void **state)
{
	struct cli_record_options o;

	(void)state;
	assert_int_equal(parse(&o, NULL, NULL, NULL, NULL), 0);
	assert_string_equal(o.file, "xprof.data");
	assert_int_equal(o.event.period, 1000000000 / 997);
	assert_int_equal(o.ring_bytes, XPROF_DEFAULT_RING);
	assert_int_equal(o.source, XPROF_SOURCE_NONE);
	assert_int_equal(o.duration_ns, 0);
}

static void test_record__period_comes_from_event_then_c_then_F(void **state)
{
	struct cli_record_options o;

	(void)state;
	assert_int_equal(parse(&o, "-F", "100", NULL, NULL), 0);
	assert_int_equal(o.event.period, 10000000);
	assert_int_equal(parse(&o, "-c", "2000000", NULL, NULL), 0);
	assert_int_equal(o.event.period, 2000000);
	assert_int_equal(parse(&o, "-e", "timer:3000000", "-F", "100"), 0);
	assert_int_equal(o.event.period, 3000000);
	assert_int_equal(parse(&o, "-F", "100", "-c", "2000000"), XP_EXIT_USAGE);
}

static void test_record__command_keeps_its_options(void **state)
{
	struct cli_record_options o;

	(void)state;
	assert_int_equal(parse(&o, "--", "ls", "-F", NULL), 0);
	assert_int_equal(optind, 2);
	assert_int_equal(parse(&o, "ls", "-F", "7", NULL), 0);
	assert_int_equal(optind, 1);
	assert_int_equal(o.event.period, 1000000000 / 997);
}

static void test_record__refuses(void **state)
{
	static const char *const bad[][2] = {
		{ "-F", "0" }, { "-F", "x" }, { "-F", "1000001" }, { "-c", "10" }, { "-d", "soon" }, { "--source", "pmu" },
		{ "--ring", "5000" }, { "--ring", "2K" }, { "--ring", "32M" }, { "-e", "cycles" }, { "--nope", NULL }, { "-o", NULL },
		{ "-e", "timer:1" }, { "-o", "" },
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
		cmocka_unit_test(test_event__refuses),
		cmocka_unit_test(test_event__says_what_would_be_right),
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_record__defaults),
		cmocka_unit_test(test_record__period_comes_from_event_then_c_then_F),
		cmocka_unit_test(test_record__command_keeps_its_options),
		cmocka_unit_test(test_record__refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
