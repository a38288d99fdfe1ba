// SPDX-License-Identifier: GPL-2.0-or-later
/* Address spaces with rules, tables that they share, and walks by frame pointers. Stacks are written down by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/unwind/space.h"

#define STACK UINT64_C(0x7000)

/* Rules that know nothing of rbp: CFA = rsp + cfa in [0, size). */
static void simple_table(struct xp_unwind_table *t, uint64_t size, int32_t cfa)
{
	const struct xp_rule call = { .kind = XP_FRAME_CALL, .cfa = cfa, .rbp_rule = XP_RBP_SAME }, none = { .kind = XP_FRAME_NONE };

	xp_unwind_table_init(t, 0);
	assert_true(xp_unwind_table_add(t, 0, &call));
	assert_true(xp_unwind_table_add(t, size, &none));
}

static struct xp_unwind_shared *shared(struct xp_unwind_store *store, const char *key, int32_t cfa)
{
	struct xp_unwind_table t;

	simple_table(&t, 0x1000, cfa);
	return xp_unwind_store_add(store, key, strlen(key), &t);
}

static void begin(struct xp_unwind_store *store, struct xp_unwind_space *s)
{
	assert_true(xp_unwind_store_init(store, 1 << 20));
	xp_unwind_space_init(s, store);
}

static void finish(struct xp_unwind_store *store, struct xp_unwind_space *s)
{
	xp_unwind_space_clear(s);
	xp_unwind_store_release(store);
}

static void walk(struct xp_chain *chain, const struct xp_unwind_space *s, struct xp_regs regs, const uint64_t *words, size_t nr,
		 struct xp_unwind_range **wanted)
{
	const struct xp_stack stack = { .at = STACK, .bytes = (const uint8_t *)words, .len = nr * 8 };

	xp_unwind_space_walk(chain, s, &regs, &stack, wanted);
}

static void test_space__a_mapping_covers_what_was_there(void **state)
{
	struct xp_unwind_store store;
	struct xp_unwind_space s;

	(void)state;
	begin(&store, &s);
	assert_true(xp_unwind_space_map(&s, 0x1000, 0x5000, 1));
	xp_unwind_space_set(&s, xp_unwind_space_find(&s, 0x1000), shared(&store, "one", 8), 0x1000);
	assert_true(xp_unwind_space_map(&s, 0x2000, 0x3000, 2));
	assert_int_equal(s.nr, 3);
	assert_int_equal(xp_unwind_space_find(&s, 0x1fff)->owner, 1);
	assert_int_equal(xp_unwind_space_find(&s, 0x2000)->owner, 2);
	assert_null(xp_unwind_space_find(&s, 0x2000)->rules);
	assert_int_equal(xp_unwind_space_find(&s, 0x3000)->bias, 0x1000);
	assert_int_equal(xp_unwind_space_find(&s, 0x3000)->rules->users, 2);
	assert_true(xp_unwind_space_map(&s, 0x0800, 0x2800, 3));
	assert_int_equal(s.nr, 3);
	assert_int_equal(xp_unwind_space_find(&s, 0x1000)->owner, 3);
	assert_int_equal(xp_unwind_space_find(&s, 0x2800)->owner, 2);
	assert_true(xp_unwind_space_unmap(&s, 0x2900, 0x9000));
	assert_int_equal(s.nr, 2);
	assert_null(xp_unwind_space_find(&s, 0x2900));
	assert_int_equal(xp_unwind_space_find(&s, 0x28ff)->owner, 2);
	assert_false(xp_unwind_space_map(&s, 0x9000, 0x9000, 4));
	finish(&store, &s);
}

static void test_space__chains_go_from_image_to_image(void **state)
{
	const uint64_t words[] = { 0, 0x200010, 0, 0, 0x100020, 0, 0 };
	struct xp_unwind_range *wanted;
	struct xp_unwind_store store;
	struct xp_unwind_space s;
	struct xp_chain chain;

	(void)state;
	begin(&store, &s);
	xp_unwind_space_map(&s, 0x100000, 0x101000, 1);
	xp_unwind_space_map(&s, 0x200000, 0x201000, 2);
	walk(&chain, &s, (struct xp_regs){ 0x100000, STACK, 0 }, words, 7, &wanted);
	assert_int_equal(chain.nr, 1);
	assert_int_equal(chain.end, XP_WALK_NO_RULE);
	assert_int_equal(wanted->owner, 1);
	xp_unwind_space_set(&s, wanted, shared(&store, "one", 16), 0x100000);
	walk(&chain, &s, (struct xp_regs){ 0x100000, STACK, 0 }, words, 7, &wanted);
	assert_int_equal(chain.nr, 2);
	assert_int_equal(wanted->owner, 2);
	xp_unwind_space_set(&s, wanted, shared(&store, "two", 24), 0x200000);
	walk(&chain, &s, (struct xp_regs){ 0x100000, STACK, 0 }, words, 7, &wanted);
	assert_null(wanted);
	assert_int_equal(chain.end, XP_WALK_COMPLETE);
	assert_int_equal(chain.nr, 3);
	assert_int_equal(chain.ip[1], 0x200010);
	assert_int_equal(chain.ip[2], 0x100020);
	assert_int_equal(chain.by_rbp[0], 0);
	finish(&store, &s);
}

