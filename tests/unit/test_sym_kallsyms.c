// SPDX-License-Identifier: GPL-2.0-or-later
/* /proc/kallsyms, /proc/modules and Xen's own list, as texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/sym/buildid.h"
#include "lib/sym/kallsyms.h"

static struct xp_err err;

static void parse(struct xp_kallsyms *k, const char *symbols, const char *modules)
{
	int rc = xp_kallsyms_parse(k, xp_span_of(symbols), xp_span_of(modules), &err);

	if (rc)
		fail_msg("parsing failed: %s", err.text);
}

static void assert_name(const struct xp_kallsyms *k, uint64_t addr, const char *name)
{
	const struct xp_sym *sym = xp_symtab_find(&k->syms, addr);
	char found[64] = "";

	if (sym)
		snprintf(found, sizeof(found), "%.*s", (int)sym->len, sym->name);
	assert_string_equal(found, name ? name : "");
}

static void assert_image(const struct xp_kallsyms *k, uint64_t addr, const char *image)
{
	const struct xp_region *region = xp_regions_find(&k->regions, addr);

	assert_string_equal(region ? region->image : "none", image ? image : "none");
}

static const char kernel[] =
	"ffffffff81000000 T _stext\n"
	"ffffffff81000000 T _text\n"
	"ffffffff81000000 T startup_64\n"
	"ffffffff81000100 t local_alias\n"
	"ffffffff81000100 T global_one\n"
	"ffffffff81000200 W weak_one\n"
	"ffffffff81000300 T __sched_text_start\n"
	"ffffffff81000300 t __schedule\n"
	"ffffffff81000400 T last_in_text\n"
	"ffffffff81000480 T _etext\n"
	"ffffffff81800000 D some_data\n"
	"ffffffff82000000 T _sinittext\n"
	"ffffffff82000000 t init_one\n"
	"ffffffff82000080 T _einittext\n"
	"ffffffffc0000000 t xenvif_poll\t[xen_netback]\n"
	"ffffffffc0000100 t xenvif_last\t[xen_netback]\n"
	"ffffffffc0000200 d xenvif_data\t[xen_netback]\n"
	"ffffffffc0010ff0 t bpf_prog_1_x\t[bpf]\n"
	"ffffffffc0020000 t ftrace_trampoline\t[__builtin__ftrace]\n";

static const char modules[] =
	"xen_netback 4096 0 - Live 0xffffffffc0000000\n"
	"hidden 4096 2 xen_netback,other, Live 0x0000000000000000\n"
	"garbage\n";

static void test_kallsyms__function_runs_to_the_next_symbol(void **state)
{
	struct xp_kallsyms k;

	(void)state;
	parse(&k, kernel, modules);
	assert_name(&k, 0xffffffff81000000, "startup_64");
	assert_name(&k, 0xffffffff810000ff, "startup_64");
	assert_name(&k, 0xffffffff81000100, "global_one");
	assert_name(&k, 0xffffffff810002ff, "weak_one");
	assert_name(&k, 0xffffffff81000300, "__schedule");
	xp_kallsyms_release(&k);
}

static void test_kallsyms__never_past_the_end_of_text(void **state)
{
	struct xp_kallsyms k;

	(void)state;
	parse(&k, kernel, modules);
	assert_name(&k, 0xffffffff8100047f, "last_in_text");
	assert_name(&k, 0xffffffff81000480, NULL);
	assert_name(&k, 0xffffffff81800000, NULL);
	assert_name(&k, 0xffffffff8200007f, "init_one");
	assert_name(&k, 0xffffffff82000080, NULL);
	assert_image(&k, 0xffffffff8200007f, "");
	assert_image(&k, 0xffffffff81800000, NULL);
	xp_kallsyms_release(&k);
}

static void test_kallsyms__module_ends_with_its_text(void **state)
{
	struct xp_kallsyms k;

	(void)state;
	parse(&k, kernel, modules);
	assert_name(&k, 0xffffffffc00000ff, "xenvif_poll");
	assert_name(&k, 0xffffffffc00001ff, "xenvif_last");
	assert_name(&k, 0xffffffffc0000200, NULL); /* its data */
	assert_image(&k, 0xffffffffc0000fff, "xen_netback");
	assert_image(&k, 0xffffffffc0001000, NULL);
	xp_kallsyms_release(&k);
}

