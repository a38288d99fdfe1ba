// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules from machine code, and the walk. The code is hand-assembled; what rsp is can be counted in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/unwind/xen.h"

#define BASE UINT64_C(0x1000)

/* Follows code with functions at the given offsets (ended by -1); the caller releases *t. */
static void rules_of(struct xp_unwind_table *t, const uint8_t *code, size_t len, const int *functions)
{
	struct xp_flow *f = xp_flow_new(BASE, len);

	assert_non_null(f);
	assert_true(xp_flow_add_text(f, BASE, code, len));
	for (; *functions >= 0; functions++)
		assert_true(xp_flow_add_entry(f, BASE + (uint64_t)*functions, &XP_STATE_CALLED));
	assert_true(xp_flow_run(f));
	xp_unwind_table_init(t, BASE);
	assert_true(xp_flow_rules(f, t));
	xp_flow_free(f);
}

static void assert_rule(const struct xp_unwind_table *t, unsigned int at, enum xp_cfa_base base, int32_t cfa)
{
	const struct xp_rule *r = xp_unwind_table_find(t, BASE + at);

	assert_non_null(r);
	assert_int_equal(r->kind, XP_FRAME_CALL);
	assert_int_equal(r->base, base);
	assert_int_equal(r->cfa, cfa);
}

static void test_flow__pushes_and_pops_are_counted_on_both_sides_of_a_branch(void **state)
{
	static const uint8_t code[] = {
		0x53,                   /*  0 push rbx */
		0x48, 0x83, 0xec, 0x10, /*  1 sub $16,rsp */
		0x85, 0xff,             /*  5 test edi,edi */
		0x74, 0x06,             /*  7 je 15 */
		0x48, 0x83, 0xc4, 0x10, /*  9 add $16,rsp */
		0x5b,                   /* 13 pop rbx */
		0xc3,                   /* 14 ret */
		0x90,                   /* 15 nop */
		0xeb, 0xf7,             /* 16 jmp 9 */
	};
	struct xp_unwind_table t;

	(void)state;
	rules_of(&t, code, sizeof(code), (const int[]){ 0, -1 });
	assert_rule(&t, 0, XP_CFA_RSP, 8);
	assert_rule(&t, 1, XP_CFA_RSP, 16);
	assert_rule(&t, 9, XP_CFA_RSP, 32);
	assert_rule(&t, 13, XP_CFA_RSP, 16);
	assert_rule(&t, 14, XP_CFA_RSP, 8);
	assert_rule(&t, 15, XP_CFA_RSP, 32);
	xp_unwind_table_release(&t);
}

static void test_flow__a_frame_pointer_outlives_an_unknown_rsp(void **state)
{
	static const uint8_t code[] = {
		0x55,                   /*  0 push rbp */
		0x48, 0x89, 0xe5,       /*  1 mov rsp,rbp */
		0x48, 0x83, 0xe4, 0xe0, /*  4 and $-32,rsp */
		0x90,                   /*  8 nop */
		0xc9,                   /*  9 leave */
		0xc3,                   /* 10 ret */
	};
	const struct xp_rule *r;
	struct xp_unwind_table t;

	(void)state;
	rules_of(&t, code, sizeof(code), (const int[]){ 0, -1 });
	assert_rule(&t, 8, XP_CFA_RBP, 16);
	r = xp_unwind_table_find(&t, BASE + 8);
	assert_int_equal(r->rbp_rule, XP_RBP_SAVED);
	assert_int_equal(r->rbp, -16);
	assert_rule(&t, 10, XP_CFA_RSP, 8);
	assert_int_equal(xp_unwind_table_find(&t, BASE + 10)->rbp_rule, XP_RBP_SAME);
	xp_unwind_table_release(&t);
}

static void test_flow__what_follows_a_call_that_does_not_return_is_not_followed(void **state)
{
	static const uint8_t code[] = {
		0x53,                         /*  0 push rbx */
		0xe8, 0x05, 0x00, 0x00, 0x00, /*  1 call 11 */
		0x5b, 0xc3,                   /*  6 pop rbx; ret */
		0x90, 0x90, 0x90,
		0x0f, 0x0b,                   /* 11 ud2 */
	};
	static const uint8_t returning[] = { 0x53, 0xe8, 0x05, 0x00, 0x00, 0x00, 0x5b, 0xc3, 0x90, 0x90, 0x90, 0xc3, 0x90 };
	struct xp_unwind_table t;

	(void)state;
	rules_of(&t, code, sizeof(code), (const int[]){ 0, 11, -1 });
	assert_rule(&t, 1, XP_CFA_RSP, 16);
	assert_null(xp_unwind_table_find(&t, BASE + 6));
	xp_unwind_table_release(&t);
	rules_of(&t, returning, sizeof(returning), (const int[]){ 0, 11, -1 });
	assert_rule(&t, 6, XP_CFA_RSP, 16);
	xp_unwind_table_release(&t);
}

