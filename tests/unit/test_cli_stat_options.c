// SPDX-License-Identifier: GPL-2.0-or-later
/* What 'xprof stat' is asked for; and what is refused before anything is loaded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <fcntl.h>
#include <getopt.h>
#include <unistd.h>

#include <cmocka.h>

/* The command is no library: its sources are compiled in. */
#include "cli/message.c"
#include "cli/options.c"
#include "cli/stat-options.c"

/* Parses a command line of 'stat'; stderr stays quiet. */
static int parse_stat(struct cli_stat_options *o, const char *const args[], size_t nr)
{
	static char *argv[12]; /* the command points into it */
	int status, err = dup(2), null = open("/dev/null", O_WRONLY);

	memset(argv, 0, sizeof(argv));
	argv[0] = (char *)(uintptr_t)"stat";
	for (size_t i = 0; i < nr && args[i]; i++)
		argv[i + 1] = (char *)(uintptr_t)args[i];
	dup2(null, 2);
	for (nr = 1; argv[nr]; nr++)
		;
	status = cli_stat_options((int)nr, argv, o);
	dup2(err, 2);
	close(err);
	close(null);
	return status;
}

static void test_stat__without_anything_ten_seconds_of_the_host(void **state)
{
	struct cli_stat_options o;

	(void)state;
	assert_int_equal(parse_stat(&o, NULL, 0), 0);
	assert_int_equal(o.duration_ns, 10000000000);
	assert_int_equal(o.runs, 1);
	assert_int_equal(o.form, CLI_STAT_TEXT);
	assert_int_equal(o.events.nr, 0);
	assert_null(o.command);
}

static void test_stat__takes_what_perf_users_type(void **state)
{
	static const char *const args[] = { "-a", "-e", "cycles,instructions", "-I", "1000", "-x", ";", "--", "ls", "-r" };
	struct cli_stat_options o;

	(void)state;
	assert_int_equal(parse_stat(&o, args, 10), 0);
	assert_int_equal(o.events.nr, 2);
	assert_int_equal(o.interval_ns, 1000000000);
	assert_int_equal(o.duration_ns, 0);
	assert_int_equal(o.form, CLI_STAT_CSV);
	assert_string_equal(o.separator, ";");
	assert_string_equal(o.command[0], "ls");
	assert_string_equal(o.command[1], "-r");
	assert_null(o.command[2]);
}

static void test_stat__an_interval_goes_on_until_told(void **state)
{
	static const char *const args[] = { "-I", "100" };
	struct cli_stat_options o;

	(void)state;
	assert_int_equal(parse_stat(&o, args, 2), 0);
	assert_int_equal(o.duration_ns, 0);
}

static void test_stat__refuses(void **state)
{
	static const char *const bad[][4] = {
		{ "-e", "cycels" }, { "-e", "cycles:1000" }, { "-e", "cycles:u" }, { "-e", "timer" }, { "-e", "" },
		{ "-I", "9" }, { "-I", "x" }, { "-r", "0" }, { "-r", "1001" }, { "-r", "2", "-I", "100" }, { "-j", "-x", "," },
		{ "-x", "" }, { "-x", "\"" }, { "-x", "\n" }, { "-d", "soon" }, { "-o", "" }, { "-D", "" }, { "--nope" }, { "-e" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cli_stat_options o;

		if (parse_stat(&o, bad[i], 4) != XP_EXIT_USAGE)
			fail_msg("'%s %s' was accepted", bad[i][0], bad[i][1] ? bad[i][1] : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stat__without_anything_ten_seconds_of_the_host),
		cmocka_unit_test(test_stat__takes_what_perf_users_type),
		cmocka_unit_test(test_stat__an_interval_goes_on_until_told),
		cmocka_unit_test(test_stat__refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
