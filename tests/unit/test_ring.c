// SPDX-License-Identifier: GPL-2.0-or-later
/* The reader of one ring: what it delivers, what it survives. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/fakering.h"

#define SIZE 4096u

static int setup(void **state)
{
	static struct fakering f;

	fakering_init(&f, 3, SIZE);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	fakering_release(*state);
	return 0;
}

/* Reads everything in steps, one record at a time; returns how many. */
static size_t read_all(struct xp_ring *ring, uint64_t first)
{
	struct xp_ring_cursor cursor;
	struct xp_record record;
	size_t n = 0;

	while (xp_ring_has_more(ring)) {
		xp_ring_begin(ring, &cursor);
		while (xp_ring_next(&cursor, &record)) {
			assert_int_equal(record.type, XPROF_REC_SAMPLE);
			assert_int_equal(record.sample->tsc, first + n);
			assert_int_equal(record.sample->ip, ~(first + n));
			n++;
		}
		xp_ring_commit(ring, &cursor);
	}
	return n;
}

static void test_ring__delivers_in_order(void **state)
{
	struct fakering *f = *state;

	for (uint64_t i = 0; i < 100; i++)
		fakering_sample(f, i);
	assert_int_equal(read_all(&f->ring, 0), 100);
	assert_int_equal(f->slot.cons, f->prod);
	assert_int_equal(f->ring.corrupt, 0);
}

static void test_ring__goes_round_many_times(void **state)
{
	struct fakering *f = *state;
	uint64_t n = 0;

	for (int round = 0; round < 1000; round++) {
		for (int i = 0; i < 37; i++)
			fakering_sample(f, n + (uint64_t)i);
		assert_int_equal(read_all(&f->ring, n), 37);
		n += 37;
	}
	assert_int_equal(f->header->lost[0], 0);
}

static void test_ring__record_across_the_end_is_whole(void **state)
{
	struct fakering *f = *state;
	struct xprof_gap gap = { .rec = fakering_rec(XPROF_REC_GAP, sizeof(gap)) };
	struct xp_ring_cursor cursor;
	struct xp_record record;

	assert_true(fakering_put(f, &gap)); /* 24 bytes: from here on samples lie across */
	xp_ring_begin(&f->ring, &cursor);
	assert_true(xp_ring_next(&cursor, &record));
	assert_int_equal(record.type, XPROF_REC_GAP);
	xp_ring_commit(&f->ring, &cursor);
	for (uint64_t i = 0; i < SIZE / 32; i++)
		fakering_sample(f, i);
	assert_int_equal(read_all(&f->ring, 0), SIZE / 32);
}

static void test_ring__samples_come_as_an_array(void **state)
{
	struct fakering *f = *state;
	struct xprof_gap gap = { .rec = fakering_rec(XPROF_REC_GAP, sizeof(gap)) };
	const struct xprof_sample *s;
	struct xp_ring_cursor cursor;
	struct xp_record record;

	for (uint64_t i = 0; i < 5; i++)
		fakering_sample(f, i);
	fakering_put(f, &gap);
	fakering_sample(f, 5);
	xp_ring_begin(&f->ring, &cursor);
	assert_int_equal(xp_ring_next_samples(&cursor, &s, SIZE_MAX), 5);
	assert_int_equal(s[4].tsc, 4);
	assert_int_equal(xp_ring_next_samples(&cursor, &s, SIZE_MAX), 0);
	assert_true(xp_ring_next(&cursor, &record));
	assert_int_equal(record.type, XPROF_REC_GAP);
	assert_int_equal(xp_ring_next_samples(&cursor, &s, SIZE_MAX), 1);
	assert_int_equal(s[0].tsc, 5);
	assert_int_equal(xp_ring_next_samples(&cursor, &s, SIZE_MAX), 0);
	assert_false(xp_ring_next(&cursor, &record));
}

/* A reader that is slow must not keep Xen waiting for room until it has read a large ring's backlog. */
static void test_ring__room_is_given_back_early(void **state)
{
	const uint32_t size = 4u << 20;
	const struct xprof_sample *s;
	struct xp_ring_cursor cursor;
	struct fakering f;
	uint64_t n;

	(void)state;
	fakering_init(&f, 3, size);
	for (n = 0; n < size / sizeof(*s) + 1; n++)
		fakering_sample(&f, n);
	assert_int_equal(f.header->lost[0], 1);
	xp_ring_begin(&f.ring, &cursor);
	n = xp_ring_next_samples(&cursor, &s, SIZE_MAX);
	assert_int_equal(n * sizeof(*s), 256 << 10);
	assert_false(xp_ring_next(&cursor, &(struct xp_record){ 0 }));
	xp_ring_commit(&f.ring, &cursor);
	for (uint64_t i = 0; i < n - 2; i++) /* two make room for what tells of the loss */
		fakering_sample(&f, n + i);
	assert_int_equal(f.header->lost[0], 1);
	fakering_release(&f);
}

