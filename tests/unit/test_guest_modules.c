// SPDX-License-Identifier: GPL-2.0-or-later
/* A guest's modules, as two readings tell them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/sym/guest-modules.h"

static void merged(const char *before, const char *after, const char *expected)
{
	struct xp_gkernel k = { .kallsyms = XP_BUF_INIT }, later = k;
	struct xp_err err;

	xp_buf_add(&k.modules, before, strlen(before));
	xp_buf_add(&k.module_symbols, "a\n", 2);
	xp_buf_add(&later.modules, after, strlen(after));
	xp_buf_add(&later.module_symbols, "b\n", 2);
	assert_int_equal(xp_guest_modules_merge(&k, &later, &err), 0);
	xp_buf_u8(&k.modules, 0);
	assert_string_equal((const char *)k.modules.data, expected);
	assert_int_equal(k.module_symbols.len, 4);
	assert_memory_equal(k.module_symbols.data, "a\nb\n", 4);
	xp_gkernel_release(&k);
	xp_gkernel_release(&later);
}

#define ONE   "one 4096 0 - Live 0xffffffffc0000000\n"
#define TWO   "two 8192 0 - Live 0xffffffffc0010000\n"
#define OTHER "other 4096 0 - Live 0xffffffffc0011000\n"

static void test_merge__one_that_came(void **state)
{
	(void)state;
	merged(ONE, ONE TWO, ONE TWO);
	merged("", ONE, ONE);
}

static void test_merge__one_that_has_gone_had_its_place(void **state)
{
	(void)state;
	merged(ONE TWO, ONE, ONE TWO);
}

static void test_merge__a_place_that_two_had_is_nobodys(void **state)
{
	(void)state;
	merged(ONE TWO, ONE OTHER, ONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge__one_that_came),
		cmocka_unit_test(test_merge__one_that_has_gone_had_its_place),
		cmocka_unit_test(test_merge__a_place_that_two_had_is_nobodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
