// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Snapshots of stacks: the hypervisor's own stack.c and stack-guest.c, with
 * NMIs of a counter, softirqs, and a guest whose memory the test makes up.
 */
#include "pmu-cases.h"

#include <asm/hvm/svm/vmcb.h>
#include <xen/softirq.h>

#include "step.h"

#define PERIOD 100000u
#define XEN_IP 0xffff82d040200456ull
#define XEN_BP 0xbbbbull
#define GUEST_IP 0xffffffff81000123ull
#define GUEST_SP 0xffffc90000001f08ull
#define GUEST_BP 0x6b70ull
#define CR3 0x12345000ull
#define MEMORY (64u << 10)

static const struct pmu_case cases[] = {
	{ "SVM", PMU_CORE, 0, 6, 0, 48, false, XPROF_PMU_CORE },
	{ "VMX", PMU_INTEL, 4, 4, 3, 48, true, XPROF_PMU_INTEL },
};

extern softirq_handler softirq_handlers[];

static struct domain domain;
static struct vcpu vcpu, another;
static struct vmcb_struct vmcb;
static uint64_t memory[MEMORY / 8];

/* The snapshots since begin(), record by record. */
static struct {
	struct xprof_stack head;
	size_t nr;
	uint64_t words[XPROF_STACK_MAX_WORDS];
} stacks[128];
static size_t nr_stacks;
static struct host_seen seen;

static void keep(const struct xprof_stack *s)
{
	assert_true(nr_stacks < ARRAY_SIZE(stacks));
	stacks[nr_stacks].head = *s;
	stacks[nr_stacks].nr = s->rec.size - sizeof(*s) / 8;
	memcpy(stacks[nr_stacks++].words, s + 1, s->rec.size * 8u - sizeof(*s));
}

static void begin(unsigned int options, uint32_t bytes)
{
	pmu_host(1);
	hv_softirq_pending[0] = 0;
	host_domain_init(&domain, 5, 5);
	domain.options = options;
	domain.arch.paging.mode = PG_HAP_enable;
	vcpu = (struct vcpu){ .vcpu_id = 3, .domain = &domain };
	vcpu.arch.flags = TF_kernel_mode;
	vcpu.arch.guest_table.pfn = CR3 >> 12;
	vcpu.arch.hvm.guest_cr[3] = CR3;
	vcpu.arch.hvm.svm.vmcb = &vmcb;
	another = vcpu;
	host.vcpu[0] = &vcpu;
	host.regs = (struct cpu_user_regs){ .rip = XEN_IP, .cs = __HYPERVISOR_CS, .rbp = XEN_BP, .eflags = X86_EFLAGS_IF };
	host.regs.rsp = (uintptr_t)&host.guest_regs - 16;
	host.guest_regs = (struct cpu_user_regs){ .rip = GUEST_IP, .rsp = GUEST_SP, .rbp = GUEST_BP, .cs = FLAT_RING3_CS64 };
	for (size_t i = 0; i < ARRAY_SIZE(memory); i++)
		memory[i] = GUEST_SP + 8 * i;
	host.memory = (const void *)memory;
	host.memory_at = GUEST_SP;
	host.memory_len = MEMORY;
	host.can_copy = true;
	host_stack_bytes = bytes;
	host_open(XPROF_OPEN_STACKS);
	assert_int_equal(host_event(pmu_cycles, PERIOD, PMU_BOTH | XPROF_EVENT_EVEN, 0), 0);
	host_start();
	nr_stacks = 0;
	memset(&seen, 0, sizeof(seen));
	host_stack = keep;
}

static void sample(void)
{
	host_run(PERIOD);
}

static void read_all(void)
{
	host_read(&seen, NULL, NULL);
}

static const struct xprof_ring_header *header(void)
{
	return xprof_session->cpu[0]->records.ring.header;
}

/* Ends the session: what was asked for is in the ring, or lost and counted. */
static void end(void)
{
	host_stop();
	read_all();
	assert_int_equal(header()->stacks[XPROF_STACK_XEN], seen.stacks[XPROF_STACK_XEN] + header()->stacks_lost[XPROF_STACK_XEN]);
	assert_int_equal(header()->produced[0], seen.samples[0] + header()->lost[0]);
	assert_true(softirq_handlers[VCPU_KICK_SOFTIRQ] != NULL);
	assert_false(xprof_stacks_active());
	host_close();
	assert_true(xprof_is_idle());
	host_stack = NULL;
}

