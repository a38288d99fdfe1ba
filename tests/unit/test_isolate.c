// SPDX-License-Identifier: GPL-2.0-or-later
/* Children that crash, hang and eat: each ends, and what it was is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <unistd.h>

#include "lib/base/isolate.h"

static struct xp_err err;
static const struct xp_isolate limits = { .memory = 64u << 20, .seconds = 1, .clock_seconds = 60, .answer = 1000 };

static void crash(void *arg, struct xp_buf *answer)
{
	(void)answer;
	if (arg)
		raise(SIGSEGV);
	abort();
}

static void hang(void *arg, struct xp_buf *answer)
{
	(void)answer;
	for (;;)
		if (arg)
			pause();
}

__attribute__((unused))
static void eat(void *arg, struct xp_buf *answer)
{
	(void)arg;
	while (xp_buf_ok(answer))
		xp_buf_reserve(answer, 1u << 20) ? (void)(answer->len += 1u << 20) : (void)0;
}

static void say(void *arg, struct xp_buf *answer)
{
	xp_buf_add(answer, arg, strlen(arg));
}

static void test_isolate__whatever_happens_to_the_child_is_said(void **state)
{
	static char set[] = "yes";
	static const struct { void (*work)(void *, struct xp_buf *); void *arg; const char *text; } cases[] = {
		{ crash, set, "f: the code that reads it has crashed (signal 11, in a process of its own)" },
		{ crash, NULL, "f: the code that reads it has crashed (signal 6, in a process of its own)" },
		{ hang, NULL, "f: given up after 1 s of CPU time" },
#ifndef __SANITIZE_ADDRESS__ /* which waits for ever when there is no memory for its own report */
		{ eat, NULL, "f: reading it takes more memory than the 64 MB it may have" },
#endif
	};
	struct xp_isolate soon = limits;
	struct xp_buf b = XP_BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(xp_isolate(&limits, "f", cases[i].work, cases[i].arg, &b, &err), XP_E_FORMAT);
		assert_string_equal(err.text, cases[i].text);
		assert_int_equal(b.len, 0);
	}
	soon.clock_seconds = 1;
	assert_int_equal(xp_isolate(&soon, "f", hang, set, &b, &err), XP_E_FORMAT);
	assert_string_equal(err.text, "f: given up: no answer in time");
	assert_int_equal(xp_isolate(&limits, "f", say, set, &b, &err), 0);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "yes", 3);
	xp_buf_release(&b);
}

static void say_much(void *arg, struct xp_buf *answer)
{
	(void)arg;
	answer->len = xp_buf_reserve(answer, 1u << 20) ? 1u << 20 : 0;
}

static void test_isolate__an_answer_has_an_end(void **state)
{
	struct xp_buf b = XP_BUF_INIT;

	(void)state;
	assert_int_equal(xp_isolate(&limits, "f", say_much, NULL, &b, &err), XP_E_FORMAT);
	assert_string_equal(err.text, "f: its answer does not end");
	xp_buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_isolate__whatever_happens_to_the_child_is_said),
		cmocka_unit_test(test_isolate__an_answer_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
