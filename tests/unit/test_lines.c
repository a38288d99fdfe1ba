// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines of tests/data/lines/program (its source lies beside it; addr2line says
 * the same), and what happens with files that are broken or of another build.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/lines/answer.h"
#include "lib/lines/cache.h"
#include "lib/lines/lines.h"
#include "unit/build.h"

#define PROGRAM "tests/data/lines/program"
#define MIDDLE  0x401014u /* the store of innermost(), in middle(), in outer() */
#define NOWHERE 0x500000u

static struct xp_err err;
static char dir[64], copy[96], cache[96], kept[160];
static struct xp_binary_wanted wanted;
static struct xp_binary_places places = { .root = "" };

/* ---- a file of its own, as a profile would name it ---- */

static void read_build_id(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct xp_elf e;

	assert_true(fd >= 0);
	assert_int_equal(xp_elf_open(&e, fd, path, &err), 0);
	wanted = (struct xp_binary_wanted){ .kind = XP_IMAGE_FILE, .name = copy, .build_id = e.build_id };
	xp_elf_release(&e);
	close(fd);
}

static void write_copy(const void *data, size_t n)
{
	int fd = open(copy, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(xp_file_write_all(fd, data, n, copy, &err), 0);
	close(fd);
}

static void copy_program(const char *from, struct xp_buf *bytes)
{
	assert_int_equal(xp_file_read(from, bytes, SIZE_MAX, &err), 0);
	write_copy(bytes->data, bytes->len);
	read_build_id(copy);
}

static int make_dir(void **state)
{
	char hex[2 * XP_BUILD_ID_MAX + 1];
	struct xp_buf bytes = XP_BUF_INIT;

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/xprof-test-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(copy, sizeof(copy), "%s/program", dir);
	snprintf(cache, sizeof(cache), "%s/cache", dir);
	copy_program(PROGRAM, &bytes);
	xp_buf_release(&bytes);
	xp_build_id_hex(&wanted.build_id, hex);
	snprintf(kept, sizeof(kept), "%s/lines/%s", cache, hex);
	return setenv("XPROF_CACHE", cache, 1);
}

static int remove_dir(void **state)
{
	char *slash;

	(void)state;
	unlink(copy);
	unlink(kept);
	slash = strrchr(kept, '/');
	*slash = '\0';
	rmdir(kept);
	rmdir(cache);
	return rmdir(dir);
}

static void find(struct xp_lines *l, uint64_t addr)
{
	assert_int_equal(xp_lines_find(l, &wanted, &places, &addr, 1, &err), 0);
}

/* function:file's name:line, innermost first */
static void assert_frames(const struct xp_lines *l, uint64_t addr, const char *expected)
{
	const struct xp_line *line = xp_lines_at(l, addr);
	char text[256] = "";
	size_t i, n = 0;

	assert_non_null(line);
	for (i = line->first; i < line->first + line->nr; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s:%s:%u", i == line->first ? "" : " ",
				      l->frames[i].function ? l->frames[i].function : "-", l->frames[i].file,
				      l->frames[i].line);
	assert_string_equal(text, expected);
}

/* ---- lines ---- */

static void test_lines__inlined_calls_innermost_first(void **state)
{
	static const uint64_t addrs[] = { 0x401000, 0x40100a, MIDDLE, 0x40101a, 0x401024, 0x40104a, NOWHERE };
	static const char *const files[] = { PROGRAM, "tests/data/lines/compressed" };
	struct xp_buf bytes = XP_BUF_INIT;
	struct xp_lines l;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		xp_buf_reset(&bytes);
		copy_program(files[i], &bytes);
		assert_int_equal(xp_lines_find(&l, &wanted, &places, addrs, 7, &err), 0);
		assert_string_equal(l.why.text, "");
		assert_string_equal(l.source, copy);
		assert_frames(&l, 0x401000, "-:/src/program.c:19");
		assert_frames(&l, 0x40100a, "middle:/src/program.c:12 -:/src/program.c:20");
		assert_frames(&l, MIDDLE, "innermost:/src/program.c:7 middle:/src/program.c:13 -:/src/program.c:20");
		assert_frames(&l, 0x401024, "-:/src/program.c:22");
		assert_frames(&l, 0x40104a, "innermost:/src/program.c:7 middle:/src/program.c:13 outer:/src/program.c:20 "
				  "-:/src/program.c:28");
		assert_frames(&l, NOWHERE, "");
		assert_null(xp_lines_at(&l, 0x401001));
		xp_lines_release(&l);
	}
	xp_buf_reset(&bytes);
	copy_program(PROGRAM, &bytes);
	xp_buf_release(&bytes);
}

