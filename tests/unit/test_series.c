/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readings of a host that the test makes up: domains come, go and change hands; sources fail. */
#include "unit/build.h"

#include <stdio.h>

#include "lib/base/cpulist.h"
#include "lib/series/host-xen.h"
#include "lib/series/series.h"

#define MAX 4

/* The host at one moment. */
struct fake {
	struct xp_host_domain domains[MAX];
	size_t nr;
	bool no_domains, has_run_states;
	const char *name, *pin;
	bool tells;           /* the driver domain its counters */
	struct xp_host_vif vif;
	size_t nr_vifs;
};

static int fake_domains(void *arg, struct xp_host_domain **list, size_t *nr, struct xp_err *err)
{
	struct fake *f = arg;

	if (f->no_domains)
		return xp_fail(err, XP_E_SYSTEM, "no list today");
	*list = malloc(sizeof(f->domains));
	memcpy(*list, f->domains, sizeof(f->domains));
	*nr = f->nr;
	return 0;
}

static void set_vcpu(struct xp_host_vcpu *v, const struct xp_host_domain *d, uint16_t vcpu, uint8_t nr)
{
	*v = (struct xp_host_vcpu){
		.domid = d->domid, .vcpu = vcpu, .cpu = vcpu + 1u, .state = XP_BLOCKED, .nr = nr, .tsc = 42,
		.ns = { d->cpu_ns, nr > 1 ? 2 : 0, nr > 1 ? 3 : 0, nr > 1 ? 4 : 0 },
	};
	memcpy(v->uuid, d->uuid, sizeof(v->uuid));
}

static int fake_run_states(void *arg, struct xp_host_vcpu **list, size_t *nr, struct xp_err *err)
{
	struct fake *f = arg;

	if (!f->has_run_states)
		return xp_fail(err, XP_E_ABSENT, "not told here");
	*list = malloc(MAX * 4 * sizeof(**list));
	*nr = 0;
	for (size_t i = 0; i < f->nr; i++)
		for (uint16_t v = 0; v < f->domains[i].nr_vcpus; v++)
			set_vcpu(&(*list)[(*nr)++], &f->domains[i], v, XP_NR_RUN_STATES);
	return 0;
}

/* vCPU 1 goes while it is asked for. */
static int fake_vcpu(void *arg, uint16_t domid, uint16_t vcpu, struct xp_host_vcpu *out, struct xp_err *err)
{
	struct fake *f = arg;

	for (size_t i = 0; i < f->nr; i++) {
		if (f->domains[i].domid != domid || vcpu == 1)
			continue;
		set_vcpu(out, &f->domains[i], vcpu, 1);
		return 0;
	}
	return xp_fail(err, XP_E_SYSTEM, "gone");
}

static int fake_pin(void *arg, uint16_t domid, uint16_t vcpu, char *text, size_t size, struct xp_err *err)
{
	struct fake *f = arg;

	(void)domid, (void)vcpu;
	if (!f->pin)
		return xp_fail(err, XP_E_SYSTEM, "no affinity");
	snprintf(text, size, "%s", f->pin);
	return 0;
}

static void fake_name(void *arg, uint16_t domid, const uint8_t uuid[16], char *name, size_t size)
{
	struct fake *f = arg;

	(void)domid, (void)uuid;
	snprintf(name, size, "%s", f->name ? f->name : "");
}

static size_t fake_vifs(void *arg, uint16_t domid, struct xp_host_vif *list, size_t room)
{
	struct fake *f = arg;

	if (domid != 5 || !f->nr_vifs || !room)
		return 0;
	list[0] = f->vif;
	return 1;
}

static bool fake_told(void *arg, uint16_t backend, uint16_t domid, uint16_t devid, struct xp_series_record *r)
{
	struct fake *f = arg;

	(void)domid, (void)devid;
	return f->tells && backend == 3 && xp_host_parse_told("1 2 3 4 5 6", r);
}

struct run {
	struct fake fake;
	struct xp_series_host host;
	struct build b;
	struct xp_series *s;
	struct xp_profile *p;
};

static void begin(struct run *r)
{
	const struct xp_series_config config = { .host = &r->host, .interval_ns = 1000000000u };

	r->host = (struct xp_series_host){
		.arg = &r->fake, .domains = fake_domains, .run_states = fake_run_states, .vcpu = fake_vcpu, .pin = fake_pin,
		.name = fake_name, .vifs = fake_vifs, .told = fake_told,
	};
	build_begin(&r->b);
	assert_int_equal(xp_series_open(&r->s, r->b.w, &config, &r->b.err), 0);
}

static void again(struct run *r)
{
	assert_int_equal(xp_series_poll(r->s, true, &r->b.err), 0);
}

static void finish(struct run *r)
{
	xp_series_close(r->s);
	r->p = build_read(&r->b);
}

static void over(struct run *r)
{
	xp_profile_free(r->p);
	build_clear(&r->b);
}

static const struct xp_host_domain web = { .domid = 5, .uuid = { 1 }, .vcpus_online = 2, .nr_vcpus = 2, .cpu_ns = 1000 };

