// SPDX-License-Identifier: GPL-2.0-or-later
/* The set of addresses and the symbol table: which address belongs to which symbol. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/sym/addrset.h"
#include "lib/sym/symtab.h"

/* ---- addresses ---- */

static void test_addrset__an_address_is_new_once(void **state)
{
	struct xp_addrset set;

	(void)state;
	xp_addrset_init(&set, 100);
	assert_int_equal(xp_addrset_add(&set, 1, 0), XP_ADDR_NEW);
	assert_int_equal(xp_addrset_add(&set, 1, 0), XP_ADDR_KNOWN);
	assert_int_equal(xp_addrset_add(&set, 2, 0), XP_ADDR_NEW);
	assert_int_equal(set.nr, 2);
	xp_addrset_release(&set);
}

static void test_addrset__grows_and_keeps_all(void **state)
{
	struct xp_addrset set;
	struct xp_addr *sorted;
	size_t i, nr;

	(void)state;
	xp_addrset_init(&set, 100000);
	for (i = 0; i < 50000; i++)
		assert_int_equal(xp_addrset_add(&set, 1 + i % 3, 0xffffffff81000000 + 16 * i), XP_ADDR_NEW);
	for (i = 0; i < 50000; i++)
		assert_int_equal(xp_addrset_add(&set, 1 + i % 3, 0xffffffff81000000 + 16 * i), XP_ADDR_KNOWN);
	sorted = xp_addrset_sorted(&set, &nr);
	assert_int_equal(nr, 50000);
	for (i = 1; i < nr; i++)
		assert_true(sorted[i - 1].space < sorted[i].space ||
			    (sorted[i - 1].space == sorted[i].space && sorted[i - 1].ip < sorted[i].ip));
	assert_int_equal(xp_addr_lower_bound(sorted, nr, 1, 0), 0);
	assert_int_equal(xp_addr_lower_bound(sorted, nr, 4, 0), nr);
	free(sorted);
	xp_addrset_release(&set);
}

static void test_addrset__takes_no_more_than_its_bound(void **state)
{
	struct xp_addrset set;

	(void)state;
	xp_addrset_init(&set, 2);
	xp_addrset_add(&set, 1, 1);
	xp_addrset_add(&set, 1, 2);
	assert_int_equal(xp_addrset_add(&set, 1, 3), XP_ADDR_NO_ROOM);
	assert_int_equal(xp_addrset_add(&set, 1, 2), XP_ADDR_KNOWN);
	assert_int_equal(set.nr, 2);
	xp_addrset_release(&set);
}

/* ---- symbols ---- */

static void put(struct xp_symtab *t, uint64_t start, uint64_t end, const char *name, unsigned int rank)
{
	assert_true(xp_symtab_add(t, start, end, name, strlen(name), rank));
}

static void put_open(struct xp_symtab *t, uint64_t start, uint64_t limit, const char *name)
{
	assert_true(xp_symtab_add_open(t, start, limit, name, name ? strlen(name) : 0, XP_RANK_OPEN));
}

static void assert_name(const struct xp_symtab *t, uint64_t addr, const char *name)
{
	const struct xp_sym *sym = xp_symtab_find(t, addr);
	char found[64] = "";

	if (sym)
		snprintf(found, sizeof(found), "%.*s", (int)sym->len, sym->name);
	assert_string_equal(found, name ? name : "");
}

static void test_symtab__a_symbol_ends_at_its_end(void **state)
{
	struct xp_symtab t;

	(void)state;
	xp_symtab_init(&t, 100);
	put(&t, 0x100, 0x110, "first", XP_RANK_GLOBAL);
	put(&t, 0x120, 0x130, "second", XP_RANK_GLOBAL);
	assert_true(xp_symtab_seal(&t));
	assert_name(&t, 0xff, NULL);
	assert_name(&t, 0x100, "first");
	assert_name(&t, 0x10f, "first");
	assert_name(&t, 0x110, NULL);
	assert_name(&t, 0x120, "second");
	assert_name(&t, 0x130, NULL);
	xp_symtab_release(&t);
}