static void test_lines__another_build_is_refused_and_named(void **state)
{
	char expected[256];
	struct xp_lines l;

	(void)state;
	wanted.build_id.bytes[0] ^= 1;
	find(&l, MIDDLE);
	wanted.build_id.bytes[0] ^= 1;
	assert_int_equal(l.nr, 0);
	snprintf(expected, sizeof(expected), "%s: %s is of another build than the profile's", copy, copy);
	assert_memory_equal(l.why.text, expected, strlen(expected));
	xp_lines_release(&l);
}

static void test_lines__no_build_id_in_the_profile_is_no_licence(void **state)
{
	struct xp_build_id id = wanted.build_id;
	struct xp_lines l;

	(void)state;
	wanted.build_id.len = 0;
	memset(wanted.build_id.bytes, 0, sizeof(wanted.build_id.bytes));
	find(&l, MIDDLE);
	assert_int_equal(l.nr, 0);
	wanted.build_id = id;
	xp_lines_release(&l);
}

static void test_lines__a_symdir_and_debuginfod_are_looked_at(void **state)
{
	char hex[2 * XP_BUILD_ID_MAX + 1], sub[160], file[192];
	const char *symdirs[] = { dir };
	struct xp_lines l;

	(void)state;
	wanted.name = "/nowhere/program";
	find(&l, MIDDLE);
	assert_int_equal(l.nr, 0);
	assert_non_null(strstr(l.why.text, "name a folder with one by --symdir DIR"));
	xp_lines_release(&l);
	places.symdirs = symdirs;
	places.nr_symdirs = 1;
	find(&l, MIDDLE);
	assert_string_equal(l.source, copy);
	xp_lines_release(&l);
	places.nr_symdirs = 0;

	xp_build_id_hex(&wanted.build_id, hex);
	snprintf(sub, sizeof(sub), "%s/%s", dir, hex);
	snprintf(file, sizeof(file), "%s/debuginfo", sub);
	assert_int_equal(mkdir(sub, 0700), 0);
	assert_int_equal(rename(copy, file), 0);
	places.debuginfod = dir;
	find(&l, MIDDLE);
	places.debuginfod = NULL;
	assert_string_equal(l.source, file);
	xp_lines_release(&l);
	assert_int_equal(rename(file, copy), 0);
	rmdir(sub);
	wanted.name = copy;
}

/* ---- the cache ---- */

static void test_cache__answers_without_the_file_and_learns_more(void **state)
{
	struct xp_buf bytes = XP_BUF_INIT;
	struct xp_lines l;

	(void)state;
	places.keep_lines = true;
	find(&l, MIDDLE);
	xp_lines_release(&l);
	find(&l, 0x401000);
	assert_int_equal(l.nr, 2);
	xp_lines_release(&l);
	assert_int_equal(xp_file_read(copy, &bytes, SIZE_MAX, &err), 0);
	unlink(copy);
	find(&l, MIDDLE);
	assert_string_equal(l.why.text, "");
	assert_frames(&l, MIDDLE, "innermost:/src/program.c:7 middle:/src/program.c:13 -:/src/program.c:20");
	assert_frames(&l, 0x401000, "-:/src/program.c:19");
	xp_lines_release(&l);
	find(&l, 0x401024); /* not known, and no file to ask */
	assert_non_null(strstr(l.why.text, "no file with its debug data"));
	assert_null(xp_lines_at(&l, 0x401024));
	xp_lines_release(&l);
	write_copy(bytes.data, bytes.len);
	xp_buf_release(&bytes);
	places.keep_lines = false;
}

static void test_cache__broken_at_every_byte_is_ignored_and_written_anew(void **state)
{
	struct xp_buf good = XP_BUF_INIT;
	struct xp_lines l;
	size_t i;

	(void)state;
	places.keep_lines = true;
	assert_int_equal(xp_file_read(kept, &good, SIZE_MAX, &err), 0);
	for (i = 0; i < good.len; i++) {
		good.data[i] ^= 0x40;
		assert_int_equal(xp_lines_cache_parse(&l, &wanted.build_id, good.data, good.len, &err), XP_E_FORMAT);
		good.data[i] ^= 0x40;
		assert_int_equal(xp_lines_cache_parse(&l, &wanted.build_id, good.data, i, &err), XP_E_FORMAT);
	}
	good.data[20] ^= 1;
	assert_int_equal(xp_file_replace(kept, good.data, good.len, 0600, &err), 0);
	find(&l, MIDDLE);
	assert_frames(&l, MIDDLE, "innermost:/src/program.c:7 middle:/src/program.c:13 -:/src/program.c:20");
	xp_lines_release(&l);
	xp_buf_reset(&good);
	assert_int_equal(xp_file_read(kept, &good, SIZE_MAX, &err), 0);
	assert_int_equal(xp_lines_cache_parse(&l, &wanted.build_id, good.data, good.len, &err), 0);
	xp_lines_release(&l);
	xp_buf_release(&good);
	places.keep_lines = false;
}

/* ---- hostile files ---- */

static unsigned long tried, without;

