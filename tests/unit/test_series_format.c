/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readings of the host's counters in the profile: as written, as specified, damaged, of later versions. */
#include "unit/build.h"

#include <zlib.h>

#include "lib/base/file.h"
#include "lib/profile/format.h"
#include "lib/report/report.h"

static const struct xp_series_record one_of_each[] = {
	{ .tsc = 1, .kind = XP_SERIES_SOURCE, .u.source = { XP_SERIES_ACKS, "no AF_PACKET" } },
	{ .tsc = 2, .kind = XP_SERIES_DOMAIN, .u.domain = { 0, 5, { 1, 2, 3 }, "web\n1" } },
	{ .tsc = 3, .kind = XP_SERIES_DOMAIN_TIME, .u.time = { 0, 2, XP_SERIES_PAUSED, 123456789012345u } },
	{ .tsc = 4, .kind = XP_SERIES_VCPU, .u.vcpu = { 0, 1, XP_BLOCKED, XP_NR_RUN_STATES, 7, { 10, 20, 30, UINT64_MAX } } },
	{ .tsc = 5, .kind = XP_SERIES_VCPU, .u.vcpu = { 0, 0, XP_RUN_STATE_UNKNOWN, 1, 3, { 11 } } },
	{ .tsc = 6, .kind = XP_SERIES_PIN, .u.pin = { 0, 1, "0-3,5" } },
	{ .tsc = 7, .kind = XP_SERIES_VIF, .u.vif = { 0, 5, 1, 0, "vif5.1", "" } },
	{ .tsc = 8, .kind = XP_SERIES_TRAFFIC, .u.traffic = { 0, true, 100, 2000, 300, 40000, 50, 60 } },
	{ .tsc = 9, .kind = XP_SERIES_TRAFFIC, .u.traffic = { 0, false, 101, 2001, 301, 40001, 0, 0 } },
	{ .tsc = 10, .kind = XP_SERIES_GONE, .u.gone = { XP_SERIES_VIF, 0 } },
};
#define NR_OF_EACH (sizeof(one_of_each) / sizeof(one_of_each[0]))

static const char dump_of_each[] =
	"series-source tsc=1 what=acks why=no AF_PACKET\n"
	"series-domain tsc=2 id=0 domid=5 uuid=01020300000000000000000000000000 name=web\\n1\n"
	"series-time tsc=3 domain=0 vcpus=2 flags=1 cpu_ns=123456789012345\n"
	"series-vcpu tsc=4 domain=0 vcpu=1 cpu=7 state=blocked running_ns=10 runnable_ns=20 blocked_ns=30"
	" offline_ns=18446744073709551615\n"
	"series-vcpu tsc=5 domain=0 vcpu=0 cpu=3 state=? running_ns=11\n"
	"series-pin tsc=6 domain=0 vcpu=1 cpus=0-3,5\n"
	"series-vif tsc=7 id=0 domid=5 devid=1 backend=0 name=vif5.1 why=\n"
	"series-traffic tsc=8 vif=0 sent_packets=100 sent_bytes=2000 received_packets=300 received_bytes=40000"
	" sent_acks=50 received_acks=60\n"
	"series-traffic tsc=9 vif=0 sent_packets=101 sent_bytes=2001 received_packets=301 received_bytes=40001\n"
	"series-gone tsc=10 of=vif id=0\n";

static void dump(FILE *out, void *p)
{
	struct xp_err err;

	assert_int_equal(xp_report_dump(out, p, true, &err), 0);
}

static void test_round_trip__each_kind_comes_back(void **state)
{
	struct xp_profile *p;
	struct build b;
	char *text;
	size_t i;

	(void)state;
	build_begin(&b);
	for (i = 0; i < NR_OF_EACH; i++)
		assert_int_equal(xp_write_series(b.w, &one_of_each[i], &b.err), 0);
	p = build_read(&b);
	assert_int_equal(p->nr_series, NR_OF_EACH);
	text = printed(dump, p);
	assert_string_equal(text, dump_of_each);
	free(text);
	xp_profile_free(p);
	build_clear(&b);
}

/* A file that was written when version 1.1 was specified. */
static void test_golden__is_read_for_ever(void **state)
{
	struct xp_buf expected = XP_BUF_INIT;
	struct xp_profile *p;
	struct xp_err err;
	char *text;

	(void)state;
	assert_int_equal(xp_profile_open(&p, "tests/data/profile/series-1.1.xprof", &err), 0);
	assert_int_equal(xp_file_read("tests/data/profile/series-1.1.dump", &expected, 1u << 20, &err), 0);
	text = printed(dump, p);
	assert_int_equal(strlen(text), expected.len);
	assert_memory_equal(text, expected.data, expected.len);
	free(text);
	xp_buf_release(&expected);
	xp_profile_free(p);
}

