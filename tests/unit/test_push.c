// SPDX-License-Identifier: GPL-2.0-or-later
/* The spool, and how long is waited: what needs no store. With one: test_cli_push.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/push/backoff.h"
#include "lib/base/file.h"
#include "lib/push/otlp-answer.h"
#include "lib/push/push.h"
#include "lib/push/spool.h"
#include "lib/push/store.h"
#include "unit/folder.h"

#define T0 1795875342123u /* 2026-11-28T14:15:42.123Z */

static void open_spool(struct xp_spool *s, uint64_t budget)
{
	struct xp_err err;

	if (xp_spool_open(s, folder(), budget, &err))
		fail_msg("%s", err.text);
}

static struct xp_spool_name name_at(uint64_t ms, uint8_t id)
{
	struct xp_spool_name n = { .ms = ms, .id = { id }, .kind = xp_push_kind("parca", 5) };

	assert_non_null(n.kind);
	return n;
}

static int put(struct xp_spool *s, uint64_t ms, uint8_t id, size_t bytes)
{
	const struct xp_spool_name n = name_at(ms, id);
	struct xp_buf body = XP_BUF_INIT;
	struct xp_err err;
	int ret;

	memset(xp_buf_reserve(&body, bytes), id, bytes);
	body.len = bytes;
	ret = xp_spool_put(s, &n, &body, &err);
	xp_buf_release(&body);
	return ret;
}

static uint8_t oldest(struct xp_spool *s)
{
	struct xp_spool_name n;
	size_t others;

	return xp_spool_oldest(s, xp_push_kind("parca", 5), &n, &others) ? n.id[0] : 0;
}

static void test_name__tells_all(void **state)
{
	struct xp_spool_name n = name_at(T0, 0xab), back;
	char text[XP_SPOOL_NAME];

	(void)state;
	xp_spool_format(text, &n);
	assert_string_equal(text, "20261128T141542.123Z-ab000000000000000000000000000000.parca");
	assert_true(xp_spool_parse(text, &back));
	assert_int_equal(back.ms, T0);
	assert_int_equal(back.id[0], 0xab);
	assert_false(back.rejected);
	assert_false(xp_spool_parse("20261128T141542.123Z-ab000000000000000000000000000000.parka", &back));
	assert_false(xp_spool_parse("20261128T141542.123Z-AB000000000000000000000000000000.parca", &back));
	assert_false(xp_spool_parse("20261128T141542.123Z-ab000000000000000000000000000000.parca.x", &back));
	assert_false(xp_spool_parse("20261128T141542.123Z-ab", &back));
	assert_false(xp_spool_parse("taken", &back));
}

static void test_spool__oldest_first_and_gone_when_sent(void **state)
{
	struct xp_buf body = XP_BUF_INIT;
	struct xp_spool_name n;
	struct xp_spool s;
	struct xp_err err;

	(void)state;
	open_spool(&s, 1 << 20);
	assert_int_equal(put(&s, T0 + 1, 2, 100), 0);
	assert_int_equal(put(&s, T0, 1, 100), 0);
	assert_int_equal(put(&s, T0, 1, 100), 0); /* the same again is still one */
	assert_int_equal(oldest(&s), 1);
	n = name_at(T0, 1);
	assert_int_equal(xp_spool_read(&s, &n, &body, &err), 0);
	assert_int_equal(body.len, 100);
	assert_int_equal(xp_spool_sent(&s, &n, &err), 0);
	assert_int_equal(oldest(&s), 2);
	n = name_at(T0 + 1, 2);
	assert_int_equal(xp_spool_reject(&s, &n, &err), 0);
	assert_int_equal(oldest(&s), 0);
	xp_buf_release(&body);
	xp_spool_close(&s);
}

/* Ten messages of 300 KB in a spool of 1 MiB: three stay, the newest; what the store rejected goes before what waits. */
static void test_spool__budget_drops_the_oldest(void **state)
{
	struct xp_spool_counts c;
	struct xp_spool_name n;
	struct xp_spool s;
	struct xp_err err;

	(void)state;
	open_spool(&s, 1 << 20);
	for (uint8_t i = 1; i <= 10; i++)
		assert_int_equal(put(&s, T0 + i, i, 300000), 0);
	assert_int_equal(s.dropped, 7);
	assert_int_equal(s.dropped_bytes, 7 * 300000);
	assert_int_equal(oldest(&s), 8);
	n = name_at(T0 + 10, 10);
	assert_int_equal(xp_spool_reject(&s, &n, &err), 0);
	assert_int_equal(put(&s, T0 + 11, 11, 300000), 0);
	assert_int_equal(s.dropped, 7);
	assert_int_equal(oldest(&s), 8);
	assert_int_equal(xp_spool_count(&s, &c, &err), 0);
	assert_int_equal(c.waiting, 3);
	assert_int_equal(c.rejected, 0);
	assert_int_equal(put(&s, T0 + 12, 12, 2 << 20), XP_E_USAGE); /* larger than all */
	assert_int_equal(oldest(&s), 8);
	xp_spool_close(&s);
}

