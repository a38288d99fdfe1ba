// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Linux's ORC. Entries are written down as arch/x86/include/asm/orc_types.h of each version has its bit fields; whole
 * kernels are compared by make orc-truth.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/unwind/orc.h"

#define BASE UINT64_C(0xffffffff81000000)
#define IP_AT (BASE + 0x1000000)

enum { UND = 0, PREV_SP = 1, R10 = 6, BP = 4, SP = 5, BP_IND = 8, SP_IND = 9 };

/* Up to 6.2: type:2, end:1. 6.3: type:2, signal:1, end:1. Since 6.4: type:3, signal:1. */
#define OLD(type, end) ((type) | (end) << 2)
#define V63(type, signal, end) ((type) | (signal) << 2 | (end) << 3)
#define V64(type, signal) ((type) | (signal) << 3)

struct line { uint32_t at; int16_t sp_offset, bp_offset; uint8_t sp, bp, flags; };

struct tables { struct xp_buf ip, entries; };

static void add(struct tables *t, struct line l)
{
	xp_buf_u32(&t->ip, (uint32_t)(BASE + l.at - (IP_AT + t->ip.len)));
	xp_buf_u16(&t->entries, (uint16_t)l.sp_offset);
	xp_buf_u16(&t->entries, (uint16_t)l.bp_offset);
	xp_buf_u8(&t->entries, (uint8_t)(l.sp | l.bp << 4));
	xp_buf_u8(&t->entries, l.flags);
}

/* What every kernel has most of: functions' first instructions. */
static void add_functions(struct tables *t, uint8_t flags)
{
	uint32_t i;

	for (i = 0; i < 100; i++)
		add(t, (struct line){ 0x1000 + 16 * i, 8, 0, SP, UND, flags });
}

static int rules_of(struct xp_unwind_table *rules, const struct tables *t, enum xp_orc_format format)
{
	const struct xp_orc orc = { t->ip.data, IP_AT, t->entries.data, t->ip.len / 4 };
	struct xp_err err;

	return xp_orc_rules(rules, &orc, format, BASE, BASE + 0x100000, &err);
}

static enum xp_orc_format format_of(const struct tables *t)
{
	return xp_orc_format(t->entries.data, t->entries.len / XP_ORC_ENTRY_BYTES);
}

static void release(struct tables *t)
{
	xp_buf_release(&t->ip);
	xp_buf_release(&t->entries);
}

static void assert_rule(const struct xp_unwind_table *t, uint32_t at, struct xp_rule expected)
{
	const struct xp_rule *r = xp_unwind_table_find(t, BASE + at);

	if (expected.kind == XP_FRAME_NONE) {
		assert_null(r);
		return;
	}
	assert_non_null(r);
	assert_int_equal(r->kind, expected.kind);
	assert_int_equal(r->base, expected.base);
	assert_int_equal(r->cfa, expected.cfa);
	assert_int_equal(r->rbp_rule, expected.rbp_rule);
	assert_int_equal(r->rbp, expected.rbp);
}

#define RULE(k, b, offset, how, where) \
	(struct xp_rule){ .kind = (k), .base = (b), .cfa = (offset), .rbp_rule = (how), .rbp = (where) }