static void test_kallsyms__code_made_at_run_time_ends_with_its_page(void **state)
{
	struct xp_kallsyms k;

	(void)state;
	parse(&k, kernel, modules);
	assert_name(&k, 0xffffffffc0010fff, "bpf_prog_1_x");
	assert_name(&k, 0xffffffffc0011000, NULL);
	assert_name(&k, 0xffffffffc0020010, "ftrace_trampoline");
	assert_image(&k, 0xffffffffc0020010, "__builtin__ftrace");
	xp_kallsyms_release(&k);
}

static void test_kallsyms__hidden_addresses_are_said(void **state)
{
	struct xp_kallsyms k;

	(void)state;
	assert_int_equal(xp_kallsyms_parse(&k, xp_span_of("0000000000000000 T _stext\n0000000000000000 T a\n"),
					   xp_span_of(""), &err), XP_E_FORMAT);
	assert_non_null(strstr(err.text, "kptr_restrict"));
	assert_int_equal(xp_kallsyms_parse(&k, xp_span_of(""), xp_span_of(""), &err), XP_E_FORMAT);
	assert_int_equal(xp_kallsyms_parse(&k, xp_span_of("no symbols here\n\n\n"), xp_span_of(""), &err),
			 XP_E_FORMAT);
}

static void test_kallsyms__xen_names_statics_by_file(void **state)
{
	struct xp_kallsyms k;

	(void)state;
	parse(&k,
	      "ffff82d040200000 T _stext\n"
	      "ffff82d040200000 T start\n"
	      "ffff82d040201000 t x86_64/entry.S#restore_all_guest\n"
	      "ffff82d040201100 T do_nmi\n"
	      "ffff82d040201180 T _etext\n"
	      "ffff82d040300000 d arch/x86/traps.c#nmi_callback\n", "");
	assert_name(&k, 0xffff82d040201010, "x86_64/entry.S#restore_all_guest");
	assert_name(&k, 0xffff82d04020117f, "do_nmi");
	assert_name(&k, 0xffff82d040201180, NULL);
	xp_kallsyms_release(&k);
}

static void test_kallsyms__without_marks_the_last_page_ends_it(void **state)
{
	struct xp_kallsyms k;

	(void)state;
	parse(&k, "ffff82d040200010 T a\nffff82d040201010 T b\n", "");
	assert_name(&k, 0xffff82d040201fff, "b");
	assert_name(&k, 0xffff82d040202000, NULL);
	xp_kallsyms_release(&k);
}

static void test_modules__an_overlap_is_cut(void **state)
{
	struct xp_regions r;

	(void)state;
	assert_true(xp_regions_from_modules(&r, xp_span_of("b 8192 0 - Live 0x2000\na 8192 0 - Live 0x1000\n"
							   "c 18446744073709551615 0 - Live 0x9000\n")));
	assert_int_equal(r.nr, 2);
	assert_int_equal(r.v[0].start, 0x1000);
	assert_int_equal(r.v[0].end, 0x2000);
	assert_string_equal(r.v[1].image, "b");
	xp_regions_release(&r);
}

static void test_build_id__found_among_notes(void **state)
{
	static const uint8_t notes[] = {
		4, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 'X', 'e', 'n', 0, 7, 0, 0, 0,
		4, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0, 0xab, 0xcd, 0xef,
	};
	struct xp_build_id id = { 0 };
	char hex[2 * XP_BUILD_ID_MAX + 1];
	size_t len;

	(void)state;
	assert_true(xp_build_id_from_notes(&id, notes, sizeof(notes)));
	xp_build_id_hex(&id, hex);
	assert_string_equal(hex, "abcdef");
	for (len = 0; len < sizeof(notes); len++)
		assert_false(xp_build_id_from_notes(&id, notes, len));
	assert_true(xp_build_id_from_hex(&id, "abcdef\n", 7));
	assert_int_equal(id.len, 3);
	assert_false(xp_build_id_from_hex(&id, "zz", 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kallsyms__function_runs_to_the_next_symbol),
		cmocka_unit_test(test_kallsyms__never_past_the_end_of_text),
		cmocka_unit_test(test_kallsyms__module_ends_with_its_text),
		cmocka_unit_test(test_kallsyms__code_made_at_run_time_ends_with_its_page),
		cmocka_unit_test(test_kallsyms__hidden_addresses_are_said),
		cmocka_unit_test(test_kallsyms__xen_names_statics_by_file),
		cmocka_unit_test(test_kallsyms__without_marks_the_last_page_ends_it),
		cmocka_unit_test(test_modules__an_overlap_is_cut),
		cmocka_unit_test(test_build_id__found_among_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