static void test_space__without_rules_frame_pointers_lead_on(void **state)
{
	/* 0: locals; 1: rbp, return address; 3: …; 4: rbp, return address; 6: local; 7: rbp 0, and nobody */
	const uint64_t words[] = { 0, STACK + 32, 0x100020, 0, STACK + 56, 0x100030, 0, 0, 0 };
	struct xp_unwind_range *wanted;
	struct xp_unwind_store store;
	struct xp_unwind_space s;
	struct xp_chain chain;

	(void)state;
	begin(&store, &s);
	xp_unwind_space_map(&s, 0x100000, 0x101000, 1);
	walk(&chain, &s, (struct xp_regs){ 0x100000, STACK, STACK + 8 }, words, 9, &wanted);
	assert_int_equal(chain.nr, 3);
	assert_int_equal(chain.ip[1], 0x100020);
	assert_int_equal(chain.ip[2], 0x100030);
	assert_int_equal(chain.by_rbp[0], 6);
	assert_int_equal(chain.end, XP_WALK_COMPLETE);
	finish(&store, &s);
}

static void test_space__frame_pointers_that_are_none_lead_nowhere(void **state)
{
	const struct { uint64_t rbp, words[4]; } cases[] = {
		{ STACK + 4, { STACK + 8, 0x100020, 0x100020, 0 } },      /* not aligned */
		{ STACK - 8, { STACK + 8, 0x100020, 0x100020, 0 } },      /* below rsp */
		{ STACK + 24, { STACK + 8, 0x100020, 0x100020, 0 } },     /* above the copy */
		{ STACK, { STACK + 8, 0x900020, 0, 0 } },                 /* its return address is no code */
		{ 1, { STACK + 8, 0x100020, 0, 0 } },
	};
	struct xp_unwind_range *wanted;
	struct xp_unwind_store store;
	struct xp_unwind_space s;
	struct xp_chain chain;
	size_t i;

	(void)state;
	begin(&store, &s);
	xp_unwind_space_map(&s, 0x100000, 0x101000, 1);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		walk(&chain, &s, (struct xp_regs){ 0x100000, STACK, cases[i].rbp }, cases[i].words, 4, &wanted);
		assert_int_equal(chain.nr, 1);
		assert_int_equal(chain.end, XP_WALK_NO_RULE);
	}
	finish(&store, &s);
}

static void test_space__frames_do_not_go_back(void **state)
{
	const uint64_t words[] = { STACK, 0x100020, 0, 0 }; /* its caller's frame is itself */
	struct xp_unwind_range *wanted;
	struct xp_unwind_store store;
	struct xp_unwind_space s;
	struct xp_chain chain;

	(void)state;
	begin(&store, &s);
	xp_unwind_space_map(&s, 0x100000, 0x101000, 1);
	walk(&chain, &s, (struct xp_regs){ 0x100000, STACK, STACK }, words, 4, &wanted);
	assert_int_equal(chain.nr, 2);
	assert_int_equal(chain.end, XP_WALK_NO_RULE);
	finish(&store, &s);
}

static void test_store__what_nobody_uses_makes_room(void **state)
{
	struct xp_unwind_shared *a, *b, *c;
	struct xp_unwind_store store;
	size_t each;

	(void)state;
	assert_true(xp_unwind_store_init(&store, 1 << 20));
	a = shared(&store, "a", 8);
	each = store.bytes;
	store.max_bytes = 2 * each;
	b = shared(&store, "b", 8);
	assert_non_null(b);
	assert_null(shared(&store, "c", 8));
	assert_int_equal(store.refused, 1);
	xp_unwind_store_put(&store, a);
	xp_unwind_store_put(&store, b);
	assert_ptr_equal(xp_unwind_store_get(&store, "a", 1), a); /* b is now the only idle one */
	c = shared(&store, "c", 8);
	assert_non_null(c);
	assert_null(xp_unwind_store_get(&store, "b", 1));
	assert_int_equal(store.bytes, 2 * each);
	assert_int_equal(store.nr, 2);
	xp_unwind_store_release(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_space__a_mapping_covers_what_was_there),
		cmocka_unit_test(test_space__chains_go_from_image_to_image),
		cmocka_unit_test(test_space__without_rules_frame_pointers_lead_on),
		cmocka_unit_test(test_space__frame_pointers_that_are_none_lead_nowhere),
		cmocka_unit_test(test_space__frames_do_not_go_back),
		cmocka_unit_test(test_store__what_nobody_uses_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
