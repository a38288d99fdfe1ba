// SPDX-License-Identifier: GPL-2.0-or-later
/* What a file that begins in the middle of a session is told of processes: nobody is forgotten, and nobody is told as another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/collect/retell.h"

static char told[4096]; /* "s5:50 e7:70 ": type, process, time */

static int tell(void *arg, const struct xprof_task *task, struct xp_err *err)
{
	static const char types[] = { [XPROF_TASK_SNAPSHOT] = 's', [XPROF_TASK_FORK] = 'f', [XPROF_TASK_EXEC] = 'e', [XPROF_TASK_EXIT] = 'x' };
	size_t at = strlen(told);

	(void)arg;
	(void)err;
	snprintf(told + at, sizeof(told) - at, "%c%u:%u ", types[task->type], task->tgid, (unsigned int)task->tsc);
	return 0;
}

/* Returns whether it was for the file at hand. */
static int record(struct xp_retell *r, uint16_t type, uint32_t tgid, uint64_t tsc)
{
	const struct xprof_task task = { .type = type, .tgid = tgid, .pid = tgid, .ppid = 1, .cr3 = 0x1000 * tsc, .tsc = tsc };
	struct xp_err err;
	int ret = xp_retell_task(r, &task, &err);

	assert_true(ret >= 0);
	return ret;
}

/* One at a time: a nanosecond is over when one has been told. */
static int step(struct xp_retell *r)
{
	struct xp_err err;

	return xp_retell_step(r, 1, tell, NULL, &err);
}

static void expect(const char *text)
{
	if (!strstr(told, text))
		fail_msg("'%s' is not in '%s'", text, told);
}

static void test_retell__who_lives_and_what_came_and_went(void **state)
{
	struct xp_retell r = { .between = false };
	struct xp_err err;

	(void)state;
	assert_int_equal(record(&r, XPROF_TASK_SNAPSHOT, 5, 50), 1);
	assert_int_equal(record(&r, XPROF_TASK_FORK, 7, 70), 1);
	xp_retell_between(&r);
	told[0] = '\0';
	assert_int_equal(record(&r, XPROF_TASK_EXEC, 7, 71), 0);
	assert_int_equal(record(&r, XPROF_TASK_FORK, 8, 80), 0);
	assert_int_equal(record(&r, XPROF_TASK_EXIT, 8, 81), 0);
	assert_int_equal(xp_retell_step(&r, 0, tell, NULL, &err), 0);
	expect("s5:50 ");
	expect("s7:71 ");
	expect("f8:80 x8:81 ");
	assert_int_equal(strlen(told), strlen("s5:50 s7:71 f8:80 x8:81 "));
	assert_int_equal(record(&r, XPROF_TASK_EXIT, 5, 90), 1);
	xp_retell_release(&r);
}

/* The rings are read between two steps, and the world goes on: those records come last, in their order. */
static void test_retell__a_part_at_a_time(void **state)
{
	struct xp_retell r = { .between = false };
	int more = 1;

	(void)state;
	for (uint32_t i = 1; i <= 20; i++)
		record(&r, XPROF_TASK_SNAPSHOT, i, i);
	xp_retell_between(&r);
	told[0] = '\0';
	for (int i = 0; more; i++) {
		more = step(&r);
		assert_true(i < 21);
		if (i == 5) {
			assert_int_equal(record(&r, XPROF_TASK_FORK, 30, 300), 0);
			assert_int_equal(record(&r, XPROF_TASK_EXEC, 30, 301), 0);
		}
	}
	assert_string_equal(told + strlen(told) - strlen("f30:300 e30:301 "), "f30:300 e30:301 ");
	for (uint32_t i = 1; i <= 20; i++) {
		char text[32];

		snprintf(text, sizeof(text), "s%u:%u ", i, i);
		expect(text);
	}
	assert_int_equal(strlen(told), 9 * strlen("s1:1 ") + 11 * strlen("s10:10 ") + strlen("f30:300 e30:301 "));
	xp_retell_release(&r);
}

/* What is mapped by now is the new program's: it must not be told as what the old one had. */
static void test_retell__who_has_become_another_meanwhile(void **state)
{
	struct xp_retell r = { .between = false };
	int more;

	(void)state;
	for (uint32_t i = 1; i <= 2; i++)
		record(&r, XPROF_TASK_SNAPSHOT, i, i);
	xp_retell_between(&r);
	told[0] = '\0';
	assert_int_equal(step(&r), 1); /* one of the two */
	assert_int_equal(strlen(told), strlen("s1:1 "));
	told[0] = '\0';
	record(&r, XPROF_TASK_EXEC, 1, 100);
	record(&r, XPROF_TASK_EXEC, 2, 200);
	do
		more = step(&r);
	while (more);
	assert_string_equal(told, "e1:100 e2:200 "); /* not the other one as it was */
	xp_retell_release(&r);
}

/* A session that ends, or a file that does, in the middle of it: nothing is kept. */
static void test_retell__released_in_the_middle(void **state)
{
	struct xp_retell r = { .between = false };

	(void)state;
	for (uint32_t i = 1; i <= 3; i++)
		record(&r, XPROF_TASK_SNAPSHOT, i, i);
	xp_retell_between(&r);
	told[0] = '\0';
	record(&r, XPROF_TASK_EXEC, 1, 100);
	assert_int_equal(step(&r), 1);
	xp_retell_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_retell__who_lives_and_what_came_and_went),
		cmocka_unit_test(test_retell__a_part_at_a_time),
		cmocka_unit_test(test_retell__who_has_become_another_meanwhile),
		cmocka_unit_test(test_retell__released_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
