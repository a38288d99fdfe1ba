/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that guests chose, as text and in JSON. */
#include "unit/build.h"

#include "lib/base/json.h"
#include "lib/base/text.h"

static void assert_escaped(const char *text, const char *expected)
{
	struct xp_buf b = XP_BUF_INIT;

	xp_text_escape(&b, text, strlen(text));
	xp_buf_u8(&b, 0);
	assert_string_equal((const char *)b.data, expected);
	xp_buf_release(&b);
}

static void test_escape__leaves_text_alone(void **state)
{
	(void)state;
	assert_escaped("", "");
	assert_escaped("web-1 (prod)", "web-1 (prod)");
	assert_escaped("grüße 日本 \xf0\x9f\x90\xa7", "grüße 日本 \xf0\x9f\x90\xa7");
}

static void test_escape__disarms_terminal_sequences(void **state)
{
	(void)state;
	assert_escaped("\033[31mred\033[0m", "\\x1b[31mred\\x1b[0m");
	assert_escaped("a\nb\tc\rd", "a\\nb\\tc\\rd");
	assert_escaped("\x7f", "\\x7f");
	assert_escaped("\xc2\x9b" "31m", "\\xc2\\x9b31m");           /* CSI as one C1 character */
	assert_escaped("\xe2\x80\xae" "cod.exe", "\\xe2\\x80\\xaecod.exe"); /* turns the direction */
	assert_escaped("back\\slash", "back\\\\slash");
}

static void test_escape__bytes_that_are_no_utf8(void **state)
{
	(void)state;
	assert_escaped("\xff\xfe", "\\xff\\xfe");
	assert_escaped("\xc0\xaf", "\\xc0\\xaf");                    /* overlong */
	assert_escaped("\xed\xa0\x80", "\\xed\\xa0\\x80");           /* a surrogate */
	assert_escaped("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");  /* above U+10FFFF */
	assert_escaped("x\xe2\x82", "x\\xe2\\x82");                  /* cut off */
	assert_escaped("\xe0\x80\xaf", "\\xe0\\x80\\xaf");
}

static void test_columns__counts_characters(void **state)
{
	(void)state;
	assert_int_equal(xp_text_columns("größe", strlen("größe")), 5);
	assert_int_equal(xp_text_fit("größe", strlen("größe"), 3), strlen("grö"));
	assert_int_equal(xp_text_fit("abc", 3, 10), 3);
}

static void print_nested(FILE *out, void *arg)
{
	struct xp_json j;

	(void)arg;
	xp_json_init(&j, out);
	xp_json_object(&j, NULL);
	xp_json_u64(&j, "n", UINT64_MAX);
	xp_json_array(&j, "empty");
	xp_json_end_array(&j);
	xp_json_array(&j, "list");
	xp_json_flat_object(&j, NULL);
	xp_json_string(&j, "a", "1");
	xp_json_object(&j, "deep");
	xp_json_bool(&j, "b", true);
	xp_json_null(&j, "c");
	xp_json_end_object(&j);
	xp_json_end_object(&j);
	xp_json_string(&j, NULL, NULL);
	xp_json_end_array(&j);
	xp_json_end_object(&j);
}

static void test_json__nests(void **state)
{
	char *text = printed(print_nested, NULL);

	(void)state;
	assert_string_equal(text,
		"{\n"
		"  \"n\": 18446744073709551615,\n"
		"  \"empty\": [],\n"
		"  \"list\": [\n"
		"    {\"a\": \"1\", \"deep\": {\"b\": true, \"c\": null}},\n"
		"    null\n"
		"  ]\n"
		"}\n");
	free(text);
}

static void print_string(FILE *out, void *arg)
{
	struct xp_json j;

	xp_json_init(&j, out);
	xp_json_string(&j, NULL, arg);
}

static void assert_json(const char *text, const char *expected)
{
	char *json = printed(print_string, (void *)text);

	assert_string_equal(json, expected);
	free(json);
}

static void test_json__strings_are_always_valid(void **state)
{
	(void)state;
	assert_json("plain", "\"plain\"");
	assert_json("q\"b\\n\nt\tr\r", "\"q\\\"b\\\\n\\nt\\tr\\r\"");
	assert_json("\033[0m\x01", "\"\\u001b[0m\\u0001\"");
	assert_json("\xc2\x9b", "\"\\u009b\"");
	assert_json("ü\xff!", "\"ü\xef\xbf\xbd!\"");
	assert_json("\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	assert_json("\xe2\x80\xa8", "\"\\u2028\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape__leaves_text_alone),
		cmocka_unit_test(test_escape__disarms_terminal_sequences),
		cmocka_unit_test(test_escape__bytes_that_are_no_utf8),
		cmocka_unit_test(test_columns__counts_characters),
		cmocka_unit_test(test_json__nests),
		cmocka_unit_test(test_json__strings_are_always_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
