// SPDX-License-Identifier: GPL-2.0-or-later
/* What is read of a guest's kernel. Expected texts come from the symbols that the memory was made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "guestimage.h"
#include "lib/base/error.h"
#include "lib/guest/kallsyms.h"
#include "lib/guest/kernel.h"

static struct xp_gmemory memory; /* too large for a stack */

static int read_kernel(const struct guest_image *g, struct xp_gkernel *k, struct xp_err *err)
{
	xp_gmemory_init(&memory, &g->source, 0, 4);
	return xp_gkernel_read(k, &memory, err);
}

static void reads_its_own_table(struct guest_image g)
{
	struct xp_gkernel k = { .kallsyms = XP_BUF_INIT };
	struct xp_err err = { "" };

	g.nr = 5000;
	if (!g.base)
		g.base = GUEST_TEXT;
	if (!g.marker_bytes)
		g.marker_bytes = 4;
	guest_image_make(&g);
	if (read_kernel(&g, &k, &err))
		fail_msg("%s", err.text);
	xp_buf_add(&k.kallsyms, k.module_symbols.data, k.module_symbols.len);
	assert_int_equal(k.kallsyms.len, g.text.len);
	assert_memory_equal(k.kallsyms.data, g.text.data, g.text.len);
	assert_int_equal(k.notes.len, 20);
	assert_int_equal(k.modules.len, g.module ? strlen(GUEST_MODULE_LINE) : 0);
	if (g.module)
		assert_memory_equal(k.modules.data, GUEST_MODULE_LINE, k.modules.len);
	xp_gkernel_release(&k);
	guest_image_release(&g);
}

static void test_read__linux_6_1(void **state)
{
	(void)state;
	reads_its_own_table((struct guest_image){ .absolute_percpu = true, .long_names = true });
}

static void test_read__linux_4_19(void **state)
{
	(void)state;
	reads_its_own_table((struct guest_image){ .absolute_percpu = true, .marker_bytes = 8 });
}

static void test_read__linux_6_2(void **state)
{
	(void)state;
	reads_its_own_table((struct guest_image){ .absolute_percpu = true, .long_names = true, .sequence = true });
}

static void test_read__linux_6_4(void **state)
{
	(void)state;
	reads_its_own_table((struct guest_image){ .absolute_percpu = true, .long_names = true, .since_6_4 = true });
}

static void test_read__linux_6_15(void **state)
{
	(void)state;
	reads_its_own_table((struct guest_image){ .long_names = true, .since_6_4 = true });
}

static void test_read__wherever_kaslr_has_put_it(void **state)
{
	(void)state;
	reads_its_own_table((struct guest_image){ .absolute_percpu = true, .base = 0xffffffffb9c00000 });
}

static void test_read__before_constants_are_read_only(void **state)
{
	(void)state;
	reads_its_own_table((struct guest_image){ .absolute_percpu = true, .writable = true });
}

static void test_read__by_large_pages(void **state)
{
	(void)state;
	reads_its_own_table((struct guest_image){ .absolute_percpu = true, .large = true });
}

static void test_modules__up_to_6_3(void **state)
{
	(void)state;
	reads_its_own_table((struct guest_image){ .absolute_percpu = true, .module = true });
}

static void test_modules__since_6_4(void **state)
{
	(void)state;
	reads_its_own_table((struct guest_image){ .absolute_percpu = true, .since_6_4 = true, .module = true });
}

static void test_tasks__processes_and_no_kernel_threads(void **state)
{
	struct guest_image g = { .nr = 2000, .base = GUEST_TEXT, .marker_bytes = 4, .module = true };
	struct xp_gkernel k = { .kallsyms = XP_BUF_INIT };
	struct xp_buf tasks = XP_BUF_INIT;
	struct xp_gtask t;
	struct xp_err err;

	(void)state;
	guest_image_make(&g);
	assert_int_equal(read_kernel(&g, &k, &err), 0);
	xp_gtasks_read(&memory, &k.places.tasks, &tasks);
	assert_int_equal(tasks.len, sizeof(t));
	memcpy(&t, tasks.data, sizeof(t));
	assert_int_equal(t.tgid, 7);
	assert_int_equal(t.ppid, 0);
	assert_string_equal(t.comm, "guest_process");
	assert_int_equal(t.cr3, 17 * XP_GPAGE); /* page tables are 16 frames, the kernel follows */
	xp_buf_release(&tasks);
	xp_gkernel_release(&k);
	guest_image_release(&g);
}

/* ---- what is not as it should be -----------------------------------------*/

static void test_absent__memory_without_a_kernel(void **state)
{
	struct guest_image g = { .nr = 2000, .base = GUEST_TEXT, .marker_bytes = 4 };
	struct xp_gkernel k = { .kallsyms = XP_BUF_INIT };
	struct xp_err err;

	(void)state;
	guest_image_make(&g);
	memset(g.frames.data + g.table, 0, g.table_len);
	assert_int_equal(read_kernel(&g, &k, &err), XP_E_ABSENT);
	assert_non_null(strstr(err.text, "no table of symbols"));
	memset(g.frames.data, 0, XP_GPAGE); /* no page tables either */
	assert_int_equal(read_kernel(&g, &k, &err), XP_E_ABSENT);
	xp_gkernel_release(&k);
	guest_image_release(&g);
}

/* Every line that is told is one of the table's, or another that its bytes mean: of the form of a line, in any case. */
static void has_the_form_of_lines(const struct xp_buf *text)
{
	const char *at = (const char *)text->data, *end = at + text->len;

	while (at && at < end) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));

		assert_non_null(line_end);
		assert_true(line_end - at > 19);
		assert_int_equal(strspn(at, "0123456789abcdef"), 16);
		assert_int_equal(at[16], ' ');
		assert_int_equal(at[18], ' ');
		at = line_end + 1;
	}
}

