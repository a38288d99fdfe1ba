/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The base of libxprof: cursor, buffer, arena, sorting, files. */
#include "unit/build.h"

#include <math.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/cursor.h"
#include "lib/base/decimal.h"
#include "lib/base/file.h"
#include "lib/base/parallel.h"
#include "lib/base/sort.h"
#include "lib/base/varint.h"

static void test_cursor__reads_little_endian(void **state)
{
	static const uint8_t data[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	struct xp_cursor c;

	(void)state;
	xp_cursor_init(&c, "test", data, sizeof(data), NULL);
	assert_int_equal(xp_cursor_u8(&c), 1);
	assert_int_equal(xp_cursor_u16(&c), 0x0302);
	assert_int_equal(xp_cursor_u32(&c), 0x07060504);
	assert_true(xp_cursor_u64(&c) == 0x0f0e0d0c0b0a0908u);
	assert_true(xp_cursor_ok(&c));
	assert_int_equal(c.left, 0);
}

static void test_cursor__reports_the_first_underflow_then_gives_zeros(void **state)
{
	static const uint8_t data[] = { 7, 8 };
	struct xp_err err = { "" };
	struct xp_cursor c;

	(void)state;
	xp_cursor_init(&c, "thing", data, sizeof(data), &err);
	xp_cursor_u8(&c);
	assert_int_equal(xp_cursor_u32(&c), 0);
	assert_string_equal(err.text, "thing, byte 1: 4 bytes are wanted, 1 are left");
	assert_int_equal(xp_cursor_u8(&c), 0);
	assert_int_equal(xp_cursor_varint(&c), 0);
	assert_string_equal(err.text, "thing, byte 1: 4 bytes are wanted, 1 are left");
	assert_false(xp_cursor_ok(&c));
}

static void test_cursor__refuses_numbers_that_do_not_end_or_are_too_large(void **state)
{
	static const uint8_t endless[] = { 0x80, 0x80 };
	static const uint8_t large[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2 };
	static const uint8_t most[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1 };
	struct xp_err err = { "" };
	struct xp_cursor c;

	(void)state;
	xp_cursor_init(&c, "n", endless, sizeof(endless), &err);
	xp_cursor_varint(&c);
	assert_string_equal(err.text, "n, byte 0: a number does not end");
	xp_cursor_init(&c, "n", large, sizeof(large), &err);
	xp_cursor_varint(&c);
	assert_string_equal(err.text, "n, byte 0: a number has more than 64 bits");
	xp_cursor_init(&c, "n", most, sizeof(most), &err);
	assert_true(xp_cursor_varint(&c) == UINT64_MAX);
	assert_true(xp_cursor_ok(&c));
}

static void test_cursor__a_count_that_cannot_be_true_fails(void **state)
{
	static const uint8_t data[] = { 3, 0, 0, 0, 0, 0 };
	struct xp_cursor c;

	(void)state;
	xp_cursor_init(&c, "n", data, sizeof(data), NULL);
	assert_int_equal(xp_cursor_count(&c, 1, "a count"), 3);
	xp_cursor_init(&c, "n", data, sizeof(data), NULL);
	assert_int_equal(xp_cursor_count(&c, 2, "a count"), 0);
	assert_false(xp_cursor_ok(&c));
}

static void test_varint__any_value_comes_back(void **state)
{
	struct xp_buf b = XP_BUF_INIT;
	struct xp_cursor c;
	uint64_t values[500];
	size_t i;

	(void)state;
	random_begin();
	for (i = 0; i < 500; i++) {
		values[i] = random_u64() >> random_below(64);
		xp_buf_varint(&b, values[i]);
		xp_buf_zigzag(&b, (int64_t)values[i]);
	}
	xp_cursor_init(&c, "v", b.data, b.len, NULL);
	for (i = 0; i < 500; i++) {
		assert_true(xp_cursor_varint(&c) == values[i]);
		assert_true((uint64_t)xp_cursor_zigzag(&c) == values[i]);
	}
	assert_int_equal(c.left, 0);
	xp_buf_release(&b);
}

static void test_zigzag__keeps_small_numbers_small(void **state)
{
	(void)state;
	assert_int_equal(xp_zigzag(0), 0);
	assert_int_equal(xp_zigzag(-1), 1);
	assert_int_equal(xp_zigzag(1), 2);
	assert_true(xp_zigzag(INT64_MIN) == UINT64_MAX);
}

static void test_arena__keeps_to_its_limit(void **state)
{
	struct xp_arena a;
	size_t n = 0;

	(void)state;
	xp_arena_init(&a, 1u << 20);
	while (xp_arena_alloc(&a, 1000))
		n++;
	assert_in_range(n, 900, 1048);
	assert_null(xp_arena_alloc(&a, SIZE_MAX));
	assert_null(xp_arena_alloc(&a, 1u << 20));
	xp_arena_release(&a);
	assert_non_null(xp_arena_alloc(&a, 1000));
	assert_string_equal(xp_arena_string(&a, "abcdef", 3), "abc");
	xp_arena_release(&a);
}

static int compare_tens(const void *a, const void *b)
{
	return *(const int *)a / 10 - *(const int *)b / 10;
}

static void test_sort__equal_ones_keep_their_order(void **state)
{
	int v[] = { 31, 12, 35, 11, 30, 5, 19, 34, 10, 33, 1, 32, 13, 14, 39, 2 };
	static const int expected[] = { 5, 1, 2, 12, 11, 19, 10, 13, 14, 31, 35, 30, 34, 33, 32, 39 };

	(void)state;
	xp_stable_sort(v, 16, sizeof(*v), compare_tens);
	assert_memory_equal(v, expected, sizeof(v));
}

static void test_file__replaces_as_a_whole(void **state)
{
	char dir[] = "/tmp/xprof-test-XXXXXX", path[64];
	struct xp_buf b = XP_BUF_INIT;
	struct xp_err err;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/f", dir);
	assert_int_equal(xp_file_read(path, &b, 100, &err), XP_E_ABSENT);
	assert_int_equal(xp_file_replace(path, "one", 3, 0640, &err), 0);
	assert_int_equal(xp_file_replace(path, "two", 3, 0600, &err), 0);
	assert_int_equal(xp_file_read(path, &b, 100, &err), 0);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "two", 3);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(xp_file_read(path, &b, 2, &err), XP_E_FORMAT);
	xp_buf_release(&b);
	unlink(path);
	assert_int_equal(rmdir(dir), 0); /* nothing else was left there */
}

