// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hypervisor's own ring.h and record.c, compiled here under ASan and UBSan
 * with guard pages around the ring.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <time.h>

#include "harness.h"

#define SAMPLE sizeof(struct xprof_sample)
#define DOMAIN sizeof(struct xprof_domain)

static void test_sample__is_32_bytes_after_one_domain_record(void **state)
{
	struct hv_ring ring;
	struct hv_seen seen = { 0 };

	(void)state;
	hv_ring_init(&ring, 4096);
	hv_sample(&ring, 5, 1);
	hv_sample(&ring, 5, 2);
	assert_int_equal(ring.header->prod, DOMAIN + 2 * SAMPLE);
	assert_true(SAMPLE <= 32);
	hv_read(&ring, 0, ring.header->prod, &seen);
	assert_int_equal(seen.samples, 2);
	assert_int_equal(seen.domains, 1);
	hv_ring_release(&ring);
}

static void test_domain__announced_again_when_the_domid_changes_hands(void **state)
{
	struct hv_ring ring;
	struct hv_seen seen = { 0 };
	static const uint64_t first[2] = { 1, 1 }, second[2] = { 2, 2 };
	static const int domain;
	struct xprof_sample s = {
		.rec = { .type = XPROF_REC_SAMPLE, .size = SAMPLE / 8, .domid = 7 }, .ip = 1,
	};

	(void)state;
	hv_ring_init(&ring, 4096);
	hv_record(&ring.r, &s, &domain, first);
	s.ip = 2;
	hv_record(&ring.r, &s, &domain, first);
	s.ip = 3;
	hv_record(&ring.r, &s, &domain, second);
	hv_read(&ring, 0, ring.header->prod, &seen);
	assert_int_equal(seen.samples, 3);
	assert_int_equal(seen.domains, 2);
	hv_ring_release(&ring);
}

static void test_idle__needs_no_domain_record(void **state)
{
	struct hv_ring ring;

	(void)state;
	hv_ring_init(&ring, 4096);
	hv_sample(&ring, XPROF_DOMID_IDLE, 1);
	assert_int_equal(ring.header->prod, SAMPLE);
	hv_ring_release(&ring);
}

static void test_full_ring__loses_counts_and_says_so_before_the_next_sample(void **state)
{
	struct hv_ring ring;
	struct hv_seen seen = { 0 };
	const struct xprof_lost *lost;
	uint64_t full, serial;

	(void)state;
	hv_ring_init(&ring, 4096);
	for (serial = 1; serial <= 200; serial++)
		hv_sample(&ring, XPROF_DOMID_IDLE, serial);
	full = ring.header->prod;
	assert_int_equal(full, 4096);
	assert_int_equal(ring.r.produced[0], 200);
	assert_int_equal(ring.r.lost_total[0], 72);

	*ring.cons = full;
	hv_sample(&ring, XPROF_DOMID_IDLE, 201);
	lost = (const void *)ring.data;
	assert_int_equal(lost->rec.type, XPROF_REC_LOST);
	assert_int_equal(lost->count, 72);
	assert_int_equal(lost->first_tsc, 129);
	assert_int_equal(lost->last_tsc, 200);
	hv_read(&ring, full, ring.header->prod, &seen);
	assert_int_equal(seen.samples, 1);
	assert_int_equal(ring.r.produced[0], 128 + 1 + ring.r.lost_total[0]);
	hv_ring_release(&ring);
}

static void test_gap__is_written_before_the_next_sample(void **state)
{
	struct hv_ring ring;
	const struct xprof_gap *gap;

	(void)state;
	hv_ring_init(&ring, 4096);
	hv_sample(&ring, XPROF_DOMID_IDLE, 10);
	ring.r.gap_first_tsc = 10;
	ring.r.gap_pending = XPROF_GAP_LIVEPATCH;
	hv_sample(&ring, XPROF_DOMID_IDLE, 50);
	gap = (const void *)(ring.data + SAMPLE);
	assert_int_equal(gap->rec.type, XPROF_REC_GAP);
	assert_int_equal(gap->rec.event, XPROF_GAP_LIVEPATCH);
	assert_int_equal(gap->first_tsc, 10);
	assert_int_equal(gap->last_tsc, 50);
	assert_int_equal(ring.header->prod, 2 * SAMPLE + sizeof(*gap));
	hv_ring_release(&ring);
}

/* No sample comes any more: the session's end pays. */
static void test_gap__lasts_to_the_end(void **state)
{
	struct hv_ring ring;
	const struct xprof_gap *gap;

	(void)state;
	hv_ring_init(&ring, 4096);
	xprof_records_end(&ring.r, 5);
	assert_int_equal(ring.header->prod, 0);
	hv_sample(&ring, XPROF_DOMID_IDLE, 10);
	ring.r.gap_first_tsc = 10;
	ring.r.gap_pending = XPROF_GAP_VPMU;
	xprof_records_end(&ring.r, 90);
	xprof_records_end(&ring.r, 91);
	gap = (const void *)(ring.data + SAMPLE);
	assert_int_equal(gap->rec.type, XPROF_REC_GAP);
	assert_int_equal(gap->rec.event, XPROF_GAP_VPMU);
	assert_int_equal(gap->first_tsc, 10);
	assert_int_equal(gap->last_tsc, 90);
	assert_int_equal(ring.header->prod, SAMPLE + sizeof(*gap));
	hv_ring_release(&ring);
}

