// SPDX-License-Identifier: GPL-2.0-or-later
/* Several stacks at once: notes that wait for the softirq, NMIs that come in it, time, and a ring that is full. */
#include "stack-case.h"

#include "step.h"

/* ---- several at once -----------------------------------------------------*/

static void test_notes__of_one_place_share_a_snapshot(void **state)
{
	(void)state;
	stacks_begin(0, 64);
	for (int i = 0; i < 3; i++)
		stacks_sample();
	host_softirqs(true);
	stacks_read();
	assert_int_equal(stacks_nr, 6);
	stacks_expect(3, XPROF_STACK_GUEST, XPROF_STACK_F_TRUNCATED, 8);
	stacks_expect(4, XPROF_STACK_GUEST, XPROF_STACK_F_SAME, 0);
	stacks_expect(5, XPROF_STACK_GUEST, XPROF_STACK_F_SAME, 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(stacks[i].head.tsc, stacks[3 + i].head.tsc);
	stacks_end();
}

static void test_notes__too_many_are_counted(void **state)
{
	(void)state;
	stacks_begin(0, 64);
	for (unsigned int i = 0; i < XPROF_STACK_NOTES + 3; i++)
		stacks_sample();
	host_softirqs(true);
	host_stop();
	stacks_read();
	assert_int_equal(stacks_seen.stacks[XPROF_STACK_GUEST], XPROF_STACK_NOTES);
	assert_int_equal(stacks_header()->stacks[XPROF_STACK_GUEST], XPROF_STACK_NOTES + 3);
	assert_int_equal(stacks_header()->stacks_lost[XPROF_STACK_GUEST], 3);
	stacks_end();
}

static void an_nmi_comes(void)
{
	host.copying = NULL;
	stacks_sample();
}

/* The softirq itself is interrupted: it settles that, too, and is not raised again. */
static void test_notes__that_come_meanwhile_are_settled(void **state)
{
	(void)state;
	stacks_begin(0, 64);
	stacks_sample();
	host.copying = an_nmi_comes;
	host_softirqs(true);
	assert_int_equal(host.kicks, 1);
	stacks_read();
	assert_int_equal(stacks_nr, 4);
	stacks_expect(0, XPROF_STACK_XEN, 0, 2);
	stacks_expect(1, XPROF_STACK_XEN, 0, 2);
	stacks_expect(2, XPROF_STACK_GUEST, XPROF_STACK_F_TRUNCATED, 8);
	stacks_expect(3, XPROF_STACK_GUEST, XPROF_STACK_F_SAME, 0);
	assert_int_equal(stacks[3].head.tsc, stacks[1].head.tsc);
	stacks_end();
}

static unsigned int nmi_at, nmis;

static void look(unsigned int step)
{
	if (step == nmi_at) {
		stacks_sample();
		nmis++;
	}
}

static void softirqs(void)
{
	host_softirqs(true);
}

/* Wherever it comes in the softirq: one stack for each sample, and no note is forgotten. */
static void test_notes__nmi_at_every_instruction(void **state)
{
	unsigned int steps = 1, runs = 0;

	(void)state;
	for (nmi_at = 0; nmi_at < steps; nmi_at += 1 + (unsigned int)(host_random() % 96)) {
		stacks_begin(0, 64);
		nmis = 0;
		stacks_sample();
		steps = step_through(softirqs, look);
		host_softirqs(true);
		stacks_read();
		assert_int_equal(stacks_seen.samples[0], 1 + nmis);
		assert_int_equal(stacks_seen.stacks[XPROF_STACK_GUEST], 1 + nmis);
		assert_int_equal(stacks_seen.stacks[XPROF_STACK_XEN], 1 + nmis);
		for (size_t i = 0; i < stacks_nr; i++)
			assert_int_not_equal(stacks[i].head.flags, XPROF_STACK_F_MOVED);
		stacks_end();
		runs++;
	}
	print_message("%u times within %u instructions\n", runs, steps);
}

static void it_takes_long(void)
{
	host_run(PERIOD / 10);
}

static void test_time__stacks_have_a_quarter_of_it(void **state)
{
	(void)state;
	stacks_begin(0, 64);
	vcpu.arch.flags = 0;
	host.in_guest = true;
	stacks_sample();
	host.copying = it_takes_long;
	host_softirqs(true);
	host_run(PERIOD / 10);
	pmu_external_nmi(host_pmu()); /* not a sample */
	host_run(PERIOD * 8 / 10 - 10);
	host_softirqs(true);
	stacks_sample(); /* 0.9 periods later: it has rested */
	host_softirqs(true);
	assert_int_equal(host.copies, 2);
	host.copying = NULL;
	stacks_end();
}

static void test_end__what_is_outstanding_has_moved(void **state)
{
	(void)state;
	stacks_begin(0, 64);
	stacks_sample();
	host_stop();
	stacks_read();
	stacks_expect(1, XPROF_STACK_GUEST, XPROF_STACK_F_MOVED, 0);
	/* The softirq may still be pending: it is Xen's own handler's. */
	host_softirqs(true);
	assert_int_equal(host.kicks, 1);
	stacks_end();
}

static void test_full_ring__loses_stacks_and_counts_them(void **state)
{
	(void)state;
	host_ring_bytes = 16384;
	stacks_begin(0, 4096);
	host_ring_bytes = 1u << 20;
	for (int i = 0; i < 30; i++) {
		stacks_sample();
		host_softirqs(true);
	}
	host_stop();
	stacks_read();
	assert_true(stacks_header()->stacks_lost[XPROF_STACK_GUEST] > 0);
	assert_true(stacks_header()->stacks_lost[XPROF_STACK_GUEST] < 30);
	assert_int_equal(stacks_header()->stacks[XPROF_STACK_XEN], stacks_seen.samples[0]);
	stacks_end();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		PMU_TEST(test_notes__of_one_place_share_a_snapshot),
		PMU_TEST(test_notes__too_many_are_counted),
		PMU_TEST(test_notes__that_come_meanwhile_are_settled),
		PMU_TEST(test_notes__nmi_at_every_instruction),
		PMU_TEST(test_time__stacks_have_a_quarter_of_it),
		PMU_TEST(test_end__what_is_outstanding_has_moved),
		PMU_TEST(test_full_ring__loses_stacks_and_counts_them),
	};

	return stacks_run(tests, ARRAY_SIZE(tests));
}
