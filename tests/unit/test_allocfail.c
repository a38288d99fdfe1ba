/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each allocation refused in turn: writing, reading, counting and reporting
 * end with an error that says so, leak nothing (under SAN=1) and crash nowhere.
 * The linker puts our malloc in front of the library's calls (tests.mk).
 */
#include "unit/build.h"

#include <unistd.h>

#include "lib/anon/anon.h"
#include "lib/html/html.h"
#include "lib/report/report.h"
#include "lib/top/top.h"

static long budget = -1; /* allocations that still succeed; -1: all */

void *__real_malloc(size_t n);
void *__real_calloc(size_t nr, size_t n);
void *__real_realloc(void *p, size_t n);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t nr, size_t n);
void *__wrap_realloc(void *p, size_t n);
char *__wrap_strdup(const char *s);

static int refuse(void)
{
	if (budget < 0)
		return 0;
	return budget == 0 || budget-- == 0;
}

void *__wrap_malloc(size_t n)
{
	return refuse() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t nr, size_t n)
{
	return refuse() ? NULL : __real_calloc(nr, n);
}

void *__wrap_realloc(void *p, size_t n)
{
	return refuse() ? NULL : __real_realloc(p, n);
}

char *__wrap_strdup(const char *s)
{
	return refuse() ? NULL : __real_strdup(s);
}

/* ---- write ---- */

static int write_some(const char *path, struct xp_err *err)
{
	static const struct xp_symbol symbols[] = { { 1, 2, "a" }, { 2, 3, "b" } };
	const struct xp_event event = { .name = "timer", .period = 1, .source = "ipi", .modifiers = "" };
	const struct xp_domain domain = { .domid = 1, .name = (char *)"d" };
	const struct xp_task task = { .tsc = 1, .cr3 = 0x1000, .type = 1, .tgid = 9, .comm = "c" };
	const struct xp_image image = { .name = "i", .why = "" };
	const struct xp_map map = { .domid = 1, .start = 1, .end = 10, .image_addr = 1 };
	struct xprof_sample s = { .rec = { .mode = XPROF_MODE_KERNEL, .domid = 1 }, .ip = 1 };
	const struct xp_chain_context context = { 0x1000, 1, 0 };
	struct xp_call_frame frames[] = { { 1, XPROF_MODE_KERNEL, false }, { 2, XPROF_MODE_KERNEL, false } };
	struct xp_writer *w;
	int rc = xp_writer_open_chains(&w, path, err), closed, i;
	uint32_t chain;
	size_t known;

	if (rc)
		return rc;
	rc = xp_write_event(w, &event, err);
	if (!rc)
		rc = xp_write_domain(w, &domain, err);
	if (!rc)
		rc = xp_write_task(w, &task, err);
	if (!rc)
		rc = xp_write_image(w, &image, err);
	if (!rc)
		rc = xp_write_symbols(w, 0, symbols, 2, err);
	if (!rc)
		rc = xp_write_map(w, &map, err);
	for (i = 0; i < 3000 && !rc; i++) {
		s.tsc = (uint64_t)i * 1000;
		s.ip = (uint64_t)i % 700;
		frames[0].ip = (uint64_t)i % 1500;
		rc = xp_write_chain(w, &context, frames, 2, XP_CHAIN_TRUNCATED, &chain, &known, err);
		if (!rc)
			rc = xp_write_chained_samples(w, (uint32_t)i % 2, &s, &chain, 1, err);
	}
	closed = xp_writer_close(w, err);
	return rc ? rc : closed;
}

static int report_calls(struct xp_profile *p, FILE *out, unsigned int keys, struct xp_err *err)
{
	const struct xp_agg_config config = { .keys = keys, .addresses = keys != XP_REPORT_JSON_KEYS, .chains = true };
	const struct xp_report_options options = { .order = { XP_KEY_SYMBOL }, .nr_order = 1, .calls = true, .percent_limit = 1 };
	struct xp_agg *a;
	int rc = xp_agg_run(&a, p, &config, err);

	if (rc)
		return rc;
	rc = keys == XP_REPORT_JSON_KEYS ? xp_report_json(out, a, err) : xp_report_text(out, a, &options, err);
	xp_agg_free(a);
	return rc;
}

static int read_and_report(const char *path, FILE *out, struct xp_err *err)
{
	const struct xp_agg_config config = { .keys = XP_REPORT_JSON_KEYS, .addresses = true, };
	const struct xp_report_options options = { .order = { XP_KEY_DOMAIN, XP_KEY_SYMBOL }, .nr_order = 2 };
	struct xp_profile *p;
	struct xp_anon anon;
	struct xp_agg *a;
	int rc = xp_profile_open(&p, path, err);

	if (rc)
		return rc;
	rc = xp_anon_init(&anon, "salt", err);
	if (!rc)
		rc = xp_anonymize(&anon, p, err);
	if (!rc)
		rc = xp_agg_run(&a, p, &config, err);
	if (!rc) {
		rc = xp_report_text(out, a, &options, err);
		xp_agg_free(a);
	}
	if (!rc)
		rc = report_calls(p, out, XP_REPORT_JSON_KEYS, err);
	if (!rc)
		rc = report_calls(p, out, XP_KEY_SYMBOL, err);
	if (!rc)
		rc = xp_report_dump(out, p, true, err);
	xp_profile_free(p);
	xp_anon_release(&anon);
	return rc;
}