/* One index the ring believes is its limit; every other must count as full or be true. */
static void hostile_index(uint64_t cons)
{
	struct hv_ring ring;
	struct hv_seen seen = { 0 };
	uint64_t serial;

	hv_ring_init(&ring, 4096);
	for (serial = 1; serial <= 100; serial++)
		hv_sample(&ring, XPROF_DOMID_IDLE, serial);
	*ring.cons = cons;
	for (; serial <= 400; serial++)
		hv_sample(&ring, XPROF_DOMID_IDLE, serial);

	assert_int_equal(ring.r.produced[0], 400);
	/*
	 * Unread, the ring is full at 4096: an index up to there becomes true at
	 * some time and frees that much; one beyond it never does.
	 */
	assert_true(ring.header->prod <= (cons <= 4096 ? cons : 0) + 4096);
	hv_read(&ring, ring.header->prod > 4096 ? ring.header->prod - 4096 : 0, ring.header->prod, &seen);
	hv_ring_release(&ring);
}

static void test_hostile_consumer__every_single_bit_and_edge(void **state)
{
	unsigned int bit;
	static const uint64_t edges[] = { 0, 1, 7, 8, 31, 32, 3199, 3200, 3201, 4095, 4096, 4097,
					  ~0ull, ~0ull - 4095, 1ull << 63, (1ull << 63) - 1 };

	(void)state;
	for (bit = 0; bit < 64; bit++) {
		/* 3200 is what 100 samples have produced: the ring may believe up to that. */
		hostile_index(1ull << bit);
		hostile_index(~(1ull << bit));
		hostile_index(3200ull ^ (1ull << bit));
	}
	for (unsigned int i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
		hostile_index(edges[i]);
}

struct race {
	struct hv_ring ring;
	int stop;
	uint64_t seed;
};

static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static void *hostile_writer(void *arg)
{
	struct race *race = arg;
	uint64_t x = race->seed;

	while (!__atomic_load_n(&race->stop, __ATOMIC_RELAXED)) {
		uint64_t value = next_random(&x);

		switch (value & 3) {
		case 0:
			value = __atomic_load_n(&race->ring.header->prod, __ATOMIC_RELAXED);
			break;
		case 1:
			value = __atomic_load_n(&race->ring.header->prod, __ATOMIC_RELAXED) + (value >> 48);
			break;
		case 2:
			value >>= 40;
			break;
		}
		__atomic_store_n(race->ring.cons, value, __ATOMIC_RELAXED);
	}
	return NULL;
}

static uint64_t seed(void)
{
	const char *set = getenv("XPROF_SEED");
	uint64_t s = set ? strtoull(set, NULL, 0) : (uint64_t)time(NULL);

	print_message("seed %llu (repeat with XPROF_SEED=)\n", (unsigned long long)s);
	return s ? s : 1;
}

static void test_hostile_consumer__racing_with_the_producer(void **state)
{
	struct race race = { .seed = seed() };
	pthread_t thread;
	uint64_t serial;

	(void)state;
	hv_ring_init(&race.ring, 4096);
	assert_int_equal(pthread_create(&thread, NULL, hostile_writer, &race), 0);
	for (serial = 1; serial <= 2000000; serial++)
		hv_sample(&race.ring, serial % 3 ? 4 : XPROF_DOMID_IDLE, serial);
	__atomic_store_n(&race.stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);

	/* Whatever the consumer said, the producer's own account holds. */
	assert_int_equal(race.ring.r.produced[0], 2000000);
	assert_true(race.ring.r.lost_total[0] <= 2000000);
	hv_ring_release(&race.ring);
}

static void *honest_reader(void *arg)
{
	struct race *race = arg;
	struct hv_seen *seen = calloc(1, sizeof(*seen));
	uint64_t cons = 0;

	for (;;) {
		int stop = __atomic_load_n(&race->stop, __ATOMIC_ACQUIRE);
		uint64_t prod = __atomic_load_n(&race->ring.header->prod, __ATOMIC_ACQUIRE); /* [B] */

		hv_read(&race->ring, cons, prod, seen);
		cons = prod;
		__atomic_store_n(race->ring.cons, cons, __ATOMIC_RELEASE); /* [C] */
		if (stop && prod == __atomic_load_n(&race->ring.header->prod, __ATOMIC_ACQUIRE))
			return seen;
	}
}

static void test_honest_consumer__gets_every_sample_that_was_not_lost(void **state)
{
	struct race race = { 0 };
	struct hv_seen *seen;
	pthread_t thread;
	uint64_t serial;

	(void)state;
	hv_ring_init(&race.ring, 65536);
	assert_int_equal(pthread_create(&thread, NULL, honest_reader, &race), 0);
	for (serial = 1; serial <= 2000000; serial++)
		hv_sample(&race.ring, serial % 5 ? 4 : 9, serial);
	__atomic_store_n(&race.stop, 1, __ATOMIC_RELEASE);
	pthread_join(thread, (void **)&seen);

	assert_int_equal(seen->samples + race.ring.r.lost_total[0], 2000000);
	assert_int_equal(race.ring.r.produced[0], 2000000);
	assert_int_equal(seen->domains, 2);
	free(seen);
	hv_ring_release(&race.ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sample__is_32_bytes_after_one_domain_record),
		cmocka_unit_test(test_domain__announced_again_when_the_domid_changes_hands),
		cmocka_unit_test(test_idle__needs_no_domain_record),
		cmocka_unit_test(test_full_ring__loses_counts_and_says_so_before_the_next_sample),
		cmocka_unit_test(test_gap__is_written_before_the_next_sample),
		cmocka_unit_test(test_gap__lasts_to_the_end),
		cmocka_unit_test(test_hostile_consumer__every_single_bit_and_edge),
		cmocka_unit_test(test_hostile_consumer__racing_with_the_producer),
		cmocka_unit_test(test_honest_consumer__gets_every_sample_that_was_not_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
