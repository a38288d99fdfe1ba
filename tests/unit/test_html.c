/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page as bytes: what is in it in clear, what is in its data. That it works, and what it shows, is tested in a browser by
 * tests/html/run.
 */
#include "unit/build.h"

#include <zlib.h>

#include "lib/html/cells.h"
#include "lib/html/html.h"

#define EVIL "</script><b>\xff\x1b{{data}}"

struct job { struct xp_profile *p, *base; };

static void write_it(FILE *out, void *arg)
{
	const struct job *j = arg;
	const struct xp_html_options o = { .base = j->base, .name = "a.xprof", .base_name = "b.xprof", .version = "1" };
	struct xp_err err = { "" };

	if (xp_html_write(out, j->p, &o, &err))
		fail_msg("%s", err.text);
}

static char *page_of(struct xp_profile *p, struct xp_profile *base)
{
	struct job j = { p, base };

	return printed(write_it, &j);
}

static struct xp_profile *evil_profile(struct build *b)
{
	static const struct xp_symbol symbols[] = { { 0x1000, 0x1010, EVIL } };

	build_begin(b);
	build_event(b, "timer", 1000000);
	build_image(b, XP_IMAGE_XEN, EVIL, symbols, 1);
	build_map(b, 0, XP_DOMID_XEN, 0, 0x1000, 0x2000, 0, 0x1000);
	build_domain(b, 7, EVIL, 7, 1);
	build_task(b, 1, 1, 70, 1, 0x7000, EVIL);
	build_sample(b, 0, 10, 7, XPROF_MODE_XEN, 0x1000, 0x7000);
	build_sample(b, 3, 11, 7, XPROF_MODE_XEN, 0x1000, 0x7000);
	build_sample(b, 3, 12, XPROF_DOMID_IDLE, XPROF_MODE_XEN, 0x1000, 0);
	return build_read(b);
}

static void done(struct build *b, struct xp_profile *p, char *text)
{
	free(text);
	xp_profile_free(p);
	build_clear(b);
}

static int value_of(char c)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(letters, c) : NULL;

	return at ? (int)(at - letters) : -1;
}

/* The data block: base64 undone, inflated. Free it. */
static uint8_t *data_of(const char *page, size_t *len)
{
	static const char mark[] = "id=\"data\">";
	const char *at = strstr(page, mark);
	uint8_t *packed, *data = malloc(1 << 20);
	uLongf room = 1 << 20;
	size_t nr = 0;
	uint32_t bits = 0;
	int have = 0;

	assert_non_null(at);
	packed = malloc(strlen(at));
	assert_non_null(packed);
	for (at += strlen(mark); *at != '<'; at++) {
		int value = value_of(*at);

		if (value < 0)
			continue;
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		if (have >= 8) {
			have -= 8;
			packed[nr++] = (uint8_t)(bits >> have);
		}
	}
	assert_int_equal(uncompress(data, &room, packed, nr), Z_OK);
	free(packed);
	*len = room;
	return data;
}

static void test_page__names_are_in_the_data_only(void **state)
{
	struct build b;
	struct xp_profile *p = evil_profile(&b);
	char *page = page_of(p, NULL);
	const char *at;
	size_t scripts = 0, len;
	uint8_t *data = data_of(page, &len);
	uint32_t json;

	(void)state;
	for (at = page; (at = strstr(at, "</script")); at++)
		scripts++;
	assert_int_equal(scripts, 2); /* the data's and the script's */
	assert_null(strstr(page, "<b>"));
	assert_null(strstr(page, "{{"));
	memcpy(&json, data, 4);
	assert_in_range(json, 10, len - 4);
	data[4 + json] = '\0';
	assert_non_null(strstr((char *)data + 4, "\"</script><b>\\\\xff\\\\x1b{{data}}\""));
	free(data);
	done(&b, p, page);
}