/* The table, and the page with the module and the types before it. */
static void test_hostile__any_byte_of_the_table_may_be_another(void **state)
{
	struct guest_image g = { .module = true, .nr = 1200, .base = GUEST_TEXT, .marker_bytes = 4, .long_names = true, .since_6_4 = true };
	const char *given = getenv("XPROF_SEED");
	long seed = given ? strtol(given, NULL, 10) : time(NULL);
	unsigned int found = 0;
	struct xp_err err;

	(void)state;
	srand48(seed);
	print_message("XPROF_SEED=%ld\n", seed);
	guest_image_make(&g);
	for (int i = 0; i < 600; i++) {
		struct xp_gkernel k = { .kallsyms = XP_BUF_INIT };
		size_t at = i % 2 ? g.table + (size_t)(drand48() * (double)g.table_len) :
				    (g.table & -(size_t)XP_GPAGE) - XP_GPAGE + (size_t)(drand48() * XP_GPAGE);
		uint8_t was = g.frames.data[at];

		g.frames.data[at] = (uint8_t)lrand48();
		found += read_kernel(&g, &k, &err) == 0;
		has_the_form_of_lines(&k.kallsyms);
		xp_gkernel_release(&k);
		g.frames.data[at] = was;
	}
	/* (most bytes are letters of names) */
	assert_in_range(found, 1, 600);
	guest_image_release(&g);
}

/* Page tables whose entries point at themselves, and at frames that are not there. */
static void test_hostile__page_tables_in_circles(void **state)
{
	struct guest_image g = { .nr = 1200, .base = GUEST_TEXT, .marker_bytes = 4 };
	struct xp_gkernel k = { .kallsyms = XP_BUF_INIT };
	struct xp_gpage page;
	struct xp_err err;
	uint64_t circle = 3, nowhere = 0x7fffffff003ull;

	(void)state;
	guest_image_make(&g);
	for (size_t i = 0; i < 512; i++)
		memcpy(g.frames.data + 8 * i, i % 2 ? &circle : &nowhere, 8);
	assert_int_equal(read_kernel(&g, &k, &err), XP_E_ABSENT);
	assert_true(xp_gmemory_page(&memory, ~0ull, &page));
	assert_int_equal(page.frame, 0);
	xp_gkernel_release(&k);
	guest_image_release(&g);
}

/* The last page of the address space, and a read beyond what is mapped. */
static void test_memory__ends(void **state)
{
	struct guest_image g = { .nr = 1200, .base = GUEST_TEXT, .marker_bytes = 4 };
	uint8_t *bytes = malloc(3 * XP_GPAGE);
	struct xp_gpage page;
	uint64_t address;

	(void)state;
	guest_image_make(&g);
	xp_gmemory_init(&memory, &g.source, 0, 4);
	assert_true(xp_gmemory_next(&memory, 0xffff800000000000, ~0ull, &address, &page));
	assert_int_equal(address, GUEST_TEXT);
	assert_false(xp_gmemory_next(&memory, GUEST_TEXT + (64 << 20), ~0ull, &address, &page));
	memset(bytes, 0xff, 3 * XP_GPAGE);
	assert_false(xp_gmemory_read(&memory, GUEST_TEXT - XP_GPAGE - 1, bytes, 3 * XP_GPAGE));
	for (size_t i = 0; i <= XP_GPAGE; i++)
		assert_int_equal(bytes[i], 0);
	assert_memory_equal(bytes + XP_GPAGE + 1, g.frames.data + 16 * XP_GPAGE, 2 * XP_GPAGE - 1);
	free(bytes);
	guest_image_release(&g);
}

static void test_pack__there_and_back(void **state)
{
	struct xp_gkernel k = { .kallsyms = XP_BUF_INIT }, back = k;
	struct xp_buf packed = XP_BUF_INIT;
	struct xp_err err;

	(void)state;
	xp_buf_add(&k.kallsyms, "ffffffff81000000 T _text\n", 25);
	xp_buf_add(&k.notes, "notes", 5);
	xp_gkernel_pack(&k, &packed);
	assert_int_equal(xp_gkernel_unpack(&back, packed.data, packed.len, &err), 0);
	assert_int_equal(back.kallsyms.len, 25);
	assert_memory_equal(back.kallsyms.data, k.kallsyms.data, 25);
	assert_int_equal(back.modules.len, 0);
	assert_int_equal(back.notes.len, 5);
	xp_gkernel_release(&back);
	for (size_t len = 0; len < packed.len; len++) {
		assert_int_equal(xp_gkernel_unpack(&back, packed.data, len, &err), XP_E_FORMAT);
		xp_gkernel_release(&back);
	}
	xp_buf_release(&packed);
	xp_gkernel_release(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read__linux_6_1),
		cmocka_unit_test(test_read__linux_4_19),
		cmocka_unit_test(test_read__linux_6_2),
		cmocka_unit_test(test_read__linux_6_4),
		cmocka_unit_test(test_read__linux_6_15),
		cmocka_unit_test(test_read__wherever_kaslr_has_put_it),
		cmocka_unit_test(test_read__before_constants_are_read_only),
		cmocka_unit_test(test_read__by_large_pages),
		cmocka_unit_test(test_modules__up_to_6_3),
		cmocka_unit_test(test_modules__since_6_4),
		cmocka_unit_test(test_tasks__processes_and_no_kernel_threads),
		cmocka_unit_test(test_absent__memory_without_a_kernel),
		cmocka_unit_test(test_hostile__any_byte_of_the_table_may_be_another),
		cmocka_unit_test(test_hostile__page_tables_in_circles),
		cmocka_unit_test(test_memory__ends),
		cmocka_unit_test(test_pack__there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