static void test_write__each_allocation_refused_in_turn(void **state)
{
	char dir[] = "/tmp/xprof-test-XXXXXX", path[64], old[64];
	struct xp_err err;
	int rc = XP_E_NOMEM;
	long n;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/p", dir);
	snprintf(old, sizeof(old), "%s/p.old", dir);
	for (n = 0; rc; n++) {
		err.text[0] = '\0';
		budget = n;
		rc = write_some(path, &err);
		budget = -1;
		if (rc && (rc != XP_E_NOMEM || !err.text[0]))
			fail_msg("allocation %ld refused: %d, '%s'", n, rc, err.text);
	}
	assert_true(n > 10);
	unlink(path);
	unlink(old);
	rmdir(dir);
}

static int read_and_make_page(const char *path, FILE *out, struct xp_err *err)
{
	const struct xp_html_options html = { .name = "p", .version = "0" }; /* a base would be counted in a thread of its own */
	struct xp_profile *p;
	int rc = xp_profile_open(&p, path, err);

	if (rc)
		return rc;
	rc = xp_html_write(out, p, &html, err);
	xp_profile_free(p);
	return rc;
}

static void refuse_in_turn(int (*fn)(const char *path, FILE *out, struct xp_err *err))
{
	char dir[] = "/tmp/xprof-test-XXXXXX", path[64];
	FILE *out = fopen("/dev/null", "w");
	struct xp_err err = { "" };
	int rc = XP_E_NOMEM;
	long n;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/p", dir);
	assert_int_equal(write_some(path, &err), 0);
	fputs("the stream has its buffer now", out);
	for (n = 0; rc; n++) {
		err.text[0] = '\0';
		budget = n;
		rc = fn(path, out, &err);
		budget = -1;
		if (rc && (rc != XP_E_NOMEM || !err.text[0]))
			fail_msg("allocation %ld refused: %d, '%s'", n, rc, err.text);
	}
	assert_true(n > 20);
	fclose(out);
	unlink(path);
	rmdir(dir);
}

static void test_report__each_allocation_refused_in_turn(void **state)
{
	(void)state;
	refuse_in_turn(read_and_report);
}

static void test_html__each_allocation_refused_in_turn(void **state)
{
	(void)state;
	refuse_in_turn(read_and_make_page);
}

/* ---- a live view ---- */

static int list_domains(void *arg, struct xp_host_domain **list, size_t *nr, struct xp_err *err)
{
	(void)arg;
	*nr = 2;
	*list = calloc(2, sizeof(**list));
	if (!*list)
		return xp_fail(err, XP_E_NOMEM, "no memory");
	(*list)[1].domid = 1;
	return 0;
}

static int no_run_states(void *arg, struct xp_host_vcpu **list, size_t *nr, struct xp_err *err)
{
	(void)arg, (void)list, (void)nr;
	return xp_fail(err, XP_E_ABSENT, "not told");
}

static void call_it_d(void *arg, uint16_t domid, const uint8_t uuid[16], char *name, size_t size)
{
	(void)arg, (void)domid, (void)uuid;
	snprintf(name, size, "d");
}

/* Enough sites to let tables grow. Samples that find no memory are lost, no more. */
static int view_some(struct xp_top *t, struct xp_page *page, struct xp_err *err)
{
	static const struct xp_series_host host = { .domains = list_domains, .run_states = no_run_states, .name = call_it_d };
	static const struct xp_top_event event = { "cycles", "", 1 };
	const struct xp_label label = { "c", "i", "s" };
	struct xprof_sample s = { .rec = { .mode = XPROF_MODE_USER, .domid = 1 } };
	int rc = xp_top_init(t, &event, 1, 4, 1000000000, err);

	if (rc)
		return rc;
	xp_window_period(&t->window, 3, 0, 2);
	for (s.ip = 1; s.ip < 3000; s.ip++)
		xp_window_add(&t->window, 3, &s, 1);
	if (t->window.nr)
		t->window.sites[0].label = xp_labels_get(&t->labels, &label);
	rc = xp_top_domains_read(&t->domains, &host, NULL, 1000, err);
	if (!rc)
		rc = xp_top_update(t, err);
	return rc ? rc : xp_top_draw(t, page, 80, 24, 0, err);
}

static void test_top__each_allocation_refused_in_turn(void **state)
{
	static struct xp_top t;
	struct xp_page page;
	struct xp_err err;
	long n;
	int rc = -1;

	(void)state;
	for (n = 0; n < 2000 && (rc || n < 40); n++) {
		xp_page_init(&page);
		budget = n;
		rc = view_some(&t, &page, &err);
		budget = -1;
		assert_true(rc == 0 || rc == XP_E_NOMEM);
		xp_page_release(&page);
		xp_top_release(&t);
	}
	assert_int_equal(rc, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write__each_allocation_refused_in_turn),
		cmocka_unit_test(test_top__each_allocation_refused_in_turn),
		cmocka_unit_test(test_report__each_allocation_refused_in_turn),
		cmocka_unit_test(test_html__each_allocation_refused_in_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
