// SPDX-License-Identifier: GPL-2.0-or-later
/* What is read of a guest's processes. The file that the process runs is this test itself, whose functions we know. */
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/unwind/binary.h"
#include "userimage.h"

static struct xp_gmemory memory;
static struct xp_buf own; /* this program's bytes */

__attribute__((noinline, used)) int a_function_of_this_test(int x);
int a_function_of_this_test(int x)
{
	__asm__ volatile("nop; nop" : "+r"(x));
	return x + 1;
}

static int first_base(struct dl_phdr_info *info, size_t size, void *base)
{
	(void)size;
	memcpy(base, &info->dlpi_addr, sizeof(info->dlpi_addr));
	return 1;
}

/* The address in the file of a_function_of_this_test(). */
static uint64_t address_of_function(void)
{
	uint64_t base = 0;

	dl_iterate_phdr(first_base, &base);
	return (uint64_t)(uintptr_t)a_function_of_this_test - base;
}

static int read_own(void **state)
{
	struct xp_err err;

	(void)state;
	return xp_file_read("/proc/self/exe", &own, 64 << 20, &err);
}

static void read_image(const struct user_image *u, struct xp_gprograms *p)
{
	uint64_t root = USER_CR3;
	struct xp_gask ask = { .roots = &root, .nr_roots = 1, .rules = true };
	struct xp_buf tasks = XP_BUF_INIT;

	memset(p, 0, sizeof(*p));
	xp_buf_add(&tasks, &u->task, sizeof(u->task));
	xp_gmemory_init(&memory, &u->source, 1, 4);
	xp_gprograms_read(p, &memory, &u->layout, &tasks, &ask);
	xp_buf_release(&tasks);
}

/* The name of the symbol that holds the address, and how many there are. */
static size_t find(struct xp_cursor symbols, uint64_t address, char name[64])
{
	const uint8_t *at = symbols.pos;
	size_t left = symbols.left, nr = 0;
	struct xp_gsymbol s;
	const char *text;

	for (*name = '\0'; xp_gsymbol_next(&at, &left, &s, &text); nr++)
		if (address == s.start && !s.open)
			snprintf(name, 64, "%.*s", (int)(s.len < 63 ? s.len : 63), text);
	return nr;
}

/* Rule by rule those of the file itself; without them nothing. */
static void rules_are_the_files(const struct xp_cursor *rules, bool whole)
{
	struct xp_unwind_table read, own_rules;
	struct xp_err err;

	if (!whole) {
		assert_int_equal(rules->left, 0);
		return;
	}
	assert_int_equal(xp_binary_rules_memory(&own_rules, own.data, own.len, "this test", &err), 0);
	assert_int_equal(xp_unwind_table_decode(&read, rules->pos, rules->left, &err), 0);
	assert_int_equal(read.nr, own_rules.nr);
	assert_int_equal(read.base, own_rules.base);
	assert_true(xp_unwind_table_find(&read, address_of_function()) != NULL);
	for (size_t i = 0; i < read.nr; i++) {
		assert_int_equal(read.rules[i].start, own_rules.rules[i].start);
		assert_true(xp_rule_same(&read.rules[i], &own_rules.rules[i]));
	}
	xp_unwind_table_release(&read);
	xp_unwind_table_release(&own_rules);
}

static void has_one_file(struct user_image u, uint32_t table, const char *why)
{
	struct xp_gprograms p;
	struct xp_gfile_info info;
	struct xp_cursor c, symbols, rules;
	char path[XP_GPATH_MAX], name[64];
	struct xp_gmap map;

	u.file = own.data;
	u.file_len = own.len;
	user_image_make(&u);
	u.source.arg = &u;
	read_image(&u, &p);
	assert_int_equal(p.maps.len, sizeof(map)); /* what can be executed */
	memcpy(&map, p.maps.data, sizeof(map));
	assert_int_equal(map.start, USER_CODE);
	assert_int_equal(map.end, USER_CODE + (own.len + XP_GPAGE - 1) / XP_GPAGE * XP_GPAGE);
	assert_int_equal(map.offset, 0);
	assert_int_equal(map.tgid, 7);
	assert_int_equal(map.file, 0);
	xp_cursor_init(&c, "files", p.files.data, p.files.len, NULL);
	assert_true(xp_gprograms_next(&c, &info, path, &symbols, &rules));
	assert_string_equal(path, "/mnt/dir/program");
	assert_int_equal(info.key.ino, 4711);
	assert_int_equal(info.key.dev, 0x801);
	assert_string_equal(info.program.why, why);
	assert_int_equal(info.program.table, table);
	find(symbols, address_of_function(), name);
	if (table == XP_GTABLE_ALL)
		assert_string_equal(name, "a_function_of_this_test");
	if (table == XP_GTABLE_NONE)
		assert_int_equal(symbols.left, 0);
	rules_are_the_files(&rules, table != XP_GTABLE_NONE);
	assert_false(xp_gprograms_next(&c, &info, path, &symbols, &rules));
	xp_gprograms_release(&p);
	user_image_release(&u);
}