static void test_spool__halves_go_and_others_stay(void **state)
{
	struct xp_spool s;
	char half[] = "20261128T141542.123Z-ab000000000000000000000000000000.parca.a1B2c3";

	(void)state;
	close(creat(in_folder(half), 0600));
	close(creat(in_folder("taken.a1B2c3"), 0600));
	close(creat(in_folder("my notes.parca"), 0600));
	open_spool(&s, 1 << 20);
	assert_int_equal(access(in_folder(half), F_OK), -1);
	assert_int_equal(access(in_folder("taken.a1B2c3"), F_OK), -1);
	for (uint8_t i = 1; i <= 5; i++)
		assert_int_equal(put(&s, T0 + i, i, 500000), 0);
	xp_spool_clear(&s);
	assert_int_equal(access(in_folder("my notes.parca"), F_OK), 0);
	xp_spool_close(&s);
}

static void test_spool__one_sender_at_a_time(void **state)
{
	struct xp_spool s, second;
	struct xp_err err;

	(void)state;
	open_spool(&s, 1 << 20);
	assert_int_equal(xp_spool_open(&second, folder(), 1 << 20, &err), XP_E_BUSY);
	xp_spool_close(&s);
}

static void test_spool__remembers_what_was_taken(void **state)
{
	struct xp_spool s;
	struct xp_err err;
	char name[64];

	(void)state;
	open_spool(&s, 1 << 20);
	assert_int_equal(xp_spool_taken(&s, name, &err), 0);
	assert_string_equal(name, "");
	assert_int_equal(xp_spool_take(&s, "xprof-20261128T141542.123Z.data", &err), 0);
	assert_int_equal(xp_spool_taken(&s, name, &err), 0);
	assert_string_equal(name, "xprof-20261128T141542.123Z.data");
	xp_spool_close(&s);
}

/* ---- following, with a disk that has no room for a file of more than some bytes ---- */

#define PROFILE "tests/data/profile/testbed-1.0.xprof" /* three domains: messages for Pyroscope of 10.7, 2.0 and 3.0 KB */

static void limit_files(rlim_t bytes)
{
	struct rlimit l;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &l);
	l.rlim_cur = bytes < l.rlim_max ? bytes : l.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
}

static size_t waiting(struct xp_spool *s)
{
	struct xp_spool_counts c;
	struct xp_err err;

	assert_int_equal(xp_spool_count(s, &c, &err), 0);
	return c.waiting;
}

static unsigned int said;
static void count_line(void *arg, const char *line)
{
	(void)arg;
	said += strstr(line, "the spool cannot be written") && strstr(line, "xprof-20261128T100000.000Z.data");
}

static int follow(struct xp_push *p, int dir, rlim_t room)
{
	struct xp_err err;
	int ret;

	limit_files(room);
	ret = xp_push_follow(p, dir, folder(), &err);
	limit_files(RLIM_INFINITY);
	return ret;
}

/* Neither a part of its messages, which would be sent and then sent again, nor its name as one that was taken. */
static void test_follow__a_full_disk_leaves_the_profile_for_later(void **state)
{
	struct xp_buf profile = XP_BUF_INIT;
	struct xp_push p = { .kind = xp_push_kind("pyroscope", 9), .say = count_line };
	struct xp_spool s;
	struct xp_err err;
	char taken[64];
	int dir;

	(void)state;
	said = 0;
	assert_int_equal(xp_file_read(PROFILE, &profile, 1 << 24, &err), 0);
	assert_int_equal(xp_file_replace(in_folder("xprof-20261128T100000.000Z.data"), profile.data, profile.len, 0600, &err), 0);
	xp_buf_release(&profile);
	dir = open(folder(), O_RDONLY | O_DIRECTORY);
	if (xp_spool_open(&s, in_folder("spool"), 1 << 20, &err))
		fail_msg("%s", err.text);
	p.spool = &s;
	xp_push_init(&p, 1);
	for (int i = 0; i < 2; i++) {
		p.spool_due_ns = i; /* it is time again */
		assert_int_equal(follow(&p, dir, 5000), 0);
		assert_int_equal(waiting(&s), 0);
		assert_int_equal(xp_spool_taken(&s, taken, &err), 0);
		assert_string_equal(taken, "");
	}
	assert_int_equal(said, 1); /* not each time */
	assert_int_equal(follow(&p, dir, RLIM_INFINITY), 0); /* but not before its time */
	p.spool_due_ns = 1;
	assert_int_equal(follow(&p, dir, RLIM_INFINITY), 1);
	assert_int_equal(waiting(&s), 3);
	assert_int_equal(follow(&p, dir, RLIM_INFINITY), 0); /* once */
	assert_int_equal(waiting(&s), 3);
	xp_spool_clear(&s);
	xp_spool_close(&s);
	close(dir);
}

/* ---- waiting ---- */

