// SPDX-License-Identifier: GPL-2.0-or-later
/* Snapshots of Xen's own stack, and sessions with stacks. */
#include "stack-case.h"

/* ---- Xen's own -----------------------------------------------------------*/

static void own_stack(unsigned long sp, unsigned int flags, size_t words)
{
	stacks_begin(0, 64);
	host.regs.rsp = sp;
	for (size_t i = 0; i < sizeof(host.stack) / 8; i++)
		((uint64_t *)(void *)host.stack)[i] = (uintptr_t)&host.stack[8 * i];
	stacks_sample();
	stacks_read();
	stacks_expect(0, XPROF_STACK_XEN, flags, words);
	assert_int_equal(stacks[0].head.ip, XEN_IP);
	assert_int_equal(stacks[0].head.sp, sp);
	assert_int_equal(stacks[0].head.bp, XEN_BP);
	for (size_t i = 0; i < words; i++)
		assert_int_equal(stacks[0].words[i], sp + 8 * i);
	stacks_end();
}

static void test_own__from_rsp_to_the_guests_registers(void **state)
{
	const unsigned long top = (uintptr_t)&host.guest_regs;

	(void)state;
	own_stack(top - 40, 0, 5);
	own_stack(top - 126 * 8, 0, 126);
	own_stack(top - 127 * 8, XPROF_STACK_F_TRUNCATED, 127);
	own_stack(top - 4000, XPROF_STACK_F_TRUNCATED, 127);
	own_stack(top, 0, 0);
	own_stack(top + 24, 0, 0); /* they are being popped */
}

static void test_own__no_other_stack_is_touched(void **state)
{
	const unsigned long base = (uintptr_t)host.stack;

	(void)state;
	own_stack(0, XPROF_STACK_F_TRUNCATED, 0);
	own_stack(0x7ffe00001000, XPROF_STACK_F_TRUNCATED, 0); /* a guest's */
	own_stack(base + HOST_STACK, XPROF_STACK_F_TRUNCATED, 0); /* another CPU's */
	own_stack(base + 2 * 4096 + 512, XPROF_STACK_F_TRUNCATED, 0); /* the NMI's own */
	own_stack(base + 5 * 4096 + 4088, XPROF_STACK_F_TRUNCATED, 0); /* a shadow stack, or a guard page */
	own_stack(base + 6 * 4096, XPROF_STACK_F_TRUNCATED, 127);
	own_stack((uintptr_t)&host.guest_regs - 12, XPROF_STACK_F_TRUNCATED, 0);
}

static void test_own__of_an_idle_cpu_and_no_guests(void **state)
{
	(void)state;
	stacks_begin(0, 64);
	host.vcpu[0] = &(struct vcpu){ .vcpu_id = 0, .domain = &host_idle_domain };
	stacks_sample();
	assert_int_equal(hv_softirq_pending[0], 0);
	stacks_read();
	assert_int_equal(stacks_nr, 1);
	assert_int_equal(stacks[0].head.rec.domid, DOMID_IDLE);
	host.vcpu[0] = &vcpu;
	stacks_end();
}

/* ---- opening -------------------------------------------------------------*/

static int open_with(uint32_t flags, uint32_t bytes, uint32_t ring)
{
	struct xprof_op_open open = { .source = XPROF_SOURCE_PMU, .flags = flags, .stack_bytes = bytes, .ring_bytes = ring };
	int rc;

	pmu_host(1);
	rc = xprof_open(&open);
	if (rc)
		return rc;
	assert_int_equal(open.stack_bytes, flags & XPROF_OPEN_STACKS ? bytes ?: XPROF_DEFAULT_STACK : 0);
	free(xprof_session->cpu);
	free(xprof_session->ctl);
	free(xprof_session);
	xprof_session = NULL;
	return 0;
}

static void test_open__refuses_what_makes_no_sense(void **state)
{
	(void)state;
	assert_int_equal(open_with(XPROF_OPEN_STACKS, 0, 65536), 0);
	assert_int_equal(open_with(XPROF_OPEN_STACKS, XPROF_MAX_STACK, 4 * XPROF_MAX_STACK), 0);
	assert_int_equal(open_with(0, 0, 65536), 0);
	assert_int_equal(open_with(0, 4096, 65536), -EINVAL);
	assert_int_equal(open_with(XPROF_OPEN_STACKS, 4092, 65536), -EINVAL);
	assert_int_equal(open_with(XPROF_OPEN_STACKS, XPROF_MAX_STACK + 8, 1u << 20), -EINVAL);
	assert_int_equal(open_with(XPROF_OPEN_STACKS, 0, 8192), -EINVAL);
	assert_int_equal(open_with(XPROF_OPEN_STACKS | XPROF_OPEN_COUNT, 0, 65536), -EINVAL);
}

static void test_without__nothing_is_different(void **state)
{
	const softirq_handler stock = softirq_handlers[VCPU_KICK_SOFTIRQ];

	(void)state;
	stacks_begin(0, 64);
	stacks_end();
	host_open(0);
	assert_null(xprof_session->cpu[0]->stacks);
	assert_int_equal(host_event(pmu_cycles, PERIOD, PMU_BOTH | XPROF_EVENT_EVEN, 0), 0);
	host_start();
	assert_ptr_equal(softirq_handlers[VCPU_KICK_SOFTIRQ], stock);
	memset(&stacks_seen, 0, sizeof(stacks_seen));
	stacks_sample();
	stacks_read();
	assert_int_equal(stacks_seen.samples[0], 1);
	assert_int_equal(hv_softirq_pending[0], 0);
	host_close();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		PMU_TEST(test_own__from_rsp_to_the_guests_registers),
		PMU_TEST(test_own__no_other_stack_is_touched),
		PMU_TEST(test_own__of_an_idle_cpu_and_no_guests),
		PMU_TEST(test_open__refuses_what_makes_no_sense),
		PMU_TEST(test_without__nothing_is_different),
	};

	return stacks_run(tests, ARRAY_SIZE(tests));
}
