// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack-case.h"

static const struct pmu_case cases[] = {
	{ "SVM", PMU_CORE, 0, 6, 0, 48, false, XPROF_PMU_CORE },
	{ "VMX", PMU_INTEL, 4, 4, 3, 48, true, XPROF_PMU_INTEL },
};

static struct domain domain;
struct vcpu vcpu, another;
struct vmcb_struct vmcb;
uint64_t memory[MEMORY / 8];

struct stacks_record stacks[STACKS_MAX];
size_t stacks_nr;
struct host_seen stacks_seen;

static void keep(const struct xprof_stack *s)
{
	assert_true(stacks_nr < ARRAY_SIZE(stacks));
	stacks[stacks_nr].head = *s;
	stacks[stacks_nr].nr = s->rec.size - sizeof(*s) / 8;
	memcpy(stacks[stacks_nr++].words, s + 1, s->rec.size * 8u - sizeof(*s));
}

void stacks_begin(unsigned int options, uint32_t bytes)
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
	stacks_nr = 0;
	memset(&stacks_seen, 0, sizeof(stacks_seen));
	host_stack = keep;
}

void stacks_sample(void)
{
	host_run(PERIOD);
}

void stacks_read(void)
{
	host_read(&stacks_seen, NULL, NULL);
}

const struct xprof_ring_header *stacks_header(void)
{
	return xprof_session->cpu[0]->records.ring.header;
}

void stacks_end(void)
{
	host_stop();
	stacks_read();
	assert_int_equal(stacks_header()->stacks[XPROF_STACK_XEN], stacks_seen.stacks[XPROF_STACK_XEN] + stacks_header()->stacks_lost[XPROF_STACK_XEN]);
	assert_int_equal(stacks_header()->produced[0], stacks_seen.samples[0] + stacks_header()->lost[0]);
	assert_true(softirq_handlers[VCPU_KICK_SOFTIRQ] != NULL);
	assert_false(xprof_stacks_active());
	host_close();
	assert_true(xprof_is_idle());
	host_stack = NULL;
}

void stacks_expect(size_t n, unsigned int part, unsigned int flags, size_t words)
{
	assert_true(n < stacks_nr);
	assert_int_equal(stacks[n].head.rec.event, part);
	assert_int_equal(stacks[n].head.flags, flags);
	assert_int_equal(stacks[n].nr, words);
	assert_int_equal(stacks[n].head.rec.domid, 5);
	assert_int_equal(stacks[n].head.rec.vcpu, 3);
}

void stacks_expect_guest_regs(size_t n, unsigned int mode)
{
	assert_int_equal(stacks[n].head.ip, GUEST_IP);
	assert_int_equal(stacks[n].head.sp, GUEST_SP);
	assert_int_equal(stacks[n].head.bp, GUEST_BP);
	assert_int_equal(stacks[n].head.cr3, CR3);
	assert_int_equal(stacks[n].head.rec.mode, mode);
}

int stacks_run(const struct CMUnitTest *tests, unsigned int nr)
{
	return pmu_run_cases(cases, ARRAY_SIZE(cases), tests, nr);
}