static void test_programs__by_a_tree_and_the_page_cache(void **state)
{
	(void)state;
	has_one_file((struct user_image){ .list = false }, XP_GTABLE_ALL, "");
}

static void test_programs__by_a_list(void **state)
{
	(void)state;
	has_one_file((struct user_image){ .list = true }, XP_GTABLE_ALL, "");
}

static void test_programs__by_what_the_process_maps(void **state)
{
	(void)state;
	has_one_file((struct user_image){ .only_mapped = true }, XP_GTABLE_ALL, "");
}

/* The file's end, with section headers and the table, is not in memory: what it exports is, by its dynamic section. */
static void test_programs__by_the_dynamic_section(void **state)
{
	size_t pages = (own.len + XP_GPAGE - 1) / XP_GPAGE;

	(void)state;
	has_one_file((struct user_image){ .missing_from = pages - 1, .missing_to = pages }, XP_GTABLE_DYNAMIC,
		     "its table of symbols is not in the guest's memory");
}

static void test_programs__nothing_in_memory(void **state)
{
	(void)state;
	has_one_file((struct user_image){ .missing_to = 1 << 20 }, XP_GTABLE_NONE, "its first page is not in the guest's memory");
}

static void test_programs__a_file_that_is_no_program(void **state)
{
	static const uint8_t text[5000] = "#!/bin/sh";
	struct user_image u = { .file = text, .file_len = sizeof(text) };
	struct xp_gfile_info info;
	struct xp_cursor c, symbols, rules;
	char path[XP_GPATH_MAX];
	struct xp_gprograms p;

	(void)state;
	user_image_make(&u);
	read_image(&u, &p);
	xp_cursor_init(&c, "files", p.files.data, p.files.len, NULL);
	assert_true(xp_gprograms_next(&c, &info, path, &symbols, &rules));
	assert_string_equal(info.program.why, "not an ELF file");
	xp_gprograms_release(&p);
	user_image_release(&u);
}

/* Any byte of the kernel's structs, page tables and the file's headers may be another. */
static void test_hostile__any_byte_may_be_another(void **state)
{
	const char *given = getenv("XPROF_SEED");
	long seed = given ? strtol(given, NULL, 10) : time(NULL);
	struct user_image u = { .file = own.data, .file_len = own.len };
	unsigned int read = 0;

	(void)state;
	srand48(seed);
	print_message("XPROF_SEED=%ld\n", seed);
	user_image_make(&u);
	for (int i = 0; i < 1000; i++) {
		size_t at = i % 3 == 0 ? (size_t)(drand48() * 64 * XP_GPAGE) : i % 3 == 1 ? (size_t)((80 + drand48() * 15) * XP_GPAGE) :
			    (size_t)((400 + drand48() / 4) * XP_GPAGE);
		uint8_t was = u.frames.data[at];
		struct xp_gprograms p;

		u.frames.data[at] = (uint8_t)lrand48();
		read_image(&u, &p);
		read += p.files.len > 0;
		xp_gprograms_release(&p);
		u.frames.data[at] = was;
	}
	assert_in_range(read, 1, 1000);
	user_image_release(&u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_programs__by_a_tree_and_the_page_cache),
		cmocka_unit_test(test_programs__by_a_list),
		cmocka_unit_test(test_programs__by_what_the_process_maps),
		cmocka_unit_test(test_programs__by_the_dynamic_section),
		cmocka_unit_test(test_programs__nothing_in_memory),
		cmocka_unit_test(test_programs__a_file_that_is_no_program),
		cmocka_unit_test(test_hostile__any_byte_may_be_another),
	};

	return cmocka_run_group_tests(tests, read_own, NULL);
}
