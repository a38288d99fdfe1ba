/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names replaced by tokens: what is to go occurs in no output, what is to stay
 * is there. All names are made from a seed, so that none can be found by chance.
 */
#include "unit/build.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/anon/anon.h"
#include "lib/report/report.h"

/* ---- a profile full of names ---- */

#define MAX_NAMES 64

struct world {
	struct build b;
	struct xp_profile *p;
	struct xp_anon anon;
	char gone[MAX_NAMES][32], stays[MAX_NAMES][32];
	size_t nr_gone, nr_stay;
	uint8_t uuid[16], build_id[20];
};

static const char *make(char names[MAX_NAMES][32], size_t *nr)
{
	char *name = names[*nr];

	assert_true(*nr < MAX_NAMES);
	snprintf(name, 32, "n%016" PRIx64, random_u64());
	++*nr;
	return name;
}

static const char *gone(struct world *w)
{
	return make(w->gone, &w->nr_gone);
}

static const char *stays(struct world *w)
{
	return make(w->stays, &w->nr_stay);
}

static const char *path_of(const char *a, const char *b, char text[80])
{
	snprintf(text, 80, "/%s/%s", a, b);
	return text;
}

static void host(struct world *w, const char *key, const char *value)
{
	assert_int_equal(xp_write_host(w->b.w, key, value, &w->b.err), 0);
}

static void put_host(struct world *w)
{
	static const char *const go[] = { "host.name", "command", "xen.command_line", "boot_id", "invented.later" };
	static const char *const stay[] = { "xen.version", "xen.changeset", "kernel.release", "host.cpu", "xen.scheduler" };
	size_t i;

	for (i = 0; i < sizeof(go) / sizeof(*go); i++)
		host(w, go[i], gone(w));
	for (i = 0; i < sizeof(stay) / sizeof(*stay); i++)
		host(w, stay[i], stays(w));
	host(w, "tsc.khz", "1000");
}

/* The image is mapped for tgid of domid, and a sample lies in each of its two symbols. */
static void put_image(struct world *w, uint8_t kind, const char *name, const char *a, const char *b, uint16_t domid, uint32_t tgid)
{
	uint64_t at = 0x10000u * (w->b.nr_images + 1);
	const struct xp_symbol symbols[] = { { at, at + 16, a }, { at + 16, at + 32, b } };
	struct xp_image image = { .kind = kind, .name = name, .why = w->gone[0], .build_id_len = 20 };
	uint8_t mode = !tgid ? XPROF_MODE_KERNEL : XPROF_MODE_USER;

	if (domid == XP_DOMID_XEN)
		mode = XPROF_MODE_XEN;
	memcpy(image.build_id, w->build_id, 20);
	assert_int_equal(xp_write_image(w->b.w, &image, &w->b.err), 0);
	assert_int_equal(xp_write_symbols(w->b.w, w->b.nr_images, symbols, 2, &w->b.err), 0);
	build_map(&w->b, 0, domid, tgid, at, at + 64, w->b.nr_images++, at);
	build_sample(&w->b, 0, at, domid == XP_DOMID_XEN ? 0 : domid, mode, at + 4, tgid ? 0x1000u * tgid : 0);
	build_sample(&w->b, 0, at + 1, domid == XP_DOMID_XEN ? 0 : domid, mode, at + 20, tgid ? 0x1000u * tgid : 0);
}

static void put_task(struct world *w, uint16_t domid, uint32_t tgid, const char *comm)
{
	const struct xp_task t = { .tsc = 1, .cr3 = 0x1000u * tgid, .domid = domid, .type = 1, .pid = tgid, .tgid = tgid, .comm = comm };

	assert_int_equal(xp_write_task(w->b.w, &t, &w->b.err), 0);
}

