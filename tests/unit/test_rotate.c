// SPDX-License-Identifier: GPL-2.0-or-later
/* A directory of profiles: names in order, budgets kept, and what is not ours is never touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/collect/processes.h"
#include "lib/profile/profile.h"
#include "lib/rotate/list.h"
#include "lib/rotate/rotate.h"
#include "unit/folder.h"

#define T0 1795875342123u /* date -u -d @1795875342 */

static void test_name__is_the_time_in_utc(void **state)
{
	char name[XP_ROTATE_NAME_BYTES];
	uint64_t ms;

	(void)state;
	xp_rotate_name(name, T0);
	assert_string_equal(name, "xprof-20261128T141542.123Z.data");
	assert_true(xp_rotate_is_name(name, &ms));
	assert_int_equal(ms, T0);
	xp_rotate_part(name, T0);
	assert_string_equal(name, ".xprof-20261128T141542.123Z.data.part");
	assert_true(xp_rotate_is_part(name, &ms));
	assert_false(xp_rotate_is_name(name, &ms));
}

static void test_name__anything_else_is_not_ours(void **state)
{
	static const char *const others[] = {
		"", "xprof-", "xprof.data", "xprof-20261128T141542.123Z.data.old", "xprof-20261128T141542.123Z.dat",
		"xprof-20260231T141542.123Z.data", "xprof-20261128T251542.123Z.data", "xprof-2026112 T141542.123Z.data",
		"xprof--0261128T141542.123Z.data", "xprof-20261128t141542.123Z.data", "Xprof-20261128T141542.123Z.data",
		"xprof-19691231T235959.999Z.data", "xprof-20261128T141542.123Z.data/", "xprof-20261128T141560.123Z.data",
	};
	uint64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (xp_rotate_is_name(others[i], &ms))
			fail_msg("'%s' is taken for ours", others[i]);
		assert_false(xp_rotate_is_part(others[i], &ms));
	}
}

/* ---- a directory ---- */

static bool is_there(const char *name)
{
	return access(in_folder(name), F_OK) == 0;
}