static void test_page__has_a_policy_that_lets_nothing_in(void **state)
{
	struct build b;
	struct xp_profile *p = evil_profile(&b);
	char *page = page_of(p, NULL);
	const char *policy = strstr(page, "Content-Security-Policy");

	(void)state;
	assert_non_null(policy);
	assert_non_null(strstr(policy, "default-src 'none'; style-src 'sha256-"));
	assert_null(strstr(policy, "unsafe"));
	assert_null(strstr(page, "http://"));
	assert_null(strstr(page, "https://"));
	assert_null(strstr(page, "innerHTML"));
	done(&b, p, page);
}

static void test_page__same_profile_same_bytes(void **state)
{
	struct build b;
	struct xp_profile *p = evil_profile(&b);
	struct build b2;
	struct xp_profile *base = evil_profile(&b2);
	char *first = page_of(p, base), *again = page_of(p, base);

	(void)state;
	assert_string_equal(first, again);
	done(&b, p, first);
	done(&b2, base, again);
}

static void test_page__of_no_samples(void **state)
{
	struct build b;
	struct xp_profile *p;
	size_t len;

	(void)state;
	build_begin(&b);
	p = build_read(&b);
	char *page = page_of(p, NULL);
	uint8_t *data = data_of(page, &len);

	assert_non_null(strstr((char *)data + 4, "\"entries\": 0"));
	free(data);
	done(&b, p, page);
}

/* ---- cells ---- */

static uint64_t sum_of(const struct xp_html_cells *c)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < c->nr; i++)
		sum += c->v[i].weight;
	return sum;
}

static void test_cells__too_many_have_longer_slices(void **state)
{
	struct xp_html_cells c;
	uint32_t i;

	(void)state;
	assert_true(xp_html_cells_init(&c, 100));
	for (i = 0; i < 1024; i++)
		assert_true(xp_html_cells_add(&c, &(struct xp_html_entry){ .slice = i, .call = 1, .samples = 1, .weight = i }));
	xp_html_cells_sort(&c);
	assert_in_range(c.nr, 50, 100);
	assert_int_equal(c.halvings, 4); /* 1024 / 16 = 64 */
	assert_int_equal(c.nr, 64);
	assert_int_equal(c.v[1].slice, 1);
	assert_int_equal(c.v[1].samples, 16);
	assert_int_equal(c.v[1].weight, 16 * 16 + 120); /* 16 to 31 */
	assert_int_equal(sum_of(&c), 1023 * 1024 / 2);
	xp_html_cells_release(&c);
}

static void test_cells__what_one_slice_cannot_hold_stays_apart(void **state)
{
	struct xp_html_cells c;
	uint32_t i;

	(void)state;
	assert_true(xp_html_cells_init(&c, 10));
	for (i = 0; i < 200000; i++)
		assert_true(xp_html_cells_add(&c, &(struct xp_html_entry){ .slice = i % 64, .call = i % 5000, .cpu = 1, .samples = 1, .weight = 1 }));
	xp_html_cells_sort(&c);
	assert_int_equal(c.nr, 5000);
	assert_int_equal(c.v[4999].call, 4999);
	assert_int_equal(c.v[4999].samples, 40);
	xp_html_cells_release(&c);
}

static void test_cells__what_became_the_same_is_one(void **state)
{
	struct xp_html_cells c;

	(void)state;
	assert_true(xp_html_cells_init(&c, 10));
	xp_html_cells_add(&c, &(struct xp_html_entry){ .slice = 1, .call = 5, .samples = 2, .weight = 20 });
	xp_html_cells_add(&c, &(struct xp_html_entry){ .slice = 1, .call = 6, .samples = 1, .weight = 3 });
	c.v[1].call = 5;
	xp_html_cells_sort(&c);
	assert_int_equal(c.nr, 1);
	assert_int_equal(c.v[0].samples, 3);
	assert_int_equal(c.v[0].weight, 23);
	xp_html_cells_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page__names_are_in_the_data_only),
		cmocka_unit_test(test_page__has_a_policy_that_lets_nothing_in),
		cmocka_unit_test(test_page__same_profile_same_bytes),
		cmocka_unit_test(test_page__of_no_samples),
		cmocka_unit_test(test_cells__too_many_have_longer_slices),
		cmocka_unit_test(test_cells__what_one_slice_cannot_hold_stays_apart),
		cmocka_unit_test(test_cells__what_became_the_same_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
