// SPDX-License-Identifier: GPL-2.0-or-later
/* What is kept of a guest's kernel between runs, and whether it is known again. */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "guestimage.h"
#include "lib/base/cache.h"
#include "lib/guest/kept.h"
#include "lib/guest/recall.h"

#define GUEST "00112233445566778899aabbccddeeff"

static struct xp_gmemory memory;
static char dir[64];

static int make_folder(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/xprof-kept-XXXXXX");
	return !mkdtemp(dir) || setenv("XPROF_CACHE", dir, 1);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

static int remove_folder(void **state)
{
	(void)state;
	return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void path_of(char path[256], const char *name)
{
	snprintf(path, 256, "%s/" XP_GKEPT_KIND "/%s", dir, name);
}

/* Reads the image's kernel, as for the first time, and keeps it. */
static void keep(const struct guest_image *g)
{
	struct xp_gkernel k = { .kallsyms = XP_BUF_INIT };
	struct xp_err err;

	xp_gmemory_init(&memory, &g->source, 0, 4);
	assert_int_equal(xp_gkernel_read(&k, &memory, &err), 0);
	xp_gkernel_keep(&k, GUEST);
	xp_gkernel_release(&k);
}

static bool recall(const struct guest_image *g, struct xp_gkernel *k, const char *guest)
{
	memset(k, 0, sizeof(*k));
	xp_gmemory_init(&memory, &g->source, 0, 4);
	return xp_gkernel_recall(k, &memory, guest);
}

#define IMAGE(where) { .nr = 2000, .base = (where), .marker_bytes = 4, .absolute_percpu = true, .module = true }

static void is_known_again(const struct guest_image *g)
{
	struct xp_gkernel k;

	assert_true(recall(g, &k, GUEST));
	assert_int_equal(k.kallsyms.len, 0); /* nothing but notes and the list of modules was read */
	assert_int_equal(k.module_symbols.len, 0);
	assert_int_equal(k.modules.len, strlen(GUEST_MODULE_LINE));
	assert_true(xp_gkernel_fill(&k, GUEST));
	xp_buf_add(&k.kallsyms, k.module_symbols.data, k.module_symbols.len);
	assert_int_equal(k.kallsyms.len, g->text.len);
	assert_memory_equal(k.kallsyms.data, g->text.data, g->text.len);
	xp_gkernel_release(&k);
}

static void test_recall__the_same_kernel_at_the_same_place(void **state)
{
	struct guest_image g = IMAGE(GUEST_TEXT);

	(void)state;
	guest_image_make(&g);
	keep(&g);
	is_known_again(&g);
	guest_image_release(&g);
}

static void test_recall__where_kaslr_has_put_it_this_time(void **state)
{
	struct guest_image g = IMAGE(GUEST_TEXT), other = IMAGE(0xffffffffa7c00000);
	struct xp_buf tasks = XP_BUF_INIT;
	struct xp_gkernel k;

	(void)state;
	guest_image_make(&g);
	guest_image_make(&other);
	keep(&g);
	is_known_again(&other);
	assert_true(recall(&other, &k, GUEST));
	xp_gtasks_read(&memory, &k.places.tasks, &tasks);
	assert_int_equal(tasks.len, sizeof(struct xp_gtask));
	xp_buf_release(&tasks);
	xp_gkernel_release(&k);
	guest_image_release(&g);
	guest_image_release(&other);
}

static void test_recall__another_build_is_read(void **state)
{
	struct guest_image g = IMAGE(GUEST_TEXT);
	struct xp_gkernel k;
	uint8_t *note;

	(void)state;
	guest_image_make(&g);
	keep(&g);
	note = memmem(g.frames.data, g.frames.len, "GNU\0\xca\xfe", 6);
	assert_non_null(note);
	note[4] ^= 1;
	assert_false(recall(&g, &k, GUEST));
	note[4] ^= 1;
	assert_false(recall(&g, &k, "ffffffffffffffffffffffffffffffff")); /* what another guest said is no news of this one */
	guest_image_release(&g);
}

static void test_recall__other_modules_are_read(void **state)
{
	struct guest_image g = IMAGE(GUEST_TEXT);
	struct xp_gkernel k;
	uint8_t *name;

	(void)state;
	guest_image_make(&g);
	keep(&g);
	name = memmem(g.frames.data, g.frames.len, "guest_mod", 9);
	memcpy(name, "other_mod", 9);
	assert_true(recall(&g, &k, GUEST));
	assert_int_equal(k.kept.modules, 0);
	assert_true(xp_gkernel_fill(&k, GUEST));
	assert_non_null(memmem(k.module_symbols.data, k.module_symbols.len, "guest_open\t[other_mod]", 22));
	assert_null(memmem(k.module_symbols.data, k.module_symbols.len, "guest_mod", 9));
	xp_gkernel_keep(&k, GUEST); /* and kept */
	xp_gkernel_release(&k);
	assert_true(recall(&g, &k, GUEST));
	assert_int_not_equal(k.kept.modules, 0);
	xp_gkernel_release(&k);
	guest_image_release(&g);
}

/* ---- what is not to be trusted -------------------------------------------*/

static void test_kept__broken_files_are_none(void **state)
{
	struct guest_image g = IMAGE(GUEST_TEXT);
	struct xp_gkernel k;
	char path[256];
	FILE *f;

	(void)state;
	guest_image_make(&g);
	path_of(path, GUEST ".kernel");
	keep(&g);
	f = fopen(path, "r+");
	assert_non_null(f);
	fseek(f, -100, SEEK_END);
	fputs("broken", f);
	fclose(f);
	assert_true(recall(&g, &k, GUEST)); /* (the body is not looked at before it is needed) */
	assert_false(xp_gkernel_fill(&k, GUEST));
	xp_gkernel_release(&k);
	assert_int_equal(truncate(path, 60), 0);
	assert_false(recall(&g, &k, GUEST));
	keep(&g);
	is_known_again(&g);
	guest_image_release(&g);
}

static void test_kept__files_that_others_could_write_are_none(void **state)
{
	struct guest_image g = IMAGE(GUEST_TEXT);
	struct xp_gkernel k;
	char path[256], other[256], kind[256];

	(void)state;
	guest_image_make(&g);
	path_of(path, GUEST ".kernel");
	path_of(other, "elsewhere");
	path_of(kind, "");
	keep(&g);
	chmod(path, 0620);
	assert_false(recall(&g, &k, GUEST));
	chmod(path, 0600);
	chmod(kind, 0777);
	assert_false(recall(&g, &k, GUEST));
	chmod(kind, 0700);
	chmod(dir, 0770);
	assert_false(recall(&g, &k, GUEST));
	chmod(dir, 0700);
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(symlink("elsewhere", path), 0);
	assert_false(recall(&g, &k, GUEST));
	keep(&g); /* in place of the link */
	is_known_again(&g);
	guest_image_release(&g);
}

static void test_cache__has_a_bound(void **state)
{
	static char bytes[1000];
	char name[16];
	int fd;

	(void)state;
	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "file-%d", i);
		xp_cache_store("bound", name, bytes, sizeof(bytes), 5500);
		usleep(20000); /* one after the other, by their times */
	}
	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "file-%d", i);
		fd = xp_cache_open("bound", name, 1000);
		assert_int_equal(fd >= 0, i >= 3);
		if (fd >= 0)
			close(fd);
	}
	assert_int_equal(xp_cache_open("bound", "file-7", 999), -1);
	assert_int_equal(xp_cache_open("bound", "../bound/file-7", 1000), -1);
	assert_int_equal(xp_cache_open("..", "file-7", 1000), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_recall__the_same_kernel_at_the_same_place, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_recall__where_kaslr_has_put_it_this_time, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_recall__another_build_is_read, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_recall__other_modules_are_read, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_kept__broken_files_are_none, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_kept__files_that_others_could_write_are_none, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_cache__has_a_bound, make_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