static void expect(size_t n, unsigned int part, unsigned int flags, size_t words)
{
	assert_true(n < nr_stacks);
	assert_int_equal(stacks[n].head.rec.event, part);
	assert_int_equal(stacks[n].head.flags, flags);
	assert_int_equal(stacks[n].nr, words);
	assert_int_equal(stacks[n].head.rec.domid, 5);
	assert_int_equal(stacks[n].head.rec.vcpu, 3);
}

static void expect_guest_regs(size_t n, unsigned int mode)
{
	assert_int_equal(stacks[n].head.ip, GUEST_IP);
	assert_int_equal(stacks[n].head.sp, GUEST_SP);
	assert_int_equal(stacks[n].head.bp, GUEST_BP);
	assert_int_equal(stacks[n].head.cr3, CR3);
	assert_int_equal(stacks[n].head.rec.mode, mode);
}

/* ---- Xen's own -----------------------------------------------------------*/

static void own_stack(unsigned long sp, unsigned int flags, size_t words)
{
	begin(0, 64);
	host.regs.rsp = sp;
	for (size_t i = 0; i < sizeof(host.stack) / 8; i++)
		((uint64_t *)(void *)host.stack)[i] = (uintptr_t)&host.stack[8 * i];
	sample();
	read_all();
	expect(0, XPROF_STACK_XEN, flags, words);
	assert_int_equal(stacks[0].head.ip, XEN_IP);
	assert_int_equal(stacks[0].head.sp, sp);
	assert_int_equal(stacks[0].head.bp, XEN_BP);
	for (size_t i = 0; i < words; i++)
		assert_int_equal(stacks[0].words[i], sp + 8 * i);
	end();
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
	begin(0, 64);
	host.vcpu[0] = &(struct vcpu){ .vcpu_id = 0, .domain = &host_idle_domain };
	sample();
	assert_int_equal(hv_softirq_pending[0], 0);
	read_all();
	assert_int_equal(nr_stacks, 1);
	assert_int_equal(stacks[0].head.rec.domid, DOMID_IDLE);
	host.vcpu[0] = &vcpu;
	end();
}

/* ---- a guest's -----------------------------------------------------------*/

static void test_guest__is_copied_before_it_runs_on(void **state)
{
	(void)state;
	begin(0, 64);
	host.in_guest = true;
	sample();
	assert_int_equal(hv_softirq_pending[0], 1u << VCPU_KICK_SOFTIRQ);
	assert_int_equal(host.ipis, 0); /* Xen's NMI exit sends it */
	read_all();
	assert_int_equal(nr_stacks, 0);
	host_softirqs(true);
	assert_int_equal(host.kicks, 1);
	read_all();
	assert_int_equal(nr_stacks, 1);
	expect(0, XPROF_STACK_GUEST, XPROF_STACK_F_TRUNCATED, 8);
	expect_guest_regs(0, XPROF_MODE_KERNEL);
	assert_memory_equal(stacks[0].words, memory, 64);
	assert_false(host.copied_user);
	end();
}

static void test_guest__in_user_mode(void **state)
{
	(void)state;
	begin(0, 64);
	vcpu.arch.flags = 0;
	host.in_guest = true;
	sample();
	host_softirqs(true);
	read_all();
	expect_guest_regs(0, XPROF_MODE_USER);
	assert_true(host.copied_user);
	end();
}

static void test_guest__hvm(void **state)
{
	(void)state;
	begin(XEN_DOMCTL_CDF_hvm, 64);
	vmcb = (struct vmcb_struct){ .exitcode = VMEXIT_NMI, .rip = GUEST_IP, .rsp = GUEST_SP, .cr3 = CR3, .cpl = 3, .cs.l = 1 };
	host.vmread_allowed = true;
	host.cs_ar = 1u << 13;
	host.ss_ar = 3u << 5;
	host.cr3 = CR3;
	host.in_guest = pmu_case->kind == PMU_INTEL;
	host.regs.rip = (uintptr_t)svm_stgi_label;
	sample();
	host_softirqs(true);
	read_all();
	expect(0, XPROF_STACK_GUEST, XPROF_STACK_F_TRUNCATED, 8);
	expect_guest_regs(0, XPROF_MODE_HVM | XPROF_MODE_USER);
	assert_true(host.copied_user);
	end();
}

