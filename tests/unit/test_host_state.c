// SPDX-License-Identifier: GPL-2.0-or-later
/* What commands tell each other through the state folder, also when one of them dies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/host/attach.h"
#include "lib/host/session.h"

static char folder[64];

static int setup(void **state)
{
	static struct xp_state s;
	struct xp_err err;

	snprintf(folder, sizeof(folder), "/tmp/xprof-test-XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(xp_state_init(&s, folder, &err), 0);
	*state = &s;
	return 0;
}

static int teardown(void **state)
{
	static const char *const files[] = { "lock", "session.lock", "session", "figures", "result", "attach" };
	struct xp_state *s = *state;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		xp_state_remove(s, files[i]);
	xp_state_release(s);
	return rmdir(folder); /* nothing else was left in it */
}

static void test_state__values_come_back_whatever_they_hold(void **state)
{
	static const char hostile[] = "a\nsession=evil\\x41\x1b[31m\x7f=\t\xc3\xa4";
	struct xp_state_file f;
	char value[64];
	struct xp_err err;

	xp_state_clear(&f);
	xp_state_put(&f, "file", hostile);
	xp_state_put_u64(&f, "pid", UINT64_MAX);
	assert_int_equal(xp_state_save(*state, "session", &f, &err), 0);
	assert_int_equal(xp_state_load(*state, "session", &f, &err), 0);
	assert_true(xp_state_get(&f, "file", value, sizeof(value)));
	assert_string_equal(value, hostile);
	assert_false(xp_state_get(&f, "session", value, sizeof(value)));
	assert_string_equal(value, "");
	assert_int_equal(xp_state_get_u64(&f, "pid"), UINT64_MAX);
	assert_int_equal(xp_state_get_u64(&f, "none"), 0);
	assert_true(xp_state_get(&f, "file", value, 4));
	assert_string_equal(value, "a\ns");
}

static void test_state__what_has_no_room_is_dropped_whole(void **state)
{
	static char big[20000];
	struct xp_state_file f;
	char value[8];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	xp_state_clear(&f);
	xp_state_put(&f, "a", "1");
	xp_state_put(&f, "big", big);
	xp_state_put(&f, "b", "2");
	assert_false(xp_state_get(&f, "big", value, sizeof(value)));
	assert_true(xp_state_get(&f, "b", value, sizeof(value)));
	assert_string_equal(f.text, "a=1\nb=2\n");
}

static void test_state__absent_is_not_broken(void **state)
{
	struct xp_session session;
	struct xp_attached what;
	struct xp_result result;
	struct xp_err err;

	assert_int_equal(xp_session_find(*state, &session), XP_SESSION_NONE);
	assert_int_equal(xp_result_load(*state, &result, &err), XP_E_ABSENT);
	assert_false(xp_attach_noted(*state, &what));
}

static void test_state__folder_that_others_may_write_is_refused(void **state)
{
	struct xp_state s;
	struct xp_err err;

	(void)state;
	assert_int_equal(chmod(folder, 0777), 0);
	assert_int_equal(xp_state_init(&s, folder, &err), XP_E_PERM);
	assert_int_equal(chmod(folder, 0700), 0);
}

static struct xp_session make_session(uint32_t pid)
{
	struct xp_session s = { .pid = pid, .started_ns = 5, .background = true, .file = "/tmp/a b\n.data", .event = "timer", .source = "ipi" };

	return s;
}

static void test_session__lives_as_long_as_its_process(void **state)
{
	struct xp_session mine = make_session(77), found;
	int ready[2], status;
	struct xp_err err;
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		int lock = xp_session_claim(*state, &mine, &err);

		if (write(ready[1], lock < 0 ? "n" : "y", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	assert_int_equal(xp_session_find(*state, &found), XP_SESSION_RUNNING);
	assert_int_equal(found.pid, 77);
	assert_string_equal(found.file, mine.file);
	assert_int_equal(xp_session_claim(*state, &mine, &err), XP_E_BUSY);
	assert_non_null(strstr(err.text, "process 77 is recording already"));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	assert_int_equal(xp_session_find(*state, &found), XP_SESSION_DEAD);
	assert_int_equal(found.pid, 77);
	xp_session_forget(*state);
	assert_int_equal(xp_session_find(*state, &found), XP_SESSION_NONE);
}

static void test_session__leaves_its_result(void **state)
{
	static struct xp_result result, read;
	struct xp_session mine = make_session(78), found;
	struct xp_err err;
	int lock = xp_session_claim(*state, &mine, &err);

	assert_true(lock >= 0);
	result.session = mine;
	result.status = 4;
	result.figures.samples = 39904;
	result.figures.lost = 3;
	snprintf(result.message, sizeof(result.message), "disk full");
	snprintf(result.warnings, sizeof(result.warnings), "one\ntwo\n");
	assert_int_equal(xp_figures_save(*state, &result.figures, &err), 0);
	xp_session_end(*state, lock, &result);
	assert_int_equal(xp_session_find(*state, &found), XP_SESSION_NONE);
	assert_int_equal(xp_result_load(*state, &read, &err), 0);
	assert_int_equal(read.status, 4);
	assert_int_equal(read.figures.samples, 39904);
	assert_int_equal(read.figures.lost, 3);
	assert_string_equal(read.message, "disk full");
	assert_string_equal(read.warnings, "one\ntwo\n");
	assert_int_equal(read.session.pid, 78);
	xp_result_remove(*state);
}

static void test_lock__is_given_up_for_children_too(void **state)
{
	struct xp_state *s = *state, other;
	struct xp_err err;
	int status;
	pid_t pid;

	assert_int_equal(xp_state_lock(s, &err), 0);
	pid = fork(); /* inherits the lock's descriptor, as a background collector does */
	if (pid == 0) {
		pause();
		_exit(0);
	}
	xp_state_unlock(s);
	assert_int_equal(xp_state_init(&other, folder, &err), 0);
	assert_int_equal(xp_state_lock(&other, &err), 0);
	xp_state_release(&other);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_state__values_come_back_whatever_they_hold, setup, teardown),
		cmocka_unit_test_setup_teardown(test_state__what_has_no_room_is_dropped_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(test_state__absent_is_not_broken, setup, teardown),
		cmocka_unit_test_setup_teardown(test_state__folder_that_others_may_write_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_session__lives_as_long_as_its_process, setup, teardown),
		cmocka_unit_test_setup_teardown(test_session__leaves_its_result, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lock__is_given_up_for_children_too, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
