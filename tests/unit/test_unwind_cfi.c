// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules from .eh_frame: bytes by hand, files of this machine. */
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/auxv.h>

#include "lib/base/file.h"
#include "lib/unwind/binary.h"
#include "lib/unwind/cfi.h"

#define TEXT 0x1000u

/* A CIE as gcc writes it: "zR", sdata4 relative to itself; CFA rsp+8, return address at CFA-8. */
#define CIE 0x14, 0, 0, 0, 0, 0, 0, 0, 1, 'z', 'R', 0, 1, 0x78, 16, 1, 0x1b, 0x0c, 7, 8, 0x90, 1, 0, 0
#define CIE_BYTES 24u

/* The length of an FDE with n bytes of program, its CIE at offset 0, itself at `at`, of [TEXT + start, + size). */
#define FDE(at, n, start, size) 13 + (n), 0, 0, 0, (at) + 4, 0, 0, 0, \
	LE32(TEXT + (start) - (at) - 8), LE32(size), 0
#define LE32(v) (uint8_t)(v), (uint8_t)((v) >> 8), (uint8_t)((v) >> 16), (uint8_t)((v) >> 24)

static void rules_of(struct xp_unwind_table *t, const uint8_t *bytes, size_t len)
{
	const struct xp_cfi_section s = { "test", bytes, len, 0, false };
	struct xp_err err;

	xp_unwind_table_init(t, 0);
	if (xp_cfi_rules(t, &s, 1, &err))
		fail_msg("%s", err.text);
}

static void assert_rule(const struct xp_unwind_table *t, unsigned int at, struct xp_rule expected)
{
	const struct xp_rule *r = xp_unwind_table_find(t, TEXT + at);

	if (expected.kind == XP_FRAME_NONE) {
		assert_null(r);
		return;
	}
	if (!r)
		fail_msg("no rule at +%u", at);
	assert_int_equal(r->kind, expected.kind);
	assert_int_equal(r->base, expected.base);
	assert_int_equal(r->cfa, expected.cfa);
	assert_int_equal(r->rbp_rule, expected.rbp_rule);
	assert_int_equal(r->rbp, expected.rbp);
}

#define CALL(b, offset, how, where) (struct xp_rule){ .kind = XP_FRAME_CALL, .base = (b), .cfa = (offset), .rbp_rule = (how), .rbp = (where) }
#define NONE (struct xp_rule){ .kind = XP_FRAME_NONE }

static void test_cfi__a_frame_pointers_prologue(void **state)
{
	static const uint8_t bytes[] = {
		CIE, FDE(CIE_BYTES, 13, 0, 0x20),
		0x41, 0x0e, 16, 0x86, 2, /* 1: CFA rsp+16, rbp at CFA-16 */
		0x43, 0x0d, 6,           /* 4: CFA rbp+16 */
		0x5a, 0x0c, 7, 8,        /* 30: CFA rsp+8 */
		0xc6,                    /* rbp is the caller's again */
		LE32(0),
	};
	struct xp_unwind_table t;

	(void)state;
	rules_of(&t, bytes, sizeof(bytes));
	assert_rule(&t, 0, CALL(XP_CFA_RSP, 8, XP_RBP_SAME, 0));
	assert_rule(&t, 1, CALL(XP_CFA_RSP, 16, XP_RBP_SAVED, -16));
	assert_rule(&t, 4, CALL(XP_CFA_RBP, 16, XP_RBP_SAVED, -16));
	assert_rule(&t, 29, CALL(XP_CFA_RBP, 16, XP_RBP_SAVED, -16));
	assert_rule(&t, 30, CALL(XP_CFA_RSP, 8, XP_RBP_SAME, 0));
	assert_rule(&t, 32, NONE);
	assert_null(xp_unwind_table_find(&t, TEXT - 1));
	xp_unwind_table_release(&t);
}

static void test_cfi__a_stack_that_is_aligned(void **state)
{
	/* gcc: lea 8(%rsp),%r10; and $-32,%rsp; push -8(%r10); push %rbp; mov %rsp,%rbp; push %r10 */
	static const uint8_t bytes[] = {
		CIE, FDE(CIE_BYTES, 19, 0, 0x40),
		0x45, 0x0c, 10, 0,          /* 5: CFA r10 */
		0x4a, 0x10, 6, 2, 0x76, 0,  /* 15: rbp at rbp */
		0x42, 0x0f, 3, 0x76, 0x78, 6, /* 17: CFA at rbp-8 */
		0x00, 0x00, 0x00,
		LE32(0),
	};
	struct xp_unwind_table t;

	(void)state;
	rules_of(&t, bytes, sizeof(bytes));
	assert_rule(&t, 0, CALL(XP_CFA_RSP, 8, XP_RBP_SAME, 0));
	assert_rule(&t, 5, NONE);
	assert_rule(&t, 15, NONE);
	assert_rule(&t, 17, CALL(XP_CFA_AT_RBP, -8, XP_RBP_AT_RBP, 0));
	xp_unwind_table_release(&t);
}