static void put_images(struct world *w)
{
	char path[80], bpf[64];

	put_image(w, XP_IMAGE_XEN, "xen", stays(w), stays(w), XP_DOMID_XEN, 0);
	put_image(w, XP_IMAGE_KERNEL, "vmlinux", stays(w), "bpf_prog_alloc", 0, 0);
	put_image(w, XP_IMAGE_MODULE, stays(w), stays(w), stays(w), 0, 0);
	snprintf(bpf, sizeof(bpf), "bpf_prog_6deef7357e7b4530_%s", gone(w));
	put_image(w, XP_IMAGE_MODULE, "[bpf]", bpf, "bpf_prog_run", 0, 0);
	put_image(w, XP_IMAGE_KERNEL, "vmlinux", stays(w), stays(w), 5, 0);
	put_task(w, 0, 11, gone(w));
	put_image(w, XP_IMAGE_FILE, path_of(gone(w), gone(w), path), gone(w), gone(w), 0, 11);
	put_image(w, XP_IMAGE_ANON, gone(w), gone(w), gone(w), 0, 11);
	put_image(w, XP_IMAGE_VDSO, "[vdso]", stays(w), stays(w), 0, 11);
	put_task(w, 5, 12, gone(w));
	put_image(w, XP_IMAGE_FILE, path_of(gone(w), gone(w), path), gone(w), gone(w), 5, 12);
}

static void put_series(struct world *w, const char *domain)
{
	struct xp_series_record r = { .tsc = 1, .kind = XP_SERIES_DOMAIN, .u.domain = { .domid = 5, .name = domain } };
	struct xp_series_record vif = { .tsc = 1, .kind = XP_SERIES_VIF, .u.vif = { .domid = 5, .name = gone(w), .why = "" } };
	struct xp_series_record plain = { .tsc = 1, .kind = XP_SERIES_VIF, .u.vif = { .index = 1, .domid = 5, .name = "vif5.0", .why = "" } };

	memcpy(r.u.domain.uuid, w->uuid, sizeof(w->uuid));
	assert_int_equal(xp_write_series(w->b.w, &r, &w->b.err), 0);
	assert_int_equal(xp_write_series(w->b.w, &vif, &w->b.err), 0);
	assert_int_equal(xp_write_series(w->b.w, &plain, &w->b.err), 0);
}

static void put_domains(struct world *w)
{
	struct xp_domain d = { .domid = 5, .vcpus = 1, .name = (char *)gone(w), .from = 1 };
	char text[80];

	memcpy(d.uuid, w->uuid, sizeof(w->uuid));
	build_domain(&w->b, 0, "Domain-0", 0, 1);
	assert_int_equal(xp_write_domain(w->b.w, &d, &w->b.err), 0);
	put_series(w, d.name);
	snprintf(text, sizeof(text), "%s (5), Domain-0 (0)", d.name);
	host(w, "record.domains", text);
}

static void setup(struct world *w, const char *salt)
{
	size_t i;

	memset(w, 0, sizeof(*w));
	random_begin();
	for (i = 0; i < 16; i++)
		w->uuid[i] = (uint8_t)random_u64();
	for (i = 0; i < 20; i++)
		w->build_id[i] = (uint8_t)random_u64();
	build_begin(&w->b);
	build_event(&w->b, "timer", 1000);
	put_host(w);
	put_domains(w);
	put_images(w);
	w->p = build_read(&w->b);
	assert_int_equal(xp_anon_init(&w->anon, salt, &w->b.err), 0);
}

static void clear(struct world *w)
{
	xp_profile_free(w->p);
	xp_anon_release(&w->anon);
	build_clear(&w->b);
}

/* ---- what is printed of it ---- */

static void print_all(FILE *out, void *arg)
{
	const struct xp_agg_config text = { .keys = ~0u & ~(unsigned int)XP_KEY_CPU, .addresses = true };
	const struct xp_agg_config json = { .keys = XP_REPORT_JSON_KEYS };
	const struct xp_report_options o = { .order = { XP_KEY_DOMAIN, XP_KEY_PID, XP_KEY_IMAGE, XP_KEY_SYMBOL }, .nr_order = 4 };
	struct world *w = arg;
	struct xp_agg *a;

	assert_int_equal(xp_report_dump(out, w->p, true, &w->b.err), 0);
	assert_int_equal(xp_agg_run(&a, w->p, &text, &w->b.err), 0);
	assert_int_equal(xp_report_text(out, a, &o, &w->b.err), 0);
	xp_agg_free(a);
	assert_int_equal(xp_agg_run(&a, w->p, &json, &w->b.err), 0);
	assert_int_equal(xp_report_json(out, a, &w->b.err), 0);
	xp_agg_free(a);
}