/* The same code, in the words of one format. */
static void check_meaning(struct tables *t, enum xp_orc_format format, uint8_t call, uint8_t regs, uint8_t partial, uint8_t end)
{
	struct xp_unwind_table r;

	add(t, (struct line){ 0x00, 0, 0, UND, UND, end });
	add(t, (struct line){ 0x10, 8, 0, SP, UND, call });
	add(t, (struct line){ 0x11, 16, -16, SP, PREV_SP, call });
	add(t, (struct line){ 0x14, 16, -16, BP, PREV_SP, call });
	add(t, (struct line){ 0x20, 8, 0, SP, UND, regs });
	add(t, (struct line){ 0x30, 8, 0, SP, UND, partial });
	add(t, (struct line){ 0x40, -8, 0, BP_IND, BP, call });
	add(t, (struct line){ 0x50, 16, -16, SP_IND, PREV_SP, call });
	add(t, (struct line){ 0x58, 0, 0, R10, UND, call });
	add(t, (struct line){ 0x60, 0, 0, UND, UND, 0 });
	add_functions(t, call);
	assert_int_equal(format_of(t), format);
	assert_int_equal(rules_of(&r, t, format), 0);
	assert_rule(&r, 0x00, (struct xp_rule){ .kind = XP_FRAME_END });
	assert_rule(&r, 0x10, RULE(XP_FRAME_CALL, XP_CFA_RSP, 8, XP_RBP_SAME, 0));
	assert_rule(&r, 0x11, RULE(XP_FRAME_CALL, XP_CFA_RSP, 16, XP_RBP_SAVED, -16));
	assert_rule(&r, 0x14, RULE(XP_FRAME_CALL, XP_CFA_RBP, 16, XP_RBP_SAVED, -16));
	/* struct pt_regs at rsp + 8: rip is its 17th word, rbp its 5th. */
	assert_rule(&r, 0x20, RULE(XP_FRAME_REGS, XP_CFA_RSP, 8 + 16 * 8, XP_RBP_SAVED, (4 - 16) * 8));
	assert_rule(&r, 0x30, RULE(XP_FRAME_REGS, XP_CFA_RSP, 8, XP_RBP_SAME, 0));
	assert_rule(&r, 0x40, RULE(XP_FRAME_CALL, XP_CFA_AT_RBP, -8, XP_RBP_AT_RBP, 0));
	assert_rule(&r, 0x50, RULE(XP_FRAME_CALL, XP_CFA_AT_RSP_ADD, 16, XP_RBP_SAVED, -16));
	assert_rule(&r, 0x58, (struct xp_rule){ .kind = XP_FRAME_NONE });
	assert_rule(&r, 0x60, (struct xp_rule){ .kind = XP_FRAME_NONE });
	xp_unwind_table_release(&r);
	release(t);
}

static void test_orc__up_to_6_2(void **state)
{
	struct tables t = { 0 };

	(void)state;
	check_meaning(&t, XP_ORC_END, OLD(0, 0), OLD(1, 0), OLD(2, 0), OLD(0, 1));
}

static void test_orc__of_6_3(void **state)
{
	struct tables t = { 0 };

	(void)state;
	check_meaning(&t, XP_ORC_SIGNAL, V63(0, 0, 0), V63(1, 1, 0), V63(2, 1, 0), V63(0, 0, 1));
}

static void test_orc__since_6_4(void **state)
{
	struct tables t = { 0 };

	(void)state;
	check_meaning(&t, XP_ORC_TYPES, V64(2, 0), V64(3, 1), V64(4, 1), V64(1, 0));
}

static void test_orc__what_is_neither_is_not_read(void **state)
{
	struct tables t = { 0 };
	struct xp_unwind_table r;

	(void)state;
	assert_int_equal(format_of(&t), XP_ORC_UNKNOWN);
	add_functions(&t, 7);
	assert_int_equal(format_of(&t), XP_ORC_UNKNOWN);
	assert_int_equal(rules_of(&r, &t, XP_ORC_UNKNOWN), XP_E_FORMAT);
	add_functions(&t, V64(2, 0));
	add_functions(&t, OLD(0, 0));
	assert_int_equal(format_of(&t), XP_ORC_UNKNOWN);
	release(&t);
}

static void test_orc__an_end_that_is_a_beginning_counts_as_the_beginning(void **state)
{
	struct tables t = { 0 };
	struct xp_unwind_table r;

	(void)state;
	add(&t, (struct line){ 0x30, 0, 0, UND, UND, 0 });
	add(&t, (struct line){ 0x20, 8, 0, SP, UND, V64(2, 0) });
	add(&t, (struct line){ 0x20, 0, 0, UND, UND, 0 });
	add(&t, (struct line){ 0x10, 8, 0, SP, UND, V64(2, 0) });
	assert_int_equal(rules_of(&r, &t, XP_ORC_TYPES), 0);
	assert_null(xp_unwind_table_find(&r, BASE + 0x0f));
	assert_int_equal(xp_unwind_table_find(&r, BASE + 0x10)->cfa, 8);
	assert_int_equal(xp_unwind_table_find(&r, BASE + 0x2f)->cfa, 8);
	assert_null(xp_unwind_table_find(&r, BASE + 0x30));
	xp_unwind_table_release(&r);
	release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orc__up_to_6_2),
		cmocka_unit_test(test_orc__of_6_3),
		cmocka_unit_test(test_orc__since_6_4),
		cmocka_unit_test(test_orc__what_is_neither_is_not_read),
		cmocka_unit_test(test_orc__an_end_that_is_a_beginning_counts_as_the_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