static void test_backoff__doubles_to_its_limit(void **state)
{
	uint64_t step = XP_BACKOFF_FIRST_MS;
	struct xp_backoff b;

	(void)state;
	xp_backoff_init(&b, 1);
	for (int i = 0; i < 20; i++) {
		uint64_t wait = xp_backoff_next(&b, 0);

		assert_in_range(wait, step / 2, step);
		step = step * 2 < XP_BACKOFF_LAST_MS ? step * 2 : XP_BACKOFF_LAST_MS;
	}
	xp_backoff_reset(&b);
	assert_in_range(xp_backoff_next(&b, 0), XP_BACKOFF_FIRST_MS / 2, XP_BACKOFF_FIRST_MS);
}

/* Of hosts that all fail at the same moment: no tenth of the second has more than a quarter of them. */
static void test_backoff__spreads_hosts(void **state)
{
	unsigned int tenth[11] = { 0 };
	struct xp_backoff a, b;

	(void)state;
	for (uint64_t host = 0; host < 1000; host++) {
		xp_backoff_init(&a, host);
		xp_backoff_init(&b, host);
		assert_int_equal(xp_backoff_next(&a, 0), xp_backoff_next(&b, 0)); /* seeded */
		tenth[xp_backoff_next(&a, 0) / 100 - 10]++;
	}
	for (int i = 0; i < 11; i++)
		assert_true(tenth[i] < 250);
}

static void test_backoff__waits_as_long_as_it_was_asked(void **state)
{
	struct xp_backoff b;

	(void)state;
	xp_backoff_init(&b, 7);
	assert_int_equal(xp_backoff_next(&b, 30000), 30000);
	assert_int_equal(xp_backoff_next(&b, 1ull << 60), 3600000);
}

static void test_answers__mean(void **state)
{
	static const struct { long status; enum xp_sent what; } cases[] = {
		{ 200, XP_SENT }, { 202, XP_SENT }, { 204, XP_SENT }, { 301, XP_SENT_REFUSED }, { 307, XP_SENT_REFUSED },
		{ 400, XP_SENT_REJECTED }, { 401, XP_SENT_REFUSED }, { 403, XP_SENT_REFUSED }, { 404, XP_SENT_REFUSED },
		{ 408, XP_SENT_AGAIN }, { 413, XP_SENT_REJECTED }, { 422, XP_SENT_REJECTED }, { 429, XP_SENT_AGAIN },
		{ 500, XP_SENT_AGAIN }, { 502, XP_SENT_AGAIN }, { 503, XP_SENT_AGAIN }, { 599, XP_SENT_AGAIN }, { 100, XP_SENT_REFUSED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (xp_store_meaning(cases[i].status) != cases[i].what)
			fail_msg("%ld means %d", cases[i].status, xp_store_meaning(cases[i].status));
}

/* ExportProfilesServiceResponse, as protoc encodes it: partial_success { rejected_profiles: 2 error_message: "too old" }. */
static const uint8_t rejects_two[] = { 0x0a, 0x0b, 0x08, 2, 0x12, 7, 't', 'o', 'o', ' ', 'o', 'l', 'd' };

static void test_otlp_answer__tells_what_was_rejected(void **state)
{
	struct xp_otlp_answer a;

	(void)state;
	xp_otlp_answer_parse(&a, rejects_two, sizeof(rejects_two));
	assert_int_equal(a.rejected, 2);
	assert_int_equal(a.len, 7);
	assert_memory_equal(a.message, "too old", 7);
	xp_otlp_answer_parse(&a, NULL, 0); /* an empty message: all was taken */
	assert_int_equal(a.rejected, 0);
	xp_otlp_answer_parse(&a, "{}", 2); /* no such message */
	assert_int_equal(a.rejected, 0);
	assert_int_equal(a.len, 0);
}

/* Of a long answer we keep the beginning: the number comes first, and counts wherever it was cut behind that. */
static void test_otlp_answer__may_be_cut_off(void **state)
{
	struct xp_otlp_answer a;

	(void)state;
	for (size_t len = 4; len <= sizeof(rejects_two); len++) {
		xp_otlp_answer_parse(&a, rejects_two, len);
		assert_int_equal(a.rejected, 2);
		assert_int_equal(a.len, len > 6 ? len - 6 : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name__tells_all),
		cmocka_unit_test_setup_teardown(test_spool__oldest_first_and_gone_when_sent, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_spool__budget_drops_the_oldest, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_spool__halves_go_and_others_stay, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_spool__one_sender_at_a_time, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_spool__remembers_what_was_taken, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_follow__a_full_disk_leaves_the_profile_for_later, folder_make, folder_remove),
		cmocka_unit_test(test_backoff__doubles_to_its_limit),
		cmocka_unit_test(test_backoff__spreads_hosts),
		cmocka_unit_test(test_backoff__waits_as_long_as_it_was_asked),
		cmocka_unit_test(test_answers__mean),
		cmocka_unit_test(test_otlp_answer__tells_what_was_rejected),
		cmocka_unit_test(test_otlp_answer__may_be_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