static void test_guest__32_bit_registers_are_halves(void **state)
{
	(void)state;
	begin(XEN_DOMCTL_CDF_hvm, 64);
	vmcb = (struct vmcb_struct){ .exitcode = VMEXIT_NMI, .rip = 0x100001234, .rsp = 0x200005678, .cr3 = CR3 };
	host.guest_regs.rip = vmcb.rip;
	host.guest_regs.rsp = vmcb.rsp;
	host.vmread_allowed = true;
	host.in_guest = pmu_case->kind == PMU_INTEL;
	host.regs.rip = (uintptr_t)svm_stgi_label;
	host.memory_at = 0x5678;
	sample();
	host_softirqs(true);
	read_all();
	expect(0, XPROF_STACK_GUEST, XPROF_STACK_F_TRUNCATED, 8);
	assert_int_equal(stacks[0].head.ip, 0x1234);
	assert_int_equal(stacks[0].head.sp, 0x5678);
	assert_int_equal(stacks[0].head.rec.mode, XPROF_MODE_HVM | XPROF_MODE_KERNEL | XPROF_MODE_32);
	end();
}

static void test_guest__that_xen_works_for(void **state)
{
	(void)state;
	begin(0, 64);
	sample();
	assert_int_equal(host.ipis, 0); /* Xen looks for softirqs before it enters the guest */
	host.guest_regs.rip += 2; /* emulated meanwhile */
	host_softirqs(true);
	read_all();
	assert_int_equal(nr_stacks, 2);
	expect(0, XPROF_STACK_XEN, 0, 2);
	expect(1, XPROF_STACK_GUEST, XPROF_STACK_F_TRUNCATED, 8);
	assert_int_equal(stacks[1].head.ip, GUEST_IP + 2);
	assert_int_equal(stacks[0].head.tsc, stacks[1].head.tsc);
	/* Behind that look it would not: an IPI makes the guest come back. */
	host.regs.eflags = 0;
	sample();
	assert_int_equal(host.ipis, 1);
	end();
}

static void moved(void (*change)(void))
{
	begin(0, 64);
	host.in_guest = true;
	sample();
	change();
	host_softirqs(true);
	host.vcpu[0] = &vcpu;
	read_all();
	assert_int_equal(nr_stacks, 1);
	expect(0, XPROF_STACK_GUEST, XPROF_STACK_F_MOVED, 0);
	assert_int_equal(stacks[0].head.ip, GUEST_IP);
	assert_int_equal(stacks[0].head.sp, GUEST_SP);
	assert_int_equal(host.copies, 0);
	host_stop();
	assert_int_equal(header()->stacks_moved, 1);
	end();
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
	begin(0, 64);
	host.in_guest = true;
	sample();
	host.next = &another;
	raise_softirq(softirq);
	host_softirqs(true);
	assert_ptr_equal(host.vcpu[0], &another);
	host.vcpu[0] = &vcpu;
	read_all();
	assert_int_equal(nr_stacks, 1);
	expect(0, XPROF_STACK_GUEST, XPROF_STACK_F_TRUNCATED, 8);
	end();
}

static void test_guest__is_copied_before_it_is_descheduled(void **state)
{
	(void)state;
	descheduled(SCHEDULE_SOFTIRQ);
	descheduled(SCHED_SLAVE_SOFTIRQ);
}