static void test_cfi__remembered_rows_and_the_outermost_frame(void **state)
{
	static const uint8_t bytes[] = {
		CIE, FDE(CIE_BYTES, 11, 0, 0x20),
		0x41, 0x0e, 16, 0x0a,      /* 1: CFA rsp+16, remembered */
		0x41, 0x0e, 8,             /* 2 */
		0x41, 0x0b,                /* 3: as at 1 */
		0x00, 0x00,
		FDE(CIE_BYTES + 28, 3, 0x20, 0x10), 0x07, 16, 0x00, /* rip is undefined */
		LE32(0),
	};
	struct xp_unwind_table t;

	(void)state;
	rules_of(&t, bytes, sizeof(bytes));
	assert_rule(&t, 2, CALL(XP_CFA_RSP, 8, XP_RBP_SAME, 0));
	assert_rule(&t, 3, CALL(XP_CFA_RSP, 16, XP_RBP_SAME, 0));
	assert_rule(&t, 0x20, (struct xp_rule){ .kind = XP_FRAME_END });
	assert_rule(&t, 0x30, NONE);
	xp_unwind_table_release(&t);
}

static void test_cfi__what_makes_no_sense_leaves_no_rule_from_there_on(void **state)
{
	static const uint8_t bytes[] = {
		CIE, FDE(CIE_BYTES, 7, 0, 0x20),
		0x41, 0x0e, 16, 0x41, 0x3f, 0x41, 0x00, /* 2: instruction 0x3f */
		FDE(CIE_BYTES + 24, 3, 0x20, 0x10), 0x7f, 0x0e, 16, /* a row behind its end */
		LE32(0),
	};
	struct xp_unwind_table t;

	(void)state;
	rules_of(&t, bytes, sizeof(bytes));
	assert_rule(&t, 1, CALL(XP_CFA_RSP, 16, XP_RBP_SAME, 0));
	assert_rule(&t, 2, NONE);
	assert_rule(&t, 0x1f, NONE);
	assert_rule(&t, 0x20, NONE);
	xp_unwind_table_release(&t);
}

static void test_cfi__a_record_that_runs_over_the_end_is_an_error(void **state)
{
	static const uint8_t bytes[] = { CIE, 0x40, 0, 0, 0, 0x1c, 0, 0, 0, 0 };
	const struct xp_cfi_section s = { ".eh_frame", bytes, sizeof(bytes), 0, false };
	struct xp_unwind_table t;
	struct xp_err err;

	(void)state;
	xp_unwind_table_init(&t, 0);
	assert_int_equal(xp_cfi_rules(&t, &s, 1, &err), XP_E_FORMAT);
	assert_non_null(strstr(err.text, ".eh_frame"));
	assert_non_null(strstr(err.text, "64 bytes"));
}

/* ---- files ---- */

static void test_binary__without_section_headers_the_rules_are_the_same(void **state)
{
	struct xp_unwind_table with, without;
	struct xp_buf file = XP_BUF_INIT;
	Elf64_Ehdr *eh;
	struct xp_err err;
	size_t i;

	(void)state;
	assert_int_equal(xp_file_read("/proc/self/exe", &file, 64 << 20, &err), 0);
	assert_int_equal(xp_binary_rules_memory(&with, file.data, file.len, "self", &err), 0);
	eh = (Elf64_Ehdr *)file.data;
	eh->e_shoff = 0;
	eh->e_shnum = eh->e_shstrndx = 0;
	assert_int_equal(xp_binary_rules_memory(&without, file.data, file.len, "self", &err), 0);
	assert_int_equal(without.nr, with.nr);
	for (i = 0; i < with.nr; i++)
		assert_true(xp_rule_same(&with.rules[i], &without.rules[i]) && with.rules[i].start == without.rules[i].start);
	xp_unwind_table_release(&with);
	xp_unwind_table_release(&without);
	xp_buf_release(&file);
}

static void test_binary__the_vdso_has_rules(void **state)
{
	const Elf64_Ehdr *vdso = (const Elf64_Ehdr *)getauxval(AT_SYSINFO_EHDR);
	struct xp_unwind_table t;
	struct xp_err err;

	(void)state;
	if (!vdso)
		skip();
	assert_int_equal(xp_binary_rules_memory(&t, vdso, vdso->e_shoff + vdso->e_shnum * vdso->e_shentsize, "[vdso]", &err), 0);
	assert_true(t.nr > 1);
	xp_unwind_table_release(&t);
}

static void test_binary__what_is_no_program_says_so(void **state)
{
	struct xp_unwind_table t;
	struct xp_err err;

	(void)state;
	assert_int_equal(xp_binary_rules_memory(&t, "#!/bin/sh\n", 10, "script", &err), XP_E_FORMAT);
	assert_string_equal(err.text, "script: not an ELF file of x86-64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cfi__a_frame_pointers_prologue),
		cmocka_unit_test(test_cfi__a_stack_that_is_aligned),
		cmocka_unit_test(test_cfi__remembered_rows_and_the_outermost_frame),
		cmocka_unit_test(test_cfi__what_makes_no_sense_leaves_no_rule_from_there_on),
		cmocka_unit_test(test_cfi__a_record_that_runs_over_the_end_is_an_error),
		cmocka_unit_test(test_binary__without_section_headers_the_rules_are_the_same),
		cmocka_unit_test(test_binary__the_vdso_has_rules),
		cmocka_unit_test(test_binary__what_is_no_program_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
