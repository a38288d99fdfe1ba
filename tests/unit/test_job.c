// SPDX-License-Identifier: GPL-2.0-or-later
/* Work in a thread: it goes on beside its caller, and its result arrives whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/job.h"

struct work { int wait_fd, ret; bool blocked; };

static int do_work(void *arg, struct xp_err *err)
{
	struct work *w = arg;
	sigset_t now;
	char c;

	if (read(w->wait_fd, &c, 1) != 1)
		return xp_fail(err, XP_E_SYSTEM, "the pipe");
	pthread_sigmask(SIG_SETMASK, NULL, &now);
	w->blocked = sigismember(&now, SIGTERM) && sigismember(&now, SIGINT);
	return w->ret ? xp_fail(err, (enum xp_error)w->ret, "it is %s", "full") : 0;
}

static int run_one(int ret, struct xp_err *err)
{
	struct work w = { .ret = ret };
	struct xp_job j = { .begun = false };
	int fds[2], taken;

	assert_int_equal(pipe(fds), 0);
	w.wait_fd = fds[0];
	xp_job_start(&j, do_work, &w, 0);
	assert_true(xp_job_runs(&j)); /* until we write: so it is not we who do it */
	assert_int_equal(write(fds[1], "x", 1), 1);
	taken = xp_job_take(&j, err);
	assert_false(xp_job_runs(&j));
	assert_int_equal(xp_job_take(&j, err), 0); /* once */
	assert_true(w.blocked);
	close(fds[0]);
	close(fds[1]);
	return taken;
}

static void test_job__runs_beside_its_caller(void **state)
{
	struct xp_err err;

	(void)state;
	assert_int_equal(run_one(0, &err), 0);
}

static void test_job__its_error_arrives_with_its_text(void **state)
{
	struct xp_err err;

	(void)state;
	assert_int_equal(run_one(XP_E_SYSTEM, &err), XP_E_SYSTEM);
	assert_string_equal(err.text, "it is full");
}

static void test_job__none_is_taken_at_once(void **state)
{
	struct xp_job j = { .begun = false };
	struct xp_err err;

	(void)state;
	assert_false(xp_job_runs(&j));
	assert_int_equal(xp_job_take(&j, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_job__runs_beside_its_caller),
		cmocka_unit_test(test_job__its_error_arrives_with_its_text),
		cmocka_unit_test(test_job__none_is_taken_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