static void bare(bool on_the_way_back, bool can_copy)
{
	begin(0, 64);
	host.can_copy = can_copy;
	host.in_guest = true;
	sample();
	host_softirqs(on_the_way_back);
	read_all();
	expect(0, XPROF_STACK_GUEST, XPROF_STACK_F_TRUNCATED, 0);
	expect_guest_regs(0, XPROF_MODE_KERNEL);
	assert_int_equal(host.copies, 0);
	end();
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

	begin(0, limit);
	host.memory_len = readable;
	host.in_guest = true;
	sample();
	host_softirqs(true);
	read_all();
	for (n = 0; n < nr_stacks; n++) {
		bool last = n + 1 == nr_stacks;

		expect(n, XPROF_STACK_GUEST, last ? XPROF_STACK_F_TRUNCATED : XPROF_STACK_F_MORE, stacks[n].nr);
		expect_guest_regs(n, XPROF_MODE_KERNEL);
		assert_int_equal(stacks[n].head.offset, 8 * words);
		for (size_t i = 0; i < stacks[n].nr; i++)
			assert_int_equal(stacks[n].words[i], GUEST_SP + 8 * words++);
	}
	assert_int_equal(words, whole);
	end();
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
	begin(options, 64);
	vmcb = (struct vmcb_struct){ .exitcode = VMEXIT_NMI, .rip = GUEST_IP, .rsp = GUEST_SP, .cr3 = CR3, .cpl = 0, .cs.l = 1 };
	host.vmread_allowed = true;
	host.cs_ar = 1u << 13;
	host.cr3 = CR3;
	host.in_guest = !options || pmu_case->kind == PMU_INTEL;
	if (options)
		host.regs.rip = (uintptr_t)svm_stgi_label;
	vcpu.arch.pv.kernel_sp = kernel_sp;
	with_frame(frame, stack_end);
	sample();
	host_softirqs(true);
	read_all();
	assert_int_equal(nr_stacks, expected ? 2 : 1);
	if (expected) {
		expect(0, XPROF_STACK_GUEST, XPROF_STACK_F_PROCESS | XPROF_STACK_F_MORE, 8);
		assert_int_equal(stacks[0].head.ip, frame->ip);
		assert_int_equal(stacks[0].head.sp, frame->sp);
		assert_int_equal(stacks[0].head.cr3, CR3);
		assert_int_equal(stacks[0].head.rec.mode, (options ? XPROF_MODE_HVM : 0) | XPROF_MODE_USER);
		for (size_t i = 0; i < 8; i++)
			assert_int_equal(stacks[0].words[i], HOST_USER_WORD(frame->sp + 8 * i));
		assert_int_equal(stacks[0].head.tsc, stacks[1].head.tsc);
	}
	expect(nr_stacks - 1, XPROF_STACK_GUEST, XPROF_STACK_F_TRUNCATED, 8);
	expect_guest_regs(nr_stacks - 1, (options ? XPROF_MODE_HVM : 0) | XPROF_MODE_KERNEL);
	end();
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

/* ---- several at once -----------------------------------------------------*/

static void test_notes__of_one_place_share_a_snapshot(void **state)
{
	(void)state;
	begin(0, 64);
	for (int i = 0; i < 3; i++)
		sample();
	host_softirqs(true);
	read_all();
	assert_int_equal(nr_stacks, 6);
	expect(3, XPROF_STACK_GUEST, XPROF_STACK_F_TRUNCATED, 8);
	expect(4, XPROF_STACK_GUEST, XPROF_STACK_F_SAME, 0);
	expect(5, XPROF_STACK_GUEST, XPROF_STACK_F_SAME, 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(stacks[i].head.tsc, stacks[3 + i].head.tsc);
	end();
}

static void test_notes__too_many_are_counted(void **state)
{
	(void)state;
	begin(0, 64);
	for (unsigned int i = 0; i < XPROF_STACK_NOTES + 3; i++)
		sample();
	host_softirqs(true);
	host_stop();
	read_all();
	assert_int_equal(seen.stacks[XPROF_STACK_GUEST], XPROF_STACK_NOTES);
	assert_int_equal(header()->stacks[XPROF_STACK_GUEST], XPROF_STACK_NOTES + 3);
	assert_int_equal(header()->stacks_lost[XPROF_STACK_GUEST], 3);
	end();
}

static void an_nmi_comes(void)
{
	host.copying = NULL;
	sample();
}

/* The softirq itself is interrupted: it settles that, too, and is not raised again. */
static void test_notes__that_come_meanwhile_are_settled(void **state)
{
	(void)state;
	begin(0, 64);
	sample();
	host.copying = an_nmi_comes;
	host_softirqs(true);
	assert_int_equal(host.kicks, 1);
	read_all();
	assert_int_equal(nr_stacks, 4);
	expect(0, XPROF_STACK_XEN, 0, 2);
	expect(1, XPROF_STACK_XEN, 0, 2);
	expect(2, XPROF_STACK_GUEST, XPROF_STACK_F_TRUNCATED, 8);
	expect(3, XPROF_STACK_GUEST, XPROF_STACK_F_SAME, 0);
	assert_int_equal(stacks[3].head.tsc, stacks[1].head.tsc);
	end();
}

static unsigned int nmi_at, nmis;

static void look(unsigned int step)
{
	if (step == nmi_at) {
		sample();
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
		begin(0, 64);
		nmis = 0;
		sample();
		steps = step_through(softirqs, look);
		host_softirqs(true);
		read_all();
		assert_int_equal(seen.samples[0], 1 + nmis);
		assert_int_equal(seen.stacks[XPROF_STACK_GUEST], 1 + nmis);
		assert_int_equal(seen.stacks[XPROF_STACK_XEN], 1 + nmis);
		for (size_t i = 0; i < nr_stacks; i++)
			assert_int_not_equal(stacks[i].head.flags, XPROF_STACK_F_MOVED);
		end();
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
	begin(0, 64);
	vcpu.arch.flags = 0;
	host.in_guest = true;
	sample();
	host.copying = it_takes_long;
	host_softirqs(true);
	host_run(PERIOD / 10);
	pmu_external_nmi(host_pmu()); /* not a sample */
	host_run(PERIOD * 8 / 10 - 10);
	host_softirqs(true);
	sample(); /* 0.9 periods later: it has rested */
	host_softirqs(true);
	assert_int_equal(host.copies, 2);
	host.copying = NULL;
	end();
}

static void test_end__what_is_outstanding_has_moved(void **state)
{
	(void)state;
	begin(0, 64);
	sample();
	host_stop();
	read_all();
	expect(1, XPROF_STACK_GUEST, XPROF_STACK_F_MOVED, 0);
	/* The softirq may still be pending: it is Xen's own handler's. */
	host_softirqs(true);
	assert_int_equal(host.kicks, 1);
	end();
}

static void test_full_ring__loses_stacks_and_counts_them(void **state)
{
	(void)state;
	host_ring_bytes = 16384;
	begin(0, 4096);
	host_ring_bytes = 1u << 20;
	for (int i = 0; i < 30; i++) {
		sample();
		host_softirqs(true);
	}
	host_stop();
	read_all();
	assert_true(header()->stacks_lost[XPROF_STACK_GUEST] > 0);
	assert_true(header()->stacks_lost[XPROF_STACK_GUEST] < 30);
	assert_int_equal(header()->stacks[XPROF_STACK_XEN], seen.samples[0]);
	end();
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
	begin(0, 64);
	end();
	host_open(0);
	assert_null(xprof_session->cpu[0]->stacks);
	assert_int_equal(host_event(pmu_cycles, PERIOD, PMU_BOTH | XPROF_EVENT_EVEN, 0), 0);
	host_start();
	assert_ptr_equal(softirq_handlers[VCPU_KICK_SOFTIRQ], stock);
	memset(&seen, 0, sizeof(seen));
	sample();
	read_all();
	assert_int_equal(seen.samples[0], 1);
	assert_int_equal(hv_softirq_pending[0], 0);
	host_close();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		PMU_TEST(test_own__from_rsp_to_the_guests_registers),
		PMU_TEST(test_own__no_other_stack_is_touched),
		PMU_TEST(test_own__of_an_idle_cpu_and_no_guests),
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
		PMU_TEST(test_notes__of_one_place_share_a_snapshot),
		PMU_TEST(test_notes__too_many_are_counted),
		PMU_TEST(test_notes__that_come_meanwhile_are_settled),
		PMU_TEST(test_notes__nmi_at_every_instruction),
		PMU_TEST(test_time__stacks_have_a_quarter_of_it),
		PMU_TEST(test_end__what_is_outstanding_has_moved),
		PMU_TEST(test_full_ring__loses_stacks_and_counts_them),
		PMU_TEST(test_open__refuses_what_makes_no_sense),
		PMU_TEST(test_without__nothing_is_different),
	};

	return pmu_run_cases(cases, ARRAY_SIZE(cases), tests, ARRAY_SIZE(tests));
}