static void try_file(const void *data, size_t n)
{
	static const uint64_t addrs[] = { 0x401000, 0x40100a, MIDDLE, 0x40101a, 0x401024, 0x40104a, NOWHERE };
	struct xp_lines l;

	write_copy(data, n);
	assert_int_equal(xp_lines_find(&l, &wanted, &places, addrs, 7, &err), 0);
	assert_true(l.nr == 7 || (l.nr == 0 && l.why.text[0]));
	tried++;
	without += l.nr == 0;
	xp_lines_release(&l);
}

static void test_hostile__cut_off_and_changed_everywhere(void **state)
{
	struct xp_buf b = XP_BUF_INIT;
	uint8_t was;
	size_t i;

	(void)state;
	random_begin();
	copy_program(PROGRAM, &b);
	for (i = 0; i < b.len; i += 1 + random_below(150))
		try_file(b.data, i);
	for (i = sizeof(Elf64_Ehdr); i < b.len; i += 1 + random_below(40)) {
		was = b.data[i];
		b.data[i] = random_below(2) ? 0xff : (uint8_t)random_u64();
		try_file(b.data, b.len);
		b.data[i] = was;
	}
	print_message("%lu files, %lu of them without lines\n", tried, without);
	write_copy(b.data, b.len);
	xp_buf_release(&b);
}

/* Sizes and counts that nobody has: of sections, of what is compressed. */
static void test_hostile__huge_sizes(void **state)
{
	static const uint64_t sizes[] = { UINT64_MAX, 1ull << 40, UINT32_MAX };
	struct xp_buf b = XP_BUF_INIT;
	Elf64_Ehdr eh;
	size_t i, n;

	(void)state;
	copy_program("tests/data/lines/compressed", &b);
	memcpy(&eh, b.data, sizeof(eh));
	for (n = 0; n < sizeof(sizes) / sizeof(*sizes); n++) {
		for (i = 0; i < eh.e_shnum; i++) {
			size_t at = eh.e_shoff + i * sizeof(Elf64_Shdr);
			Elf64_Shdr sh, kept_sh;
			Elf64_Chdr ch;

			memcpy(&sh, b.data + at, sizeof(sh));
			kept_sh = sh;
			sh.sh_size = sizes[n];
			memcpy(b.data + at, &sh, sizeof(sh));
			try_file(b.data, b.len);
			memcpy(b.data + at, &kept_sh, sizeof(sh));
			if (!(kept_sh.sh_flags & SHF_COMPRESSED))
				continue;
			memcpy(&ch, b.data + kept_sh.sh_offset, sizeof(ch));
			memcpy(b.data + kept_sh.sh_offset + offsetof(Elf64_Chdr, ch_size), &sizes[n], sizeof(sizes[n]));
			try_file(b.data, b.len);
			memcpy(b.data + kept_sh.sh_offset, &ch, sizeof(ch));
		}
	}
	xp_buf_reset(&b);
	copy_program(PROGRAM, &b);
	xp_buf_release(&b);
}

static void test_answer__written_and_read_again(void **state)
{
	struct xp_buf b = XP_BUF_INIT;
	struct xp_answer a;
	struct xp_lines l;
	struct xp_cursor c;
	uint64_t i;

	(void)state;
	xp_answer_init(&a);
	for (i = 0; i < 3000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "f%d", (int)(i % 1500));
		xp_answer_begin(&a, i * 16);
		xp_answer_frame(&a, xp_answer_string(&a, name), xp_answer_string(&a, "file.c"), i);
		if (i % 2)
			xp_answer_frame(&a, 0, 0, 0);
	}
	xp_answer_finish(&a, &b);
	xp_answer_release(&a);
	xp_cursor_init(&c, "a", b.data, b.len, &err);
	assert_int_equal(xp_answer_read(&l, &c), 0);
	assert_int_equal(l.nr, 3000);
	assert_int_equal(l.nr_frames, 4500);
	assert_string_equal(l.frames[xp_lines_at(&l, 1501 * 16)->first].function, "f1");
	assert_int_equal(xp_lines_at(&l, 1501 * 16)->nr, 2);
	xp_lines_release(&l);
	xp_buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer__written_and_read_again),
		cmocka_unit_test(test_lines__inlined_calls_innermost_first),
		cmocka_unit_test(test_lines__another_build_is_refused_and_named),
		cmocka_unit_test(test_lines__no_build_id_in_the_profile_is_no_licence),
		cmocka_unit_test(test_lines__a_symdir_and_debuginfod_are_looked_at),
		cmocka_unit_test(test_cache__answers_without_the_file_and_learns_more),
		cmocka_unit_test(test_cache__broken_at_every_byte_is_ignored_and_written_anew),
		cmocka_unit_test(test_hostile__cut_off_and_changed_everywhere),
		cmocka_unit_test(test_hostile__huge_sizes),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
