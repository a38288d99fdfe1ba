// SPDX-License-Identifier: GPL-2.0-or-later
/* Snapshots of guests' stacks, and of the processes that their kernels work for. */
#include "stack-case.h"

/* ---- a guest's -----------------------------------------------------------*/

static void test_guest__is_copied_before_it_runs_on(void **state)
{
	(void)state;
	stacks_begin(0, 64);
	host.in_guest = true;
	stacks_sample();
	assert_int_equal(hv_softirq_pending[0], 1u << VCPU_KICK_SOFTIRQ);
	assert_int_equal(host.ipis, 0); /* Xen's NMI exit sends it */
	stacks_read();
	assert_int_equal(stacks_nr, 0);
	host_softirqs(true);
	assert_int_equal(host.kicks, 1);
	stacks_read();
	assert_int_equal(stacks_nr, 1);
	stacks_expect(0, XPROF_STACK_GUEST, XPROF_STACK_F_TRUNCATED, 8);
	stacks_expect_guest_regs(0, XPROF_MODE_KERNEL);
	assert_memory_equal(stacks[0].words, memory, 64);
	assert_false(host.copied_user);
	stacks_end();
}

static void test_guest__in_user_mode(void **state)
{
	(void)state;
	stacks_begin(0, 64);
	vcpu.arch.flags = 0;
	host.in_guest = true;
	stacks_sample();
	host_softirqs(true);
	stacks_read();
	stacks_expect_guest_regs(0, XPROF_MODE_USER);
	assert_true(host.copied_user);
	stacks_end();
}

static void test_guest__hvm(void **state)
{
	(void)state;
	stacks_begin(XEN_DOMCTL_CDF_hvm, 64);
	vmcb = (struct vmcb_struct){ .exitcode = VMEXIT_NMI, .rip = GUEST_IP, .rsp = GUEST_SP, .cr3 = CR3, .cpl = 3, .cs.l = 1 };
	host.vmread_allowed = true;
	host.cs_ar = 1u << 13;
	host.ss_ar = 3u << 5;
	host.cr3 = CR3;
	host.in_guest = pmu_case->kind == PMU_INTEL;
	host.regs.rip = (uintptr_t)svm_stgi_label;
	stacks_sample();
	host_softirqs(true);
	stacks_read();
	stacks_expect(0, XPROF_STACK_GUEST, XPROF_STACK_F_TRUNCATED, 8);
	stacks_expect_guest_regs(0, XPROF_MODE_HVM | XPROF_MODE_USER);
	assert_true(host.copied_user);
	stacks_end();
}

static void test_guest__32_bit_registers_are_halves(void **state)
{
	(void)state;
	stacks_begin(XEN_DOMCTL_CDF_hvm, 64);
	vmcb = (struct vmcb_struct){ .exitcode = VMEXIT_NMI, .rip = 0x100001234, .rsp = 0x200005678, .cr3 = CR3 };
	host.guest_regs.rip = vmcb.rip;
	host.guest_regs.rsp = vmcb.rsp;
	host.vmread_allowed = true;
	host.in_guest = pmu_case->kind == PMU_INTEL;
	host.regs.rip = (uintptr_t)svm_stgi_label;
	host.memory_at = 0x5678;
	stacks_sample();
	host_softirqs(true);
	stacks_read();
	stacks_expect(0, XPROF_STACK_GUEST, XPROF_STACK_F_TRUNCATED, 8);
	assert_int_equal(stacks[0].head.ip, 0x1234);
	assert_int_equal(stacks[0].head.sp, 0x5678);
	assert_int_equal(stacks[0].head.rec.mode, XPROF_MODE_HVM | XPROF_MODE_KERNEL | XPROF_MODE_32);
	stacks_end();
}

static void test_guest__that_xen_works_for(void **state)
{
	(void)state;
	stacks_begin(0, 64);
	stacks_sample();
	assert_int_equal(host.ipis, 0); /* Xen looks for softirqs before it enters the guest */
	host.guest_regs.rip += 2; /* emulated meanwhile */
	host_softirqs(true);
	stacks_read();
	assert_int_equal(stacks_nr, 2);
	stacks_expect(0, XPROF_STACK_XEN, 0, 2);
	stacks_expect(1, XPROF_STACK_GUEST, XPROF_STACK_F_TRUNCATED, 8);
	assert_int_equal(stacks[1].head.ip, GUEST_IP + 2);
	assert_int_equal(stacks[0].head.tsc, stacks[1].head.tsc);
	/* Behind that look it would not: an IPI makes the guest come back. */
	host.regs.eflags = 0;
	stacks_sample();
	assert_int_equal(host.ipis, 1);
	stacks_end();
}

static void moved(void (*change)(void))
{
	stacks_begin(0, 64);
	host.in_guest = true;
	stacks_sample();
	change();
	host_softirqs(true);
	host.vcpu[0] = &vcpu;
	stacks_read();
	assert_int_equal(stacks_nr, 1);
	stacks_expect(0, XPROF_STACK_GUEST, XPROF_STACK_F_MOVED, 0);
	assert_int_equal(stacks[0].head.ip, GUEST_IP);
	assert_int_equal(stacks[0].head.sp, GUEST_SP);
	assert_int_equal(host.copies, 0);
	host_stop();
	assert_int_equal(stacks_header()->stacks_moved, 1);
	stacks_end();
}