/* The n-th record of a kind; NULL: there are not so many. */
static const struct xp_series_record *record(const struct xp_profile *p, uint8_t kind, size_t n)
{
	for (size_t i = 0; i < p->nr_series; i++)
		if (p->series[i].kind == kind && n-- == 0)
			return &p->series[i];
	return NULL;
}

static size_t count(const struct xp_profile *p, uint8_t kind)
{
	size_t n = 0;

	while (record(p, kind, n))
		n++;
	return n;
}

static const char *why(const struct xp_profile *p, uint8_t what, size_t n)
{
	const struct xp_series_record *r;

	for (size_t i = 0; (r = record(p, XP_SERIES_SOURCE, i)); i++)
		if (r->u.source.what == what && n-- == 0)
			return r->u.source.why;
	return NULL;
}

static void test_domains__are_introduced_once_and_end(void **state)
{
	struct run r = { .fake = { .domains = { web }, .nr = 1, .has_run_states = true, .name = "web1", .pin = "0-1" } };

	(void)state;
	begin(&r);
	r.fake.domains[0].cpu_ns = 3000;
	again(&r);
	r.fake.nr = 0;
	again(&r);
	finish(&r);
	assert_int_equal(count(r.p, XP_SERIES_DOMAIN), 1);
	assert_string_equal(record(r.p, XP_SERIES_DOMAIN, 0)->u.domain.name, "web1");
	assert_int_equal(count(r.p, XP_SERIES_DOMAIN_TIME), 2);
	assert_int_equal(record(r.p, XP_SERIES_DOMAIN_TIME, 0)->u.time.cpu_ns, 1000);
	assert_int_equal(record(r.p, XP_SERIES_DOMAIN_TIME, 1)->u.time.cpu_ns, 3000);
	assert_true(record(r.p, XP_SERIES_DOMAIN_TIME, 1)->tsc > record(r.p, XP_SERIES_DOMAIN_TIME, 0)->tsc);
	assert_int_equal(count(r.p, XP_SERIES_VCPU), 4);
	assert_int_equal(record(r.p, XP_SERIES_VCPU, 3)->u.vcpu.vcpu, 1);
	assert_int_equal(record(r.p, XP_SERIES_VCPU, 3)->u.vcpu.cpu, 2);
	assert_int_equal(record(r.p, XP_SERIES_VCPU, 3)->u.vcpu.ns[XP_RUNNABLE], 2);
	assert_int_equal(record(r.p, XP_SERIES_VCPU, 3)->tsc, 42); /* the hypervisor's own reading of its clock */
	assert_int_equal(count(r.p, XP_SERIES_PIN), 2); /* did not change */
	assert_int_equal(count(r.p, XP_SERIES_GONE), 1);
	assert_int_equal(record(r.p, XP_SERIES_GONE, 0)->u.gone.of, XP_SERIES_DOMAIN);
	over(&r);
}

static void test_domains__an_id_that_changed_hands_is_another(void **state)
{
	struct run r = { .fake = { .domains = { web }, .nr = 1, .name = "a" } };

	(void)state;
	begin(&r);
	r.fake.domains[0].uuid[0] = 2;
	r.fake.name = "b";
	again(&r);
	finish(&r);
	assert_int_equal(count(r.p, XP_SERIES_DOMAIN), 2);
	assert_int_equal(record(r.p, XP_SERIES_DOMAIN, 1)->u.domain.domid, 5);
	assert_int_equal(record(r.p, XP_SERIES_DOMAIN, 1)->u.domain.index, 1);
	assert_int_equal(record(r.p, XP_SERIES_DOMAIN_TIME, 1)->u.time.domain, 1);
	assert_int_equal(record(r.p, XP_SERIES_GONE, 0)->u.gone.index, 0);
	over(&r);
}

static void test_domains__a_name_that_comes_later(void **state)
{
	struct run r = { .fake = { .domains = { web }, .nr = 1 } };

	(void)state;
	begin(&r);
	again(&r);
	r.fake.name = "late";
	again(&r);
	again(&r);
	finish(&r);
	assert_int_equal(count(r.p, XP_SERIES_DOMAIN), 2);
	assert_string_equal(record(r.p, XP_SERIES_DOMAIN, 0)->u.domain.name, "");
	assert_string_equal(record(r.p, XP_SERIES_DOMAIN, 1)->u.domain.name, "late");
	assert_int_equal(record(r.p, XP_SERIES_DOMAIN, 1)->u.domain.index, 0);
	over(&r);
}