static size_t occurrences(const char *text, const char *name)
{
	size_t n = 0;

	while ((text = strstr(text, name))) {
		text++;
		n++;
	}
	return n;
}

static void hex(const uint8_t *bytes, size_t n, char *text)
{
	size_t i;

	for (i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

static char *anonymous(struct world *w)
{
	assert_int_equal(xp_anonymize(&w->anon, w->p, &w->b.err), 0);
	return printed(print_all, w);
}

static void test_output__has_nothing_that_was_to_go(void **state)
{
	char *before, *text, id[41], uuid[37];
	struct world w;
	size_t i;

	(void)state;
	setup(&w, NULL);
	before = printed(print_all, &w);
	text = anonymous(&w);
	for (i = 0; i < w.nr_gone; i++) {
		if (!occurrences(before, w.gone[i]))
			fail_msg("'%s' is not printed in any case: the test is blind", w.gone[i]);
		if (occurrences(text, w.gone[i]))
			fail_msg("'%s' is still there in:\n%s", w.gone[i], text);
	}

	hex(w.uuid, 16, id);
	assert_int_equal(occurrences(before, id), 2);
	assert_int_equal(occurrences(text, id), 0);
	snprintf(uuid, sizeof(uuid), "%.8s-%.4s-%.4s-%.4s-%.12s", id, id + 8, id + 12, id + 16, id + 20);
	assert_true(occurrences(before, uuid) >= 1);
	assert_int_equal(occurrences(text, uuid), 0);
	free(before);
	free(text);
	clear(&w);
}

static void test_output__keeps_what_was_to_stay(void **state)
{
	char *before, *text, id[41];
	struct world w;
	size_t i;

	(void)state;
	setup(&w, NULL);
	before = printed(print_all, &w);
	text = anonymous(&w);
	for (i = 0; i < w.nr_stay; i++)
		if (!occurrences(text, w.stays[i]) || occurrences(text, w.stays[i]) != occurrences(before, w.stays[i]))
			fail_msg("'%s' is not as often there as before:\n%s", w.stays[i], text);
	assert_true(occurrences(text, "Domain-0") && occurrences(text, "bpf_prog_alloc") && occurrences(text, "bpf_prog_run"));
	assert_true(occurrences(text, "name=vif5.0") && occurrences(text, "[vdso]"));
	hex(w.build_id, 20, id);
	/* xen, two kernels, module, bpf, vdso; of the three images of processes not */
	assert_int_equal(occurrences(before, id), 9);
	assert_int_equal(occurrences(text, id), 6);
	free(before);
	free(text);
	clear(&w);
}

/* ---- tokens ---- */

static void test_token__is_the_same_for_one_salt_and_another_for_another(void **state)
{
	struct xp_anon a, b, c, d;
	struct xp_err err;

	(void)state;
	assert_int_equal(xp_anon_init(&a, "salt", &err), 0);
	assert_int_equal(xp_anon_init(&b, "salt", &err), 0);
	assert_int_equal(xp_anon_init(&c, NULL, &err), 0);
	assert_int_equal(xp_anon_init(&d, NULL, &err), 0);
	/* printf 'salt' | sha256sum gives the key; (that, "domain\0web1") | sha256sum the token */
	assert_string_equal(xp_anon_domain(&a, "web1"), "domain-92b3f9de88");
	assert_string_equal(xp_anon_domain(&b, "web1"), xp_anon_domain(&a, "web1"));
	assert_string_not_equal(xp_anon_domain(&a, "web2"), xp_anon_domain(&a, "web1"));
	assert_string_not_equal(xp_anon_domain(&c, "web1"), xp_anon_domain(&a, "web1"));
	assert_string_not_equal(xp_anon_domain(&c, "web1"), xp_anon_domain(&d, "web1"));
	xp_anon_release(&a);
	xp_anon_release(&b);
	xp_anon_release(&c);
	xp_anon_release(&d);
}

static const char *row_domain(struct xp_agg *a)
{
	return a->domains[a->rows[0].domain].name;
}

static void test_domain__has_one_token_everywhere(void **state)
{
	struct xp_agg_config config = { .keys = XP_KEY_DOMAIN };
	const char *domain, *head;
	struct world w;
	struct xp_agg *a;
	char wanted[80];

	(void)state;
	setup(&w, "s");
	domain = xp_anon_domain(&w.anon, w.p->domains[1].name);
	config.filter = (struct xp_filter){ .domains = &domain, .nr_domains = 1 };
	assert_int_equal(xp_anonymize(&w.anon, w.p, &w.b.err), 0);
	assert_int_equal(xp_agg_run(&a, w.p, &config, &w.b.err), 0);
	assert_int_equal(a->nr_rows, 1);
	assert_int_equal(a->rows[0].counts[0], 4); /* of its kernel and its process */
	assert_string_equal(row_domain(a), domain);
	assert_string_equal(w.p->series[0].u.domain.name, domain);
	assert_memory_equal(w.p->series[0].u.domain.uuid, w.p->domains[1].uuid, 16);
	snprintf(wanted, sizeof(wanted), "%s (5), Domain-0 (0)", domain);
	head = xp_profile_host(w.p, "record.domains");
	assert_string_equal(head, wanted);
	xp_agg_free(a);
	clear(&w);
}

static void test_recorded_domains__not_understood_are_one_token(void **state)
{
	static const char *const texts[] = { "web1 (5), other (6)", "web1 (5) (5)", "web1", "web1 (5), " };
	struct xp_profile *p;
	struct xp_anon anon;
	struct build b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		build_begin(&b);
		build_domain(&b, 5, "web1", 1, 1);
		assert_int_equal(xp_write_host(b.w, "record.domains", texts[i], &b.err), 0);
		p = build_read(&b);
		assert_int_equal(xp_anon_init(&anon, NULL, &b.err), 0);
		assert_int_equal(xp_anonymize(&anon, p, &b.err), 0);
		assert_null(strstr(xp_profile_host(p, "record.domains"), "web1"));
		assert_null(strstr(xp_profile_host(p, "record.domains"), "other"));
		xp_profile_free(p);
		xp_anon_release(&anon);
		build_clear(&b);
	}
}

static void test_damage__does_not_name_the_file(void **state)
{
	struct xp_buf bytes = XP_BUF_INIT;
	struct xp_profile *p;
	struct xp_anon anon;
	struct build b;

	(void)state;
	build_begin(&b);
	build_event(&b, "timer", 1000);
	build_file(&b, &bytes);
	assert_int_equal(truncate(b.path, (off_t)bytes.len - 3), 0);
	assert_int_equal(xp_profile_open(&p, b.path, &b.err), XP_E_TRUNCATED);
	assert_non_null(strstr(p->damage, b.path));
	assert_int_equal(xp_anon_init(&anon, NULL, &b.err), 0);
	assert_int_equal(xp_anonymize(&anon, p, &b.err), 0);
	assert_null(strstr(p->damage, b.path));
	assert_non_null(strstr(p->damage, "1 whole chunks were read"));
	xp_profile_free(p);
	xp_anon_release(&anon);
	xp_buf_release(&bytes);
	build_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output__has_nothing_that_was_to_go),
		cmocka_unit_test(test_output__keeps_what_was_to_stay),
		cmocka_unit_test(test_token__is_the_same_for_one_salt_and_another_for_another),
		cmocka_unit_test(test_domain__has_one_token_everywhere),
		cmocka_unit_test(test_recorded_domains__not_understood_are_one_token),
		cmocka_unit_test(test_damage__does_not_name_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