static void test_flow__ways_that_do_not_agree_leave_no_rule(void **state)
{
	static const uint8_t code[] = {
		0x74, 0x01, /* 0 je 3 */
		0x53,       /* 2 push rbx */
		0x90,       /* 3 nop: 8 or 16 */
		0xc3,
	};
	struct xp_unwind_table t;

	(void)state;
	rules_of(&t, code, sizeof(code), (const int[]){ 0, -1 });
	assert_rule(&t, 2, XP_CFA_RSP, 8);
	assert_null(xp_unwind_table_find(&t, BASE + 3));
	assert_null(xp_unwind_table_find(&t, BASE + 4));
	xp_unwind_table_release(&t);
}

static void test_flow__what_ends_in_iret_was_not_called(void **state)
{
	static const uint8_t stub[] = { 0x50, 0x58, 0x48, 0xcf }; /* push rax; pop rax; iretq */
	struct xp_unwind_table t;

	(void)state;
	rules_of(&t, stub, sizeof(stub), (const int[]){ 0, -1 });
	assert_null(xp_unwind_table_find(&t, BASE));
	xp_unwind_table_release(&t);
}

static void test_flow__a_local_call_is_a_push(void **state)
{
	static const uint8_t thunk[] = {
		0xe8, 0x02, 0x00, 0x00, 0x00, /* 0 call 7 */
		0xeb, 0xfe,                   /* 5 jmp 5 */
		0x48, 0x89, 0x04, 0x24,       /* 7 mov rax,(rsp) */
		0xc3,
	};
	struct xp_unwind_table t;

	(void)state;
	rules_of(&t, thunk, sizeof(thunk), (const int[]){ 0, -1 });
	assert_rule(&t, 7, XP_CFA_RSP, 16);
	xp_unwind_table_release(&t);
}

/* ---- tables ---- */

static void test_table__survives_being_kept(void **state)
{
	static const uint8_t code[] = { 0x53, 0x48, 0x83, 0xec, 0x10, 0x48, 0x83, 0xc4, 0x10, 0x5b, 0xc3 };
	struct xp_unwind_table t, back;
	struct xp_buf bytes = XP_BUF_INIT;
	struct xp_err err;
	size_t i;

	(void)state;
	rules_of(&t, code, sizeof(code), (const int[]){ 0, -1 });
	xp_unwind_table_encode(&t, &bytes);
	assert_int_equal(xp_unwind_table_decode(&back, bytes.data, bytes.len, &err), 0);
	assert_int_equal(back.nr, t.nr);
	assert_int_equal(back.base, t.base);
	for (i = 0; i < t.nr; i++) {
		assert_true(xp_rule_same(&back.rules[i], &t.rules[i]));
		assert_int_equal(back.rules[i].start, t.rules[i].start);
	}
	xp_unwind_table_release(&back);
	for (i = 0; i < bytes.len; i++)
		assert_int_not_equal(xp_unwind_table_decode(&back, bytes.data, i, &err), 0);
	xp_unwind_table_release(&t);
	xp_buf_release(&bytes);
}

static void test_table__takes_ascending_addresses_only(void **state)
{
	const struct xp_rule called = { .kind = XP_FRAME_CALL, .cfa = 8 }, pushed = { .kind = XP_FRAME_CALL, .cfa = 16 };
	struct xp_unwind_table t;

	(void)state;
	xp_unwind_table_init(&t, BASE);
	assert_false(xp_unwind_table_add(&t, BASE - 1, &called));
	assert_true(xp_unwind_table_add(&t, BASE + 5, &called));
	assert_true(xp_unwind_table_add(&t, BASE + 9, &pushed));
	assert_false(xp_unwind_table_add(&t, BASE + 8, &called));
	assert_false(xp_unwind_table_add(&t, BASE + 0x100000000, &called));
	assert_null(xp_unwind_table_find(&t, BASE + 4));
	assert_int_equal(xp_unwind_table_find(&t, BASE + 8)->cfa, 8);
	assert_int_equal(xp_unwind_table_find(&t, BASE + UINT32_MAX)->cfa, 16);
	xp_unwind_table_release(&t);
}

/* ---- Xen ---- */