static void assert_fixed(double value, int places)
{
	char ours[XP_DECIMAL_TEXT], printed[XP_DECIMAL_TEXT];
	size_t len = xp_decimal_fixed(ours, value, places);

	assert_int_equal(snprintf(printed, sizeof(printed), "%.*f", places, value), len);
	assert_memory_equal(ours, printed, len);
}

static void test_decimal__writes_what_printf_writes(void **state)
{
	static const double some[] = { 0, -0.0, 0.5, 1.5, 2.5, 0.125, 0.375, 0.0000005, 9.9999995, 0.95, 999999999.9999999,
				       1e15, 9007199254740993, 0x1p63, 1.7e308, 5e-324, 0x1p-70, 0x1.fp-71, -1e-9 };
	uint64_t bits = 1;
	double value;
	size_t i;
	int places;

	(void)state;
	for (i = 0; i < sizeof(some) / sizeof(*some); i++)
		for (places = 0; places <= XP_DECIMAL_MAX_PLACES; places++)
			assert_fixed(some[i], places);
	for (i = 0; i < 100000; i++) {
		bits = bits * 6364136223846793005u + 1442695040888963407u;
		value = (double)(bits >> 11) * 0x1p-53; /* 0 to 1 */
		assert_fixed(value * pow(10, (double)(bits % 11)), (int)(bits % 7 + 3));
		assert_fixed(ldexp(value, -(int)(bits % 90)), (int)(bits % 19));
		assert_fixed((double)(bits >> 50) / 64, (int)(bits % 7)); /* ties */
	}
}

static void test_decimal__writes_whole_numbers(void **state)
{
	static const uint64_t some[] = { 0, 9, 10, 99, 100, 999999999999999999u, 1000000000000000000u, 9999999999999999999u,
					 10000000000000000000u, UINT64_MAX };
	char ours[XP_DECIMAL_TEXT], printed[32];
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(some) / sizeof(*some); i++) {
		len = xp_decimal_u64(ours, some[i]);
		assert_int_equal(snprintf(printed, sizeof(printed), "%llu", (unsigned long long)some[i]), len);
		assert_memory_equal(ours, printed, len);
	}
}

static void take_each(void *arg, size_t first, size_t last)
{
	atomic_uint *taken = arg;

	for (; first < last; first++)
		atomic_fetch_add(&taken[first], 1);
}

static void test_parallel__takes_each_once(void **state)
{
	static atomic_uint taken[10001];
	size_t i;

	(void)state;
	xp_parallel(10000, 7, take_each, taken);
	for (i = 0; i < 10000; i++)
		assert_int_equal(taken[i], 1);
	assert_int_equal(taken[10000], 0);
	xp_parallel(0, 7, take_each, taken);
	assert_int_equal(taken[0], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cursor__reads_little_endian),
		cmocka_unit_test(test_cursor__reports_the_first_underflow_then_gives_zeros),
		cmocka_unit_test(test_cursor__refuses_numbers_that_do_not_end_or_are_too_large),
		cmocka_unit_test(test_cursor__a_count_that_cannot_be_true_fails),
		cmocka_unit_test(test_varint__any_value_comes_back),
		cmocka_unit_test(test_zigzag__keeps_small_numbers_small),
		cmocka_unit_test(test_arena__keeps_to_its_limit),
		cmocka_unit_test(test_sort__equal_ones_keep_their_order),
		cmocka_unit_test(test_file__replaces_as_a_whole),
		cmocka_unit_test(test_decimal__writes_what_printf_writes),
		cmocka_unit_test(test_decimal__writes_whole_numbers),
		cmocka_unit_test(test_parallel__takes_each_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
