// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ring's second producer, xprof_ring_insert(), against the first: an NMI
 * comes between any two of its instructions.
 */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness.h"
#include "step.h"

#define SIZE 4096u

static struct hv_ring ring, fresh;
static struct hv_seen seen;
static uint64_t read_to;
static unsigned char records[512];
static size_t bytes;
static bool inserted;
static unsigned int nmi_at, nmis;
static uint64_t serial;

static void insert(void)
{
	inserted = xprof_ring_insert(&ring.r.ring, records, (unsigned int)bytes);
}

/* The reader is always there: what is published is whole, and never goes back. */
static void read_published(void)
{
	uint64_t prod = *(volatile uint64_t *)&ring.header->prod;

	assert(prod >= read_to && prod <= ring.r.ring.prod);
	hv_read(&ring, read_to, prod, &seen);
	read_to = prod;
}

static void nmi(unsigned int step)
{
	read_published();
	if (step < nmi_at || step >= nmi_at + nmis)
		return;
	hv_sample(&ring, XPROF_DOMID_IDLE, ++serial);
	read_published();
}

static void begin(unsigned int used)
{
	if (!fresh.base)
		hv_ring_init(&fresh, SIZE);
	ring = fresh;
	*ring.cons = ring.header->prod = 0;
	memset(&seen, 0, sizeof(seen));
	serial = read_to = 0;
	for (unsigned int i = 0; i < used; i++)
		hv_sample(&ring, XPROF_DOMID_IDLE, ++serial);
	read_published();
	bytes = hv_stack(records, 1000, 5);
	bytes += hv_stack(records + bytes, 2000, 1);
}

/* All that was produced is seen in the end, and samples add up. */
static void check_end(unsigned int stacks)
{
	assert_ptr_equal(ring.r.ring.published, &ring.header->prod);
	hv_sample(&ring, XPROF_DOMID_IDLE, ++serial);
	read_published();
	assert_int_equal(read_to, ring.r.ring.prod);
	assert_int_equal(seen.stacks, stacks);
	assert_int_equal(seen.samples + ring.r.lost_total[0], serial);
	assert_int_equal(ring.r.produced[0], serial);
}

static void test_insert__is_published_whole(void **state)
{
	(void)state;
	begin(3);
	insert();
	assert_true(inserted);
	assert_int_equal(ring.header->prod, 3 * 32 + bytes);
	check_end(2);
}

static void test_insert__without_room_writes_nothing(void **state)
{
	(void)state;
	begin((SIZE - 128) / 32);
	insert();
	assert_false(inserted);
	assert_int_equal(ring.header->prod, SIZE - 128);
	*ring.cons = 256; /* the reader has read: the NMI handler does not know yet */
	insert();
	assert_true(inserted);
	assert_int_equal(ring.r.ring.cons, 0); /* and is not told */
	check_end(2);
}

/*
 * What is inserted with the reader's latest index may end further than a ring beyond what the handler believes of it. The handler
 * must see that it has to ask again, and not take the ring for empty.
 */
static void test_insert__beyond_what_the_handler_believes(void **state)
{
	(void)state;
	begin((SIZE - 64) / 32);
	*ring.cons = read_to;
	insert();
	assert_true(inserted);
	assert_true(ring.r.ring.prod - ring.r.ring.cons > SIZE);
	for (unsigned int i = 0; i < 2 * SIZE / 32; i++) {
		hv_sample(&ring, XPROF_DOMID_IDLE, ++serial);
		assert_true(ring.r.ring.prod - *ring.cons <= SIZE); /* nothing that is unread was overwritten */
		read_published();
	}
	assert_int_equal(ring.r.lost_total[0], 2 * SIZE / 32 - (SIZE - bytes) / 32);
	check_end(2);
}

/* A consumer that goes back behind what was inserted, but not behind what the handler believes, makes a ring that is more than full. */
static void test_insert__of_a_consumer_that_goes_back(void **state)
{
	(void)state;
	begin((SIZE - 64) / 32);
	*ring.cons = read_to;
	insert();
	assert_true(inserted);
	*ring.cons = 0;
	insert();
	assert_false(inserted);
	hv_sample(&ring, XPROF_DOMID_IDLE, ++serial);
	assert_int_equal(ring.r.lost_total[0], 1);
	*ring.cons = read_to;
	check_end(2);
}

/* A consumer that lies loses its own records, no more. */
static void test_insert__believes_no_impossible_consumer(void **state)
{
	static const uint64_t bad[] = { 1ull << 63, UINT64_MAX, SIZE, SIZE - 96, UINT64_MAX - SIZE };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		begin((SIZE - 128) / 32);
		*ring.cons = bad[i];
		insert();
		assert_false(inserted);
		*ring.cons = 0;
		check_end(0);
	}
}

/* count NMIs in a row from each instruction on, or from each stride-th. */
static void interrupt_everywhere(unsigned int used, unsigned int count, unsigned int stride, unsigned int stacks)
{
	unsigned int steps = 1;

	for (nmi_at = 0; nmi_at < steps; nmi_at += stride) {
		begin(used);
		nmis = count;
		steps = step_through(insert, nmi);
		check_end(inserted ? 2 : 0);
		assert_true(inserted || !stacks);
	}
	print_message("%u instructions\n", steps);
	assert_true(steps > 50);
}

static void test_insert__nmi_at_every_instruction(void **state)
{
	(void)state;
	interrupt_everywhere(3, 1, 1, 2);
}

/* More of them than it tries to keep up with. */
static void test_insert__nmis_at_many_instructions(void **state)
{
	(void)state;
	interrupt_everywhere(3, 60, 7, 0);
}

/* Whoever is first has the last room: the other is lost, and counted. */
static void test_insert__nmi_at_every_instruction_of_a_full_ring(void **state)
{
	(void)state;
	interrupt_everywhere((SIZE - 192) / 32, 1, 3, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_insert__is_published_whole),
		cmocka_unit_test(test_insert__without_room_writes_nothing),
		cmocka_unit_test(test_insert__beyond_what_the_handler_believes),
		cmocka_unit_test(test_insert__of_a_consumer_that_goes_back),
		cmocka_unit_test(test_insert__believes_no_impossible_consumer),
		cmocka_unit_test(test_insert__nmi_at_every_instruction),
		cmocka_unit_test(test_insert__nmis_at_many_instructions),
		cmocka_unit_test(test_insert__nmi_at_every_instruction_of_a_full_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