/*
 * A hypervisor: main (0) calls leaf (16) from the ways in; common_interrupt (32) calls main; lstar_enter (48) too. Where vCPUs
 * are switched (64) the stack is begun anew, and leaf is called.
 */
static const uint8_t xen_code[] = {
	[0] = 0x53, 0xe8, 0x0a, 0, 0, 0, 0x5b, 0xc3,                              /* push rbx; call 16; pop rbx; ret */
	[16] = 0x48, 0x83, 0xec, 0x08, 0x90, 0x48, 0x83, 0xc4, 0x08, 0xc3,        /* sub $8,rsp; nop; add $8,rsp; ret */
	[32] = 0x48, 0x83, 0xc4, 0x88, 0x90, 0xe8, 0xd6, 0xff, 0xff, 0xff, 0xeb, 0xfe, /* add $-120,rsp; nop; call 0; jmp . */
	[48] = 0x51, 0xe8, 0xca, 0xff, 0xff, 0xff, 0xeb, 0xfe,                       /* push rcx; call 0; jmp . */
	[64] = 0x48, 0x89, 0xc4, 0xe8, 0xc8, 0xff, 0xff, 0xff, 0x90, 0xeb, 0xfe,      /* mov rax,rsp; call 16; nop; jmp . */
	[79] = 0x90,
};

static void xen_rules(struct xp_unwind_table *t)
{
	struct xp_unwind_code_section text = { BASE, sizeof(xen_code), xen_code, ".text", true };
	struct xp_unwind_code_label labels[] = { { BASE, "main", true }, { BASE + 16, "leaf", true },
		{ BASE + 32, "common_interrupt", false }, { BASE + 48, "lstar_enter", false },
		{ BASE + 64, "context_switch", true } };
	struct xp_unwind_code image = { &text, labels, 1, 5, NULL };
	struct xp_err err;

	assert_int_equal(xp_xen_rules(t, &image, &err), 0);
}

static void test_xen__a_hypercalls_chain_reaches_the_guest(void **state)
{
	const uint64_t words[] = { 0, BASE + 6, 0x1b, BASE + 54, 0x1c };
	const struct xp_regs regs = { BASE + 20, 0x8000, 0 };
	struct xp_unwind_table t;
	struct xp_chain chain;

	(void)state;
	xen_rules(&t);
	xp_xen_walk(&chain, &t, &regs, words, 5);
	assert_int_equal(chain.end, XP_WALK_COMPLETE);
	assert_int_equal(chain.nr, 3);
	assert_int_equal(chain.ip[0], BASE + 20);
	assert_int_equal(chain.ip[1], BASE + 6);
	assert_int_equal(chain.ip[2], BASE + 54);
	xp_unwind_table_release(&t);
}

/* An interrupt's frame at words[4]: 15 registers and the error code, then rip, cs, rflags, rsp, ss. */
static void interrupted(uint64_t words[static 40], uint64_t rip, uint64_t cs, uint64_t rsp)
{
	memset(words, 0, 40 * sizeof(*words));
	words[1] = BASE + 6;
	words[3] = BASE + 42;
	words[4 + 16] = rip;
	words[4 + 17] = cs;
	words[4 + 19] = rsp;
}

static void test_xen__an_interrupts_chain_goes_on_in_the_xen_code_it_interrupted(void **state)
{
	const struct xp_regs regs = { BASE + 20, 0x8000, 0 };
	struct xp_unwind_table t;
	struct xp_chain chain;
	uint64_t words[40];

	(void)state;
	xen_rules(&t);
	/* leaf's first instruction was interrupted, called by main, called by lstar_enter. */
	interrupted(words, BASE + 16, 0xe008, 0x8000 + 30 * 8);
	words[30] = BASE + 6;
	words[32] = BASE + 54;
	xp_xen_walk(&chain, &t, &regs, words, 40);
	assert_int_equal(chain.end, XP_WALK_COMPLETE);
	assert_int_equal(chain.nr, 6);
	assert_int_equal(chain.ip[2], BASE + 42);
	assert_int_equal(chain.ip[3], BASE + 16);
	assert_int_equal(chain.ip[4], BASE + 6);
	assert_int_equal(chain.ip[5], BASE + 54);
	xp_unwind_table_release(&t);
}

static void test_xen__an_interrupts_chain_ends_at_the_guest_it_interrupted(void **state)
{
	const struct xp_regs regs = { BASE + 20, 0x8000, 0 };
	struct xp_unwind_table t;
	struct xp_chain chain;
	uint64_t words[40];

	(void)state;
	xen_rules(&t);
	interrupted(words, 0xffffffff81000000, 0xe033, 0xffffc90000000000);
	xp_xen_walk(&chain, &t, &regs, words, 40);
	assert_int_equal(chain.end, XP_WALK_OUTSIDE);
	assert_int_equal(chain.nr, 3);
	assert_int_equal(chain.outer.rip, 0xffffffff81000000);
	assert_int_equal(chain.outer.rsp, 0xffffc90000000000);
	xp_unwind_table_release(&t);
}