static void test_ring__unknown_types_are_passed_over(void **state)
{
	struct fakering *f = *state;
	unsigned char strange[48] = { 77, 0, 0, sizeof(strange) / 8 };
	unsigned char tail[16] = { XPROF_REC_DOMAIN, 0, 0, sizeof(tail) / 8 }; /* too short for what it says it is */

	fakering_sample(f, 0);
	fakering_put(f, strange);
	fakering_put(f, tail);
	fakering_sample(f, 1);
	assert_int_equal(read_all(&f->ring, 0), 2);
	assert_int_equal(f->ring.skipped, 2);
	assert_int_equal(f->ring.corrupt, 0);
}

/* A snapshot of two words, one without any, and one that is too short for what it says it is. */
static void test_ring__stacks_have_their_words(void **state)
{
	const struct {
		struct xprof_stack stack;
		uint64_t words[2];
	} two = { { .rec = fakering_rec(XPROF_REC_STACK, sizeof(two)), .tsc = 5, .sp = 0x7000, .offset = 16,
		    .flags = XPROF_STACK_F_TRUNCATED }, { 0x1234, 0x5678 } };
	const struct xprof_stack none = { .rec = fakering_rec(XPROF_REC_STACK, sizeof(none)), .flags = XPROF_STACK_F_MOVED };
	const struct xprof_stack cut = { .rec = fakering_rec(XPROF_REC_STACK, sizeof(cut) - 8) };
	struct fakering *f = *state;
	struct xp_ring_cursor cursor;
	struct xp_record r;
	const uint64_t *words;

	fakering_put(f, &two);
	fakering_put(f, &cut);
	fakering_put(f, &none);
	xp_ring_begin(&f->ring, &cursor);
	assert_true(xp_ring_next(&cursor, &r));
	assert_int_equal(r.type, XPROF_REC_STACK);
	assert_int_equal(r.stack->tsc, 5);
	assert_int_equal(r.stack->flags, XPROF_STACK_F_TRUNCATED);
	assert_int_equal(xp_record_stack_words(&r, &words), 2);
	assert_int_equal(words[0], 0x1234);
	assert_int_equal(words[1], 0x5678);
	assert_true(xp_ring_next(&cursor, &r));
	assert_int_equal(r.stack->flags, XPROF_STACK_F_MOVED);
	assert_int_equal(xp_record_stack_words(&r, &words), 0);
	assert_false(xp_ring_next(&cursor, &r));
	assert_int_equal(f->ring.skipped, 1);
}

static void test_ring__size_zero_is_corruption(void **state)
{
	struct fakering *f = *state;
	uint64_t good;

	fakering_sample(f, 0);
	good = f->prod;
	fakering_sample(f, 1);
	fakering_sample(f, 2);
	f->data[good + offsetof(struct xprof_rec, size)] = 0;
	assert_int_equal(read_all(&f->ring, 0), 1);
	assert_int_equal(f->ring.corrupt, 1);
	assert_int_equal(f->ring.corrupt_bytes, 64);
	fakering_sample(f, 7); /* and goes on behind it */
	assert_int_equal(read_all(&f->ring, 7), 1);
}

/* The profile's reader refuses such a number, and with it all samples around it: it must not get there. */
static void test_ring__an_event_that_cannot_be_is_corruption(void **state)
{
	static const uint8_t types[] = { XPROF_REC_SAMPLE, XPROF_REC_LOST, XPROF_REC_PERIOD };
	struct fakering *f = *state;
	uint64_t all = 0;

	for (unsigned int i = 0; i < 3; i++) {
		unsigned char bad[32] = { types[i], XPROF_MAX_EVENTS, 0, sizeof(bad) / 8 };

		fakering_sample(f, all);
		fakering_put(f, bad);
		fakering_sample(f, all + 1);
		assert_int_equal(read_all(&f->ring, all), 1);
		assert_int_equal(f->ring.corrupt, i + 1);
		all += 2;
	}
}