static void it_ran(void) { host.guest_regs.rip++; }
static void it_pushed(void) { host.guest_regs.rsp -= 8; }
static void another_runs(void) { host.vcpu[0] = &another; }
static void nobody_runs(void)
{
	static struct vcpu idle = { .domain = &host_idle_domain };

	host.vcpu[0] = &idle;
}

static void test_guest__that_has_moved_has_no_words(void **state)
{
	(void)state;
	moved(it_ran);
	moved(it_pushed);
	moved(another_runs);
	moved(nobody_runs);
}

static void descheduled(unsigned int softirq)
{
	stacks_begin(0, 64);
	host.in_guest = true;
	stacks_sample();
	host.next = &another;
	raise_softirq(softirq);
	host_softirqs(true);
	assert_ptr_equal(host.vcpu[0], &another);
	host.vcpu[0] = &vcpu;
	stacks_read();
	assert_int_equal(stacks_nr, 1);
	stacks_expect(0, XPROF_STACK_GUEST, XPROF_STACK_F_TRUNCATED, 8);
	stacks_end();
}

static void test_guest__is_copied_before_it_is_descheduled(void **state)
{
	(void)state;
	descheduled(SCHEDULE_SOFTIRQ);
	descheduled(SCHED_SLAVE_SOFTIRQ);
}

static void bare(bool on_the_way_back, bool can_copy)
{
	stacks_begin(0, 64);
	host.can_copy = can_copy;
	host.in_guest = true;
	stacks_sample();
	host_softirqs(on_the_way_back);
	stacks_read();
	stacks_expect(0, XPROF_STACK_GUEST, XPROF_STACK_F_TRUNCATED, 0);
	stacks_expect_guest_regs(0, XPROF_MODE_KERNEL);
	assert_int_equal(host.copies, 0);
	stacks_end();
}

static void test_guest__is_not_read_where_that_is_not_safe(void **state)
{
	(void)state;
	bare(false, true);
	bare(true, false);
}

static void snapshot_of(uint32_t limit, uint64_t readable, size_t whole)
{
	size_t words = 0, n;

	stacks_begin(0, limit);
	host.memory_len = readable;
	host.in_guest = true;
	stacks_sample();
	host_softirqs(true);
	stacks_read();
	for (n = 0; n < stacks_nr; n++) {
		bool last = n + 1 == stacks_nr;

		stacks_expect(n, XPROF_STACK_GUEST, last ? XPROF_STACK_F_TRUNCATED : XPROF_STACK_F_MORE, stacks[n].nr);
		stacks_expect_guest_regs(n, XPROF_MODE_KERNEL);
		assert_int_equal(stacks[n].head.offset, 8 * words);
		for (size_t i = 0; i < stacks[n].nr; i++)
			assert_int_equal(stacks[n].words[i], GUEST_SP + 8 * words++);
	}
	assert_int_equal(words, whole);
	stacks_end();
}

static void test_guest__takes_several_records(void **state)
{
	(void)state;
	snapshot_of(0, MEMORY, 512);
	snapshot_of(4096, MEMORY, 512);
	snapshot_of(XPROF_MAX_STACK, MEMORY, 4096);
	snapshot_of(248 * 8, MEMORY, 248);
	snapshot_of(249 * 8, MEMORY, 249);
	snapshot_of(8, MEMORY, 1);
	snapshot_of(4096, 2004, 250);
	snapshot_of(4096, 248 * 8, 248);
	snapshot_of(4096, 0, 0);
}

/* ---- the process that a kernel works for ---- */

#define USER_IP 0x555500001234ull
#define LINUX_END ((GUEST_SP | 0x3fff) + 1)
#define PAGE_END ((GUEST_SP | 0xfff) + 1)

struct iret {
	uint64_t ip, cs, flags, sp, ss;
};

/* The kernel's stack lies at GUEST_SP, and ends with this frame; the process' begins at USER_LOW. */
#define USER_LOW 0x7ffe00000100ull

static uint64_t last_word; /* of the stack that GUEST_SP lies in; 0: what lies there anyway */

static void with_frame(const struct iret *frame, uint64_t stack_end)
{
	if (last_word)
		memory[(LINUX_END - 8 - GUEST_SP) / 8] = last_word;
	memcpy((char *)memory + (stack_end - sizeof(*frame) - GUEST_SP), frame, sizeof(*frame));
	host.user_memory_at = USER_LOW;
}

static const struct iret usual = { USER_IP, 0x33, 0x246, USER_LOW + 16, 0x2b };