static void put_file(const char *name, const char *text)
{
	FILE *f = fopen(in_folder(name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* A real profile, then filled up to size (the reader would say that it is damaged, which is not the matter here). */
static void write_part(struct xp_rotate *r, off_t size)
{
	struct xp_writer *w;
	struct xp_err err;

	assert_int_equal(xp_writer_open(&w, r->part, &err), 0);
	assert_int_equal(xp_write_host(w, "host.name", "here", &err), 0);
	assert_int_equal(xp_writer_close(w, &err), 0);
	if (size)
		assert_int_equal(truncate(r->part, size), 0);
}

static void publish(struct xp_rotate *r, uint64_t ms, off_t size)
{
	struct xp_err err;

	xp_rotate_begin(r, ms);
	write_part(r, size);
	assert_int_equal(xp_rotate_publish(r, r->last_ms, ms, &err), 0);
}

static size_t nr_files(void)
{
	int fd = open(folder(), O_RDONLY | O_DIRECTORY);
	struct xp_rotate_list l;
	struct xp_err err;
	size_t nr;

	assert_int_equal(xp_rotate_list_read(&l, fd, folder(), false, &err), 0);
	nr = l.nr;
	for (size_t i = 1; i < nr; i++)
		assert_true(strcmp(l.v[i - 1].name, l.v[i].name) < 0);
	xp_rotate_list_release(&l);
	close(fd);
	return nr;
}

static void open_dir(struct xp_rotate *r, uint64_t bytes, uint64_t age_ms)
{
	const struct xp_rotate_budget budget = { bytes, age_ms };
	struct xp_err err;

	if (xp_rotate_open(r, folder(), &budget, T0, &err))
		fail_msg("%s", err.text);
}

static void test_rotate__appears_whole(void **state)
{
	struct xp_profile *p;
	struct xp_rotate r;
	struct xp_err err;

	(void)state;
	open_dir(&r, 0, 0);
	xp_rotate_begin(&r, T0);
	write_part(&r, 0);
	assert_int_equal(nr_files(), 0);
	assert_int_equal(xp_rotate_publish(&r, r.last_ms, T0, &err), 0);
	assert_int_equal(nr_files(), 1);
	assert_int_equal(xp_profile_open(&p, in_folder("xprof-20261128T141542.123Z.data"), &err), 0);
	assert_true(p->complete);
	xp_profile_free(p);
	xp_rotate_close(&r);
}

/* The next one is begun, and written, while the last one is still being finished. */
static void test_rotate__one_ends_while_the_next_goes_on(void **state)
{
	struct xp_rotate r;
	struct stat st;
	struct xp_err err;

	(void)state;
	open_dir(&r, 0, 0);
	xp_rotate_begin(&r, T0);
	write_part(&r, 0);
	xp_rotate_begin(&r, T0 + 1000);
	write_part(&r, 0);
	assert_int_equal(xp_rotate_publish(&r, T0, T0 + 1000, &err), 0);
	assert_int_equal(nr_files(), 1);
	assert_true(is_there("xprof-20261128T141542.123Z.data"));
	assert_true(is_there(".xprof-20261128T141543.123Z.data.part"));
	assert_int_equal(stat(in_folder("xprof-20261128T141542.123Z.data"), &st), 0);
	assert_int_equal(r.bytes, st.st_size);
	xp_rotate_close(&r);
}

/* The budget holds with an eighth to spare for the one that is being written; the newest stays whatever its size. */
static void test_rotate__keeps_to_its_size(void **state)
{
	struct xp_rotate r;

	(void)state;
	open_dir(&r, 8 << 20, 0);
	for (uint64_t i = 0; i < 10; i++)
		publish(&r, T0 + 1000 * i, 2 << 20);
	assert_int_equal(nr_files(), 3); /* 7 MiB may be there: 3 of 2 */
	assert_int_equal(r.removed, 7);
	assert_true(is_there("xprof-20261128T141551.123Z.data"));
	publish(&r, T0 + 20000, 64 << 20);
	assert_int_equal(nr_files(), 1);
	assert_true(is_there("xprof-20261128T141602.123Z.data"));
	xp_rotate_close(&r);
}

static void test_rotate__keeps_to_its_age(void **state)
{
	struct xp_rotate r;

	(void)state;
	open_dir(&r, 0, 60000);
	for (uint64_t i = 0; i < 10; i++)
		publish(&r, T0 + 10000 * i, 0);
	/* at 90 s: those of 30, 40, … 90 s */
	assert_int_equal(nr_files(), 7);
	assert_true(is_there("xprof-20261128T141612.123Z.data"));
	publish(&r, T0 + 86400000, 0);
	assert_int_equal(nr_files(), 1);
	xp_rotate_close(&r);
}

/* Names that only look like ours, our name on what is no profile, a directory or a link: all stay. */
static void test_rotate__touches_nothing_else(void **state)
{
	struct xp_rotate r;

	(void)state;
	put_file("notes.txt", "mine");
	put_file("xprof-19990101T000000.000Z.data", "not a profile");
	put_file("xprof-19990101T000000.000Z.data.old", "\x89XPROF\r\n");
	mkdir(in_folder("xprof-19990102T000000.000Z.data"), 0700);
	assert_int_equal(symlink("/etc/hostname", in_folder("xprof-19990103T000000.000Z.data")), 0);
	open_dir(&r, 8 << 20, 1000);
	for (uint64_t i = 0; i < 5; i++)
		publish(&r, T0 + 10000 * i, 4 << 20);
	while (xp_rotate_drop_oldest(&r))
		;
	assert_true(is_there("notes.txt"));
	assert_true(is_there("xprof-19990101T000000.000Z.data"));
	assert_true(is_there("xprof-19990101T000000.000Z.data.old"));
	assert_true(is_there("xprof-19990102T000000.000Z.data"));
	assert_true(is_there("xprof-19990103T000000.000Z.data"));
	assert_true(is_there("xprof-20261128T141622.123Z.data")); /* the newest */
	xp_rotate_close(&r);
}

static void test_rotate__names_go_up_when_the_clock_goes_back(void **state)
{
	struct xp_rotate r;

	(void)state;
	open_dir(&r, 0, 0);
	publish(&r, T0, 0);
	publish(&r, T0 - 3600000, 0);
	assert_true(is_there("xprof-20261128T141542.124Z.data"));
	xp_rotate_close(&r);
	open_dir(&r, 0, 0);
	publish(&r, T0 - 7200000, 0);
	assert_true(is_there("xprof-20261128T141542.125Z.data"));
	xp_rotate_close(&r);
}

static void test_rotate__what_a_dead_recorder_left_is_published(void **state)
{
	struct xp_profile *p;
	struct xp_rotate r;
	struct xp_err err;

	(void)state;
	open_dir(&r, 0, 0);
	xp_rotate_begin(&r, T0);
	write_part(&r, 0);
	xp_rotate_close(&r); /* as if it was killed */
	put_file(".xprof-20261128T141542.000Z.data.part", "");
	open_dir(&r, 0, 0);
	assert_int_equal(r.recovered, 1);
	assert_int_equal(nr_files(), 1);
	assert_false(is_there(".xprof-20261128T141542.000Z.data.part"));
	assert_int_equal(xp_profile_open(&p, in_folder("xprof-20261128T141542.123Z.data"), &err), 0);
	xp_profile_free(p);
	xp_rotate_close(&r);
}

static void test_rotate__one_recorder_at_a_time(void **state)
{
	const struct xp_rotate_budget none = { 0, 0 };
	struct xp_rotate r, second;
	struct xp_err err;

	(void)state;
	open_dir(&r, 0, 0);
	assert_int_equal(xp_rotate_open(&second, folder(), &none, T0, &err), XP_E_BUSY);
	assert_non_null(strstr(err.text, "another"));
	xp_rotate_close(&r);
}

/* ---- processes ---- */

static void note(struct xp_processes *l, uint16_t type, uint32_t tgid, uint32_t ppid, uint64_t cr3)
{
	const struct xprof_task task = { .type = type, .tgid = tgid, .pid = tgid, .ppid = ppid, .cr3 = cr3 };
	struct xp_err err;

	assert_int_equal(xp_processes_note(l, &task, &err), 0);
}

static int count(void *arg, const struct xprof_task *task, struct xp_err *err)
{
	unsigned int *nr = arg;

	(void)err;
	nr[task->type]++;
	return 0;
}

static void test_live__is_who_came_and_has_not_gone(void **state)
{
	unsigned int nr[8] = { 0 };
	struct xp_processes l = { .slots = NULL };
	struct xp_err err;

	(void)state;
	note(&l, XPROF_TASK_EXIT, 1, 0, 0);
	for (uint32_t i = 1; i <= 3000; i++)
		note(&l, i % 2 ? XPROF_TASK_SNAPSHOT : XPROF_TASK_FORK, i, 1, 0x1000 * i);
	for (uint32_t i = 1; i <= 3000; i++)
		if (i % 3)
			note(&l, XPROF_TASK_EXIT, i, 0, 0);
	for (uint32_t i = 1; i <= 3000; i++)
		assert_int_equal(xp_processes_find(&l, i) != NULL, i % 3 == 0);
	note(&l, XPROF_TASK_EXEC, 3, 1, 0x77000);
	assert_int_equal(xp_processes_find(&l, 3)->cr3, 0x77000);
	assert_int_equal(xp_processes_each(&l, count, nr, &err), 0);
	assert_int_equal(nr[XPROF_TASK_SNAPSHOT], 1000);
	xp_processes_release(&l);
}

/* A vfork child has its parent's memory: it must not become the owner of it. */
static void test_live__a_borrower_stays_one(void **state)
{
	unsigned int nr[8] = { 0 };
	struct xp_processes l = { .slots = NULL };
	struct xp_err err;

	(void)state;
	note(&l, XPROF_TASK_SNAPSHOT, 10, 1, 0x5000);
	note(&l, XPROF_TASK_FORK, 11, 10, 0x5000);
	note(&l, XPROF_TASK_FORK, 12, 10, 0x6000);
	assert_int_equal(xp_processes_each(&l, count, nr, &err), 0);
	assert_int_equal(nr[XPROF_TASK_FORK], 1);
	assert_int_equal(nr[XPROF_TASK_SNAPSHOT], 2);
	xp_processes_release(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name__is_the_time_in_utc),
		cmocka_unit_test(test_name__anything_else_is_not_ours),
		cmocka_unit_test_setup_teardown(test_rotate__appears_whole, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_rotate__one_ends_while_the_next_goes_on, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_rotate__keeps_to_its_size, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_rotate__keeps_to_its_age, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_rotate__touches_nothing_else, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_rotate__names_go_up_when_the_clock_goes_back, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_rotate__what_a_dead_recorder_left_is_published, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_rotate__one_recorder_at_a_time, folder_make, folder_remove),
		cmocka_unit_test(test_live__is_who_came_and_has_not_gone),
		cmocka_unit_test(test_live__a_borrower_stays_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