static void test_ring__size_past_the_producer_is_corruption(void **state)
{
	struct fakering *f = *state;

	fakering_sample(f, 0);
	f->data[offsetof(struct xprof_rec, size)] = 5;
	assert_int_equal(read_all(&f->ring, 0), 0);
	assert_int_equal(f->ring.corrupt, 1);
}

/* Whatever index stands there, nothing is delivered, and the next true one is followed. */
static void test_ring__impossible_producer(void **state)
{
	static const uint64_t bad[] = { 1, 4, SIZE + 8, SIZE * 2, UINT64_MAX, UINT64_MAX - 7, 1ull << 63, (1ull << 63) | 8 };
	struct fakering *f = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct xp_ring_cursor cursor;
		struct xp_record record;

		f->header->prod = f->ring.cons + bad[i];
		xp_ring_begin(&f->ring, &cursor);
		assert_false(xp_ring_next(&cursor, &record));
		xp_ring_commit(&f->ring, &cursor);
		assert_int_equal(f->ring.corrupt, i + 1);
		assert_int_equal(f->ring.cons & 7, 0);
	}
}

static void test_ring__header_of_another_ring_is_refused(void **state)
{
	struct fakering *f = *state;
	struct xp_ring r;
	struct xp_err err;

	assert_int_equal(xp_ring_init(&r, f->reader_base, &f->slot, 4, SIZE, &err), XP_E_FORMAT);
	assert_int_equal(xp_ring_init(&r, f->reader_base, &f->slot, 3, 2 * SIZE, &err), XP_E_FORMAT);
	f->header->abi = 7;
	assert_int_equal(xp_ring_init(&r, f->reader_base, &f->slot, 3, SIZE, &err), XP_E_VERSION);
	assert_string_equal(err.text, "CPU 3: the ring has version 7, this xprof reads version 3");
	f->header->magic = 0;
	assert_int_equal(xp_ring_init(&r, f->reader_base, &f->slot, 3, SIZE, &err), XP_E_FORMAT);
}

/* ---- both at once --------------------------------------------------------*/

#define PRODUCED 2000000u

static void *produce(void *arg)
{
	for (uint64_t i = 0; i < PRODUCED; i++)
		fakering_sample(arg, i);
	__atomic_store_n(&((struct fakering *)arg)->header->reserved0[0], 1, __ATOMIC_RELEASE);
	return NULL;
}

struct seen {
	uint64_t samples, lost, last;
};

static void take(struct seen *seen, const struct xp_record *r)
{
	if (r->type == XPROF_REC_LOST) {
		seen->lost += r->lost->count;
		return;
	}
	/* What was lost before this one is exactly the distance to the one before: nothing is torn or doubled. */
	assert_int_equal(r->sample->tsc, seen->samples + seen->lost);
	assert_int_equal(r->sample->ip, ~r->sample->tsc);
	assert_int_equal(r->sample->cr3, r->sample->tsc * 3);
	seen->samples++;
}

static void test_ring__producer_and_reader_at_once(void **state)
{
	struct fakering *f = *state;
	struct xp_ring_cursor cursor;
	struct xp_record record;
	struct seen seen = { 0 };
	pthread_t producer;
	bool done = false;

	assert_int_equal(pthread_create(&producer, NULL, produce, f), 0);
	while (!done || xp_ring_has_more(&f->ring)) {
		done = __atomic_load_n(&f->header->reserved0[0], __ATOMIC_ACQUIRE);
		xp_ring_begin(&f->ring, &cursor);
		while (xp_ring_next(&cursor, &record))
			take(&seen, &record);
		xp_ring_commit(&f->ring, &cursor);
	}
	pthread_join(producer, NULL);
	assert_int_equal(f->header->produced[0], PRODUCED);
	assert_int_equal(seen.samples + f->header->lost[0], PRODUCED);
	assert_int_equal(seen.lost + f->pending_lost, f->header->lost[0]);
	assert_int_equal(f->ring.corrupt, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ring__delivers_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ring__goes_round_many_times, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ring__record_across_the_end_is_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ring__samples_come_as_an_array, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ring__room_is_given_back_early, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ring__unknown_types_are_passed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ring__stacks_have_their_words, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ring__size_zero_is_corruption, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ring__an_event_that_cannot_be_is_corruption, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ring__size_past_the_producer_is_corruption, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ring__impossible_producer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ring__header_of_another_ring_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ring__producer_and_reader_at_once, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