/* No rule can tell what rsp was before it was loaded; that nothing lies on the stack can be seen. */
static void test_xen__a_stack_that_was_begun_anew_has_no_caller(void **state)
{
	const uint64_t words[] = { 0, BASE + 72, 0x1b };
	const struct xp_regs regs = { BASE + 20, 0x8000, 0 };
	struct xp_unwind_table t;
	struct xp_chain chain;

	(void)state;
	xen_rules(&t);
	xp_xen_walk(&chain, &t, &regs, words, 2);
	assert_int_equal(chain.end, XP_WALK_COMPLETE);
	assert_int_equal(chain.nr, 2);
	assert_int_equal(chain.ip[1], BASE + 72);
	xp_xen_walk(&chain, &t, &regs, words, 3); /* there is something, which might be a caller */
	assert_int_equal(chain.end, XP_WALK_NO_RULE);
	assert_int_equal(chain.where, BASE + 72);
	xp_unwind_table_release(&t);
}

static void test_xen__a_chain_says_how_it_ended(void **state)
{
	uint64_t words[XP_XEN_STACK_WORDS] = { 0, 0x42 };
	struct xp_regs regs = { BASE + 20, 0x8000, 0 };
	struct xp_unwind_table t;
	struct xp_chain chain;

	(void)state;
	xen_rules(&t);
	xp_xen_walk(&chain, &t, &regs, words, 2); /* a return address that is none of Xen's */
	assert_int_equal(chain.end, XP_WALK_NO_RULE);
	assert_int_equal(chain.where, 0x42);
	xp_xen_walk(&chain, &t, &regs, words, 1); /* leaf was jumped to with an empty stack */
	assert_int_equal(chain.end, XP_WALK_COMPLETE);
	words[1] = BASE + 6;                      /* the copy is full, and main's caller is above it */
	regs.rsp = 0x8000;
	memset(words + 2, 0, sizeof(words) - 16);
	words[3] = BASE + 42;
	words[4 + 16] = BASE + 20;
	words[4 + 17] = 0xe008;
	words[4 + 19] = 0x8000 + sizeof(words);
	xp_xen_walk(&chain, &t, &regs, words, XP_XEN_STACK_WORDS);
	assert_int_equal(chain.end, XP_WALK_TRUNCATED);
	xp_unwind_table_release(&t);
}

static void test_xen__an_endless_stack_fills_the_chain_and_no_more(void **state)
{
	const struct xp_regs regs = { BASE + 20, 0x8000, 0 };
	struct xp_unwind_table t;
	struct xp_chain chain;
	uint64_t words[40];

	(void)state;
	xen_rules(&t);
	interrupted(words, BASE + 20, 0xe008, 0x8000); /* the interrupted stack is this one again */
	xp_xen_walk(&chain, &t, &regs, words, 40);
	assert_int_equal(chain.end, XP_WALK_TRUNCATED);
	assert_int_equal(chain.nr, XP_CHAIN_MAX);
	xp_unwind_table_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flow__pushes_and_pops_are_counted_on_both_sides_of_a_branch),
		cmocka_unit_test(test_flow__a_frame_pointer_outlives_an_unknown_rsp),
		cmocka_unit_test(test_flow__what_follows_a_call_that_does_not_return_is_not_followed),
		cmocka_unit_test(test_flow__ways_that_do_not_agree_leave_no_rule),
		cmocka_unit_test(test_flow__what_ends_in_iret_was_not_called),
		cmocka_unit_test(test_flow__a_local_call_is_a_push),
		cmocka_unit_test(test_table__survives_being_kept),
		cmocka_unit_test(test_table__takes_ascending_addresses_only),
		cmocka_unit_test(test_xen__a_hypercalls_chain_reaches_the_guest),
		cmocka_unit_test(test_xen__an_interrupts_chain_goes_on_in_the_xen_code_it_interrupted),
		cmocka_unit_test(test_xen__an_interrupts_chain_ends_at_the_guest_it_interrupted),
		cmocka_unit_test(test_xen__a_stack_that_was_begun_anew_has_no_caller),
		cmocka_unit_test(test_xen__a_chain_says_how_it_ended),
		cmocka_unit_test(test_xen__an_endless_stack_fills_the_chain_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