/* ---- bytes, as xprof-format(5) has them ---- */

static void put_u32(uint8_t *to, uint32_t n)
{
	memcpy(to, &n, 4); /* x86 */
}

/* A profile of one SERI chunk with this payload, and its end. */
static void put_file(struct xp_buf *b, const void *payload, uint32_t len)
{
	static const char types[2][5] = { "SERI", "END " };
	size_t i;

	xp_buf_add(b, "\x89XPROF\r\n\1\0\1\0", 12);
	xp_buf_u32(b, (uint32_t)crc32_z(0, b->data, 12));
	for (i = 0; i < 2; i++) {
		uint32_t size = i ? 0 : len;
		uint8_t header[20];

		memcpy(header, types[i], 4);
		put_u32(header + 4, size);
		put_u32(header + 8, size);
		put_u32(header + 12, (uint32_t)crc32_z(0, payload, size));
		put_u32(header + 16, (uint32_t)crc32_z(0, header, 16));
		xp_buf_add(b, header, sizeof(header));
		xp_buf_add(b, payload, size);
	}
}

static int open_series(const void *payload, size_t len, struct xp_profile **p, struct xp_err *err)
{
	static struct xp_buf b;
	int rc;

	xp_buf_release(&b);
	put_file(&b, payload, (uint32_t)len);
	rc = xp_profile_open_memory(p, b.data, b.len, err);
	return rc;
}

static void test_bytes__are_as_specified(void **state)
{
	static const char payload[] =
		"\x0c\x04\x80\x01\x00\x03\x01\x02\x04\x05\x06\x07\x08"  /* 4: tsc 128, domain 0, vCPU 3, runnable, CPU 2, four times */
		"\x08\x07\x05\x02\x00\x09\x08\x07\x06";
	struct xp_profile *p;
	struct xp_err err;

	(void)state;
	assert_int_equal(open_series(payload, sizeof(payload) - 1, &p, &err), 0);
	assert_int_equal(p->nr_series, 2);
	assert_int_equal(p->series[0].kind, XP_SERIES_VCPU);
	assert_int_equal(p->series[0].tsc, 128);
	assert_int_equal(p->series[0].u.vcpu.vcpu, 3);
	assert_int_equal(p->series[0].u.vcpu.state, XP_RUNNABLE);
	assert_int_equal(p->series[0].u.vcpu.cpu, 2);
	assert_int_equal(p->series[0].u.vcpu.ns[XP_RUNNING], 5);
	assert_int_equal(p->series[0].u.vcpu.ns[XP_OFFLINE], 8);
	assert_int_equal(p->series[1].u.traffic.vif, 2);
	assert_false(p->series[1].u.traffic.has_acks);
	assert_int_equal(p->series[1].u.traffic.received_bytes, 6);
	xp_profile_free(p);
}

static void test_bytes__later_kinds_and_fields_are_passed_over(void **state)
{
	static const char payload[] = "\x03\x63\x01\x02" "\x07\x08\x09\x06\x04zzz" "\x05\x01\x05\x09\x00\x00";
	struct xp_profile *p;
	struct xp_err err;

	(void)state;
	assert_int_equal(open_series(payload, sizeof(payload) - 1, &p, &err), 0);
	assert_int_equal(p->nr_series, 2);
	assert_int_equal(p->series[0].u.gone.index, 4);
	assert_int_equal(p->series[1].u.source.what, 9); /* of a later version, too */
	xp_profile_free(p);
}

static void test_bytes__malformed_ones_are_said(void **state)
{
	static const struct { const char *bytes; size_t len; } bad[] = {
		{ "\x04\x04\x01\x00\x00", 5 },                  /* ends early */
		{ "\x09\x04\x01\x00\x00\x00\x00\x05\x01\x01", 10 }, /* five run states */
		{ "\x07\x03\x01\xff\xff\xff\xff\x0f", 8 },      /* a domain's number that is too large */
		{ "\x05\x06\x01\xff\xff\x07", 6 },
		{ "\x06\x02\x01\x00\x05\x01\x02", 7 },          /* a UUID of two bytes */
		{ "\xff\xff\x03", 3 },
	};
	struct xp_profile *p;
	struct xp_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(open_series(bad[i].bytes, bad[i].len, &p, &err), XP_E_TRUNCATED);
		assert_non_null(strstr(p->damage, "SERI"));
		assert_int_equal(p->nr_series, 0);
		xp_profile_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip__each_kind_comes_back),
		cmocka_unit_test(test_golden__is_read_for_ever),
		cmocka_unit_test(test_bytes__are_as_specified),
		cmocka_unit_test(test_bytes__later_kinds_and_fields_are_passed_over),
		cmocka_unit_test(test_bytes__malformed_ones_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