static void has_process(unsigned int options, const struct iret *frame, uint64_t stack_end, uint64_t kernel_sp, bool expected)
{
	stacks_begin(options, 64);
	vmcb = (struct vmcb_struct){ .exitcode = VMEXIT_NMI, .rip = GUEST_IP, .rsp = GUEST_SP, .cr3 = CR3, .cpl = 0, .cs.l = 1 };
	host.vmread_allowed = true;
	host.cs_ar = 1u << 13;
	host.cr3 = CR3;
	host.in_guest = !options || pmu_case->kind == PMU_INTEL;
	if (options)
		host.regs.rip = (uintptr_t)svm_stgi_label;
	vcpu.arch.pv.kernel_sp = kernel_sp;
	with_frame(frame, stack_end);
	stacks_sample();
	host_softirqs(true);
	stacks_read();
	assert_int_equal(stacks_nr, expected ? 2 : 1);
	if (expected) {
		stacks_expect(0, XPROF_STACK_GUEST, XPROF_STACK_F_PROCESS | XPROF_STACK_F_MORE, 8);
		assert_int_equal(stacks[0].head.ip, frame->ip);
		assert_int_equal(stacks[0].head.sp, frame->sp);
		assert_int_equal(stacks[0].head.cr3, CR3);
		assert_int_equal(stacks[0].head.rec.mode, (options ? XPROF_MODE_HVM : 0) | XPROF_MODE_USER);
		for (size_t i = 0; i < 8; i++)
			assert_int_equal(stacks[0].words[i], HOST_USER_WORD(frame->sp + 8 * i));
		assert_int_equal(stacks[0].head.tsc, stacks[1].head.tsc);
	}
	stacks_expect(stacks_nr - 1, XPROF_STACK_GUEST, XPROF_STACK_F_TRUNCATED, 8);
	stacks_expect_guest_regs(stacks_nr - 1, (options ? XPROF_MODE_HVM : 0) | XPROF_MODE_KERNEL);
	stacks_end();
}

static void test_process__lies_behind_its_kernels_stack(void **state)
{
	const struct iret of_pv = { USER_IP, FLAT_RING3_CS64, 0x246, USER_LOW, FLAT_RING3_CS64 };

	(void)state;
	has_process(0, &usual, LINUX_END, GUEST_SP + 0x2000, true);
	has_process(0, &of_pv, LINUX_END, GUEST_SP + 0x2000, true);
	has_process(0, &usual, GUEST_SP + 0x1000, GUEST_SP + 0x1000, true); /* where the guest has said so */
	has_process(0, &usual, GUEST_SP + 0x1000, GUEST_SP + 0x2000, false);
	has_process(XEN_DOMCTL_CDF_hvm, &usual, LINUX_END, 0, true);
	has_process(XEN_DOMCTL_CDF_hvm, &usual, PAGE_END, 0, true); /* on the entry's stack */
	has_process(0, &usual, PAGE_END, GUEST_SP + 0x2000, false);
	has_process(XEN_DOMCTL_CDF_hvm, &usual, GUEST_SP + 0x1000, GUEST_SP + 0x1000, false);
}

/* From an interrupt's stack, whose last word is where the task's was. */
static void test_process__behind_an_interrupts_stack(void **state)
{
	const uint64_t before = LINUX_END + 0x2008;

	(void)state;
	last_word = before;
	has_process(XEN_DOMCTL_CDF_hvm, &usual, (before | 0x3fff) + 1, 0, true);
	last_word = GUEST_IP; /* whatever lies there */
	has_process(XEN_DOMCTL_CDF_hvm, &usual, (before | 0x3fff) + 1, 0, false);
	last_word = 0;
}

static void no_process(struct iret frame)
{
	has_process(0, &frame, GUEST_SP + 0x1000, GUEST_SP + 0x1000, false);
}

static void test_process__other_frames_are_none(void **state)
{
	struct iret frame = usual;

	(void)state;
	no_process((struct iret){ 0 }); /* a kernel thread's */
	frame.cs = 0x10;
	no_process(frame);
	frame.cs = 0x23; /* 32-bit */
	no_process(frame);
	frame = usual;
	frame.ip = GUEST_IP;
	no_process(frame);
	frame = usual;
	frame.sp = GUEST_SP;
	no_process(frame);
	frame.sp = USER_LOW + 4;
	no_process(frame);
	/* An end that the guest has made up. */
	has_process(0, &usual, GUEST_SP + 0x1000, GUEST_SP + 0x1004, false);
	has_process(0, &usual, GUEST_SP + 0x1000, 0, false);
	has_process(0, &usual, GUEST_SP + 0x1000, UINT64_MAX, false);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		PMU_TEST(test_guest__is_copied_before_it_runs_on),
		PMU_TEST(test_guest__in_user_mode),
		PMU_TEST(test_guest__hvm),
		PMU_TEST(test_guest__32_bit_registers_are_halves),
		PMU_TEST(test_guest__that_xen_works_for),
		PMU_TEST(test_guest__that_has_moved_has_no_words),
		PMU_TEST(test_guest__is_copied_before_it_is_descheduled),
		PMU_TEST(test_guest__is_not_read_where_that_is_not_safe),
		PMU_TEST(test_guest__takes_several_records),
		PMU_TEST(test_process__lies_behind_its_kernels_stack),
		PMU_TEST(test_process__behind_an_interrupts_stack),
		PMU_TEST(test_process__other_frames_are_none),
	};

	return stacks_run(tests, ARRAY_SIZE(tests));
}
