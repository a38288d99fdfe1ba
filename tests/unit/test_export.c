/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exports of names that a guest has chosen to do harm: line breaks, separators, quotes, terminal sequences, formulas, bytes that are no UTF-8.
 * That ordinary exports are read by those for whom they are meant is tested by tests/consumers/run.
 */
#include "unit/build.h"

#include "lib/export/export.h"

#define EVIL "a;b\nc \"d\",\x1b[31m\xff</script>"

struct job { const char *format; struct xp_profile *p; };

static void write_it(FILE *out, void *arg)
{
	const struct job *j = arg;
	const struct xp_export_options o = { .event = 0 };
	struct xp_err err = { "" };

	if (xp_export_format(j->format)->write(out, j->p, &o, &err))
		fail_msg("%s", err.text);
}

static char *exported(struct xp_profile *p, const char *format)
{
	struct job j = { format, p };

	return printed(write_it, &j);
}

static struct xp_profile *evil_profile(struct build *b)
{
	static const struct xp_symbol symbols[] = { { 0x1000, 0x1010, EVIL }, { 0x1020, 0x1030, "=cmd()" } };

	build_begin(b);
	build_event(b, "timer", 1000000);
	build_image(b, XP_IMAGE_XEN, "xen", symbols, 2);
	build_map(b, 0, XP_DOMID_XEN, 0, 0x1000, 0x2000, 0, 0x1000);
	build_domain(b, 0, "Domain-0", 0, 1);
	build_domain(b, 7, EVIL, 7, 1);
	build_task(b, 1, 1, 70, 1, 0x7000, EVIL);
	build_sample(b, 0, 10, 7, XPROF_MODE_XEN, 0x1000, 0x7000);
	build_sample(b, 0, 11, 7, XPROF_MODE_XEN, 0x1000, 0x7000);
	build_sample(b, 0, 12, 7, XPROF_MODE_XEN, 0x1025, 0x7000);
	build_sample(b, 0, 13, 0, XPROF_MODE_XEN, 0x3000, 0); /* nobody's */
	return build_read(b);
}

static void done(struct build *b, struct xp_profile *p, char *text)
{
	free(text);
	xp_profile_free(p);
	build_clear(b);
}

static size_t count_char(const char *text, char c)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == c;
	return n;
}

static void test_folded__one_line_a_stack_whatever_names_hold(void **state)
{
	struct build b;
	struct xp_profile *p = evil_profile(&b);
	char *text = exported(p, "folded");

	(void)state;
	assert_int_equal(count_char(text, '\n'), 3);
	assert_int_equal(count_char(text, ';'), 3 * 2);
	assert_non_null(strstr(text, "a:b\\nc \"d\",\\x1b[31m\\xff</script>;-;a:b\\nc \"d\",\\x1b[31m\\xff</script>_[x] 2000000\n"));
	assert_non_null(strstr(text, "Domain-0;-;[unresolved]_[x] 1000000\n"));
	done(&b, p, text);
}

static void test_csv__quotes_are_doubled_and_formulas_disarmed(void **state)
{
	struct build b;
	struct xp_profile *p = evil_profile(&b);
	char *text = exported(p, "csv");

	(void)state;
	assert_int_equal(count_char(text, '\n'), 4);
	assert_non_null(strstr(text, "\"a;b\\nc \"\"d\"\",\\x1b[31m\\xff</script>\",2,2000000\r\n"));
	assert_non_null(strstr(text, ",\"'=cmd()\",1,1000000\r\n"));
	done(&b, p, text);
}

/* No control character and no byte that is no ASCII: what came in so went out as \xNN. */
static void assert_plain(const char *text)
{
	for (; *text; text++)
		assert_true((*text >= ' ' && *text <= '~') || *text == '\n' || *text == '\t' || *text == '\r');
}

static void test_texts__hold_no_control_characters(void **state)
{
	static const char *const formats[] = { "folded", "speedscope", "firefox", "callgrind", "chrome", "perf-script", "csv" };
	struct build b;
	struct xp_profile *p = evil_profile(&b);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		char *text = exported(p, formats[i]);

		assert_plain(text);
		assert_null(strstr(text, "\x1b"));
		free(text);
	}
	done(&b, p, NULL);
}

static void test_perf_script__samples_are_in_the_order_of_time(void **state)
{
	static const struct xp_symbol symbols[] = { { 0x1000, 0x1010, "f" }, { 0x1020, 0x1030, "g" } };
	struct build b;
	struct xp_profile *p;
	char *text;

	(void)state;
	build_begin(&b);
	build_event(&b, "timer", 1000000);
	build_image(&b, XP_IMAGE_XEN, "xen", symbols, 2);
	build_map(&b, 0, XP_DOMID_XEN, 0, 0x1000, 0x2000, 0, 0x1000);
	build_domain(&b, 0, "Domain-0", 0, 1);
	build_sample(&b, 1, 30, 0, XPROF_MODE_XEN, 0x1000, 0);
	build_sample(&b, 0, 20, 0, XPROF_MODE_XEN, 0x1020, 0);
	build_sample(&b, 0, 40, 0, XPROF_MODE_XEN, 0x1025, 0);
	p = build_read(&b);
	text = exported(p, "perf-script");
	assert_string_equal(text,
		"Domain-0 0/0 [000] 0.000000:    1000000 timer: \n\t            1020 g (xen)\n\n"
		"Domain-0 0/0 [001] 0.000000:    1000000 timer: \n\t            1000 f (xen)\n\n"
		"Domain-0 0/0 [000] 0.000000:    1000000 timer: \n\t            1020 g (xen)\n\n");
	done(&b, p, text);
}

static void test_empty__every_format_can_be_written(void **state)
{
	const struct xp_export_options o = { .event = 0 };
	const struct xp_export_format *f;
	struct xp_profile *p;
	struct build b;

	(void)state;
	build_begin(&b);
	build_event(&b, "timer", 1000000);
	p = build_read(&b);
	for (f = xp_export_formats; f->name; f++) {
		struct xp_err err = { "" };
		FILE *out = tmpfile();

		assert_non_null(out);
		assert_int_equal(f->write(out, p, &o, &err), 0);
		fclose(out);
	}
	done(&b, p, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folded__one_line_a_stack_whatever_names_hold),
		cmocka_unit_test(test_csv__quotes_are_doubled_and_formulas_disarmed),
		cmocka_unit_test(test_texts__hold_no_control_characters),
		cmocka_unit_test(test_perf_script__samples_are_in_the_order_of_time),
		cmocka_unit_test(test_empty__every_format_can_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