static void test_sources__what_cannot_be_had_is_said(void **state)
{
	struct run r = { .fake = { .domains = { web }, .nr = 1 } };

	(void)state;
	begin(&r);
	r.fake.no_domains = true;
	again(&r);
	again(&r);
	r.fake.no_domains = false;
	again(&r);
	finish(&r);
	assert_string_equal(why(r.p, XP_SERIES_CPU_TIME, 0), "");
	assert_string_equal(why(r.p, XP_SERIES_CPU_TIME, 1), "no list today");
	assert_string_equal(why(r.p, XP_SERIES_CPU_TIME, 2), "");
	assert_string_equal(why(r.p, XP_SERIES_RUN_STATES, 0), "not told here");
	assert_null(why(r.p, XP_SERIES_RUN_STATES, 1)); /* once is enough */
	assert_string_equal(why(r.p, XP_SERIES_PINNING, 0), "no affinity");
	assert_int_equal(count(r.p, XP_SERIES_DOMAIN_TIME), 2); /* no value is made up */
	assert_int_equal(count(r.p, XP_SERIES_GONE), 0);        /* nor is a domain thought dead */
	assert_int_equal(record(r.p, XP_SERIES_VCPU, 0)->u.vcpu.nr, 1);
	assert_int_equal(record(r.p, XP_SERIES_VCPU, 0)->u.vcpu.vcpu, 0);
	assert_int_equal(record(r.p, XP_SERIES_VCPU, 1)->u.vcpu.vcpu, 0); /* the one that went has none */
	over(&r);
}

static void test_foreign__a_driver_domain_that_tells_nothing(void **state)
{
	struct run r = { .fake = { .domains = { web }, .nr = 1, .vif = { 0, 3 }, .nr_vifs = 1 } };
	const struct xp_series_record *vif;

	(void)state;
	begin(&r);
	again(&r);
	r.fake.nr_vifs = 0;
	again(&r);
	finish(&r);
	assert_int_equal(count(r.p, XP_SERIES_VIF), 1);
	vif = record(r.p, XP_SERIES_VIF, 0);
	assert_int_equal(vif->u.vif.backend, 3);
	assert_string_equal(vif->u.vif.why, "its backend is domain 3, which does not tell its counters");
	assert_int_equal(count(r.p, XP_SERIES_TRAFFIC), 0);
	assert_int_equal(record(r.p, XP_SERIES_GONE, 0)->u.gone.of, XP_SERIES_VIF);
	over(&r);
}

static void test_foreign__a_driver_domain_that_tells(void **state)
{
	struct run r = { .fake = { .domains = { web }, .nr = 1, .vif = { 0, 3 }, .nr_vifs = 1, .tells = true } };
	const struct xp_series_record *t;

	(void)state;
	begin(&r);
	finish(&r);
	assert_string_equal(record(r.p, XP_SERIES_VIF, 0)->u.vif.why, "");
	t = record(r.p, XP_SERIES_TRAFFIC, 0);
	assert_non_null(t);
	assert_int_equal(t->u.traffic.sent_packets, 1);
	assert_int_equal(t->u.traffic.received_bytes, 4);
	assert_true(t->u.traffic.has_acks);
	assert_int_equal(t->u.traffic.received_acks, 6);
	over(&r);
}

static void test_time__is_kept(void **state)
{
	struct run r = { .fake = { .domains = { web }, .nr = 1 } };

	(void)state;
	begin(&r);
	for (int i = 0; i < 100; i++)
		assert_int_equal(xp_series_poll(r.s, false, &r.b.err), 0); /* not yet time */
	assert_int_equal(xp_series_poll(NULL, true, &r.b.err), 0);
	finish(&r);
	assert_int_equal(count(r.p, XP_SERIES_DOMAIN_TIME), 1);
	over(&r);
}

static void test_cpu_list(void **state)
{
	static const struct { uint8_t map[3]; size_t nr; const char *text; } cases[] = {
		{ { 0x00, 0, 0 }, 8, "" },       { { 0x01, 0, 0 }, 8, "0" },       { { 0xff, 0xff, 0x0f }, 20, "0-19" },
		{ { 0x2f, 0x80, 0x01 }, 24, "0-3,5,15-16" }, { { 0xff, 0xff, 0xff }, 3, "0-2" },
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(xp_cpu_list(cases[i].map, cases[i].nr, text, sizeof(text)));
		assert_string_equal(text, cases[i].text);
	}
	assert_false(xp_cpu_list((const uint8_t *)"\x55\x55\x55", 24, text, 8));
}

static void test_told__what_a_domain_wrote(void **state)
{
	static const char *const bad[] = { "", "1 2 3", "1 2 3 4 5", "1 2 3 4 5 6 7", "1 2 3 4x", "a b c d", "1 2 3 4 5 6 ", "-1 2 3 4", "1  2 3 4" };
	struct xp_series_record r;

	(void)state;
	assert_true(xp_host_parse_told("10 20 30 40", &r));
	assert_false(r.u.traffic.has_acks);
	assert_int_equal(r.u.traffic.received_packets, 30);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(xp_host_parse_told(bad[i], &r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_domains__are_introduced_once_and_end),
		cmocka_unit_test(test_domains__an_id_that_changed_hands_is_another),
		cmocka_unit_test(test_domains__a_name_that_comes_later),
		cmocka_unit_test(test_sources__what_cannot_be_had_is_said),
		cmocka_unit_test(test_foreign__a_driver_domain_that_tells_nothing),
		cmocka_unit_test(test_foreign__a_driver_domain_that_tells),
		cmocka_unit_test(test_time__is_kept),
		cmocka_unit_test(test_cpu_list),
		cmocka_unit_test(test_told__what_a_domain_wrote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