static void test_symtab__inner_symbol_has_its_addresses_and_the_outer_one_goes_on(void **state)
{
	struct xp_symtab t;

	(void)state;
	xp_symtab_init(&t, 100);
	put(&t, 0x100, 0x200, "outer", XP_RANK_GLOBAL);
	put(&t, 0x120, 0x130, "inner", XP_RANK_LOCAL);
	put(&t, 0x1f0, 0x210, "overlaps", XP_RANK_LOCAL);
	assert_true(xp_symtab_seal(&t));
	assert_name(&t, 0x11f, "outer");
	assert_name(&t, 0x120, "inner");
	assert_name(&t, 0x130, "outer");
	assert_name(&t, 0x1f0, "overlaps");
	assert_name(&t, 0x20f, "overlaps");
	assert_name(&t, 0x210, NULL);
	xp_symtab_release(&t);
}

static void test_symtab__open_symbol_ends_at_next_symbol_or_limit(void **state)
{
	struct xp_symtab t;

	(void)state;
	xp_symtab_init(&t, 100);
	put_open(&t, 0x100, 0x1000, "a");
	put_open(&t, 0x180, 0x1000, NULL); /* a barrier */
	put_open(&t, 0x200, 0x1000, "b");
	put(&t, 0x300, 0x400, "sized", XP_RANK_GLOBAL);
	put_open(&t, 0x350, 0x1000, "label");
	put_open(&t, 0x800, 0x1000, "last");
	assert_true(xp_symtab_seal(&t));
	assert_name(&t, 0x17f, "a");
	assert_name(&t, 0x180, NULL);
	assert_name(&t, 0x2ff, "b");
	assert_name(&t, 0x350, "sized");
	assert_name(&t, 0x3ff, "sized");
	assert_name(&t, 0x400, NULL);
	assert_name(&t, 0xfff, "last");
	assert_name(&t, 0x1000, NULL);
	xp_symtab_release(&t);
}

static void test_symtab__of_aliases_global_then_shortest_then_first(void **state)
{
	struct xp_symtab t;

	(void)state;
	xp_symtab_init(&t, 100);
	put(&t, 0x100, 0x110, "a", XP_RANK_LOCAL);
	put(&t, 0x100, 0x110, "zz_global", XP_RANK_GLOBAL);
	put(&t, 0x100, 0x110, "weak", XP_RANK_WEAK);
	put(&t, 0x200, 0x210, "longer", XP_RANK_GLOBAL);
	put(&t, 0x200, 0x210, "ccc", XP_RANK_GLOBAL);
	put(&t, 0x200, 0x210, "bbb", XP_RANK_GLOBAL);
	assert_true(xp_symtab_seal(&t));
	assert_name(&t, 0x100, "zz_global");
	assert_name(&t, 0x200, "bbb");
	xp_symtab_release(&t);
}

static void test_symtab__many_nested_ones_are_linear(void **state)
{
	struct xp_symtab t;
	uint64_t i, n = 100000;

	(void)state;
	xp_symtab_init(&t, n);
	for (i = 0; i < n; i++)
		put(&t, i, 2 * n - i, "nested", XP_RANK_GLOBAL);
	assert_false(xp_symtab_add(&t, 1, 2, "too many", 8, 0));
	assert_true(xp_symtab_seal(&t));
	assert_int_equal(t.nr, 2 * n - 1);
	assert_name(&t, 2 * n - 1, "nested");
	assert_name(&t, 2 * n, NULL);
	xp_symtab_release(&t);
}

static void test_symtab__empty_and_inverted_symbols_are_passed_over(void **state)
{
	struct xp_symtab t;

	(void)state;
	xp_symtab_init(&t, 100);
	put(&t, 0x100, 0x100, "empty", 0);
	put(&t, 0x200, 0x100, "inverted", 0);
	put(&t, 0x100, 0x200, "", 0);
	assert_true(xp_symtab_seal(&t));
	assert_int_equal(t.nr, 0);
	assert_name(&t, 0x100, NULL);
	xp_symtab_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addrset__an_address_is_new_once),
		cmocka_unit_test(test_addrset__grows_and_keeps_all),
		cmocka_unit_test(test_addrset__takes_no_more_than_its_bound),
		cmocka_unit_test(test_symtab__a_symbol_ends_at_its_end),
		cmocka_unit_test(test_symtab__inner_symbol_has_its_addresses_and_the_outer_one_goes_on),
		cmocka_unit_test(test_symtab__open_symbol_ends_at_next_symbol_or_limit),
		cmocka_unit_test(test_symtab__of_aliases_global_then_shortest_then_first),
		cmocka_unit_test(test_symtab__many_nested_ones_are_linear),
		cmocka_unit_test(test_symtab__empty_and_inverted_symbols_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
