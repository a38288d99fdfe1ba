// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who was interrupted: guests under VMX and SVM, PV guests, Xen, the idle
 * vCPU.  (VMX does not exist in the emulator of the other tests: this is the
 * only place where its path runs.)
 *
 * Each case is asked for several samples in a row: the first one finds the
 * domain not yet announced and goes the general way (context.c), the others the
 * usual one (nmi.h).  They must agree.
 */
#include "pmu-cases.h"

#include <asm/hvm/svm/vmcb.h>

#define SAMPLES 4u
#define GUEST_IP 0xffffffff81000123ull
#define XEN_IP 0xffff82d040200456ull
#define DIRTY_CR3 0x8000000012345fffull /* PCID, and the bit that says not to flush */
#define CLEAN_CR3 0x0000000012345000ull
#define STALE_CR3 0x0000000077777000ull /* of the last exit */

extern char svm_stgi_label[];

static const struct pmu_case cases[] = {
	{ "VMX", PMU_INTEL, 4, 4, 3, 48, true, XPROF_PMU_INTEL },
	{ "SVM", PMU_CORE, 0, 6, 0, 48, false, XPROF_PMU_CORE },
};

static struct domain domain;
static struct vcpu vcpu;
static struct vmcb_struct vmcb;

static void begin(unsigned int options)
{
	pmu_host(1);
	host_domain_init(&domain, 5, 5);
	domain.options = options;
	domain.arch.paging.mode = PG_HAP_enable;
	vcpu = (struct vcpu){ .vcpu_id = 3, .domain = &domain };
	vcpu.arch.hvm.guest_cr[3] = STALE_CR3;
	host.vcpu[0] = &vcpu;
	host.regs = (struct cpu_user_regs){ .rip = XEN_IP, .cs = __HYPERVISOR_CS };
	host_open(0);
	assert_int_equal(host_event(pmu_cycles, 100000, PMU_BOTH | XPROF_EVENT_EVEN, 0), 0);
	host_start();
}

struct last {
	struct xprof_sample sample;
	unsigned int nr;
};

static void same_as_before(const struct xprof_sample *sample, void *arg)
{
	struct last *last = arg;

	if (last->nr++) {
		assert_int_equal(sample->rec.mode, last->sample.rec.mode);
		assert_int_equal(sample->rec.domid, last->sample.rec.domid);
		assert_int_equal(sample->rec.vcpu, last->sample.rec.vcpu);
		assert_int_equal(sample->ip, last->sample.ip);
		assert_int_equal(sample->cr3, last->sample.cr3);
	}
	last->sample = *sample;
}

static void expect(unsigned int mode, uint64_t ip, uint64_t cr3)
{
	struct last last = { .nr = 0 };
	struct host_seen seen = { 0 };

	host_run(SAMPLES * 100000);
	host_read(&seen, same_as_before, &last);
	assert_int_equal(last.nr, SAMPLES);
	assert_int_equal(last.sample.rec.mode, mode);
	assert_int_equal(last.sample.ip, ip);
	assert_int_equal(last.sample.cr3, cr3);
	assert_int_equal(last.sample.rec.domid, host.vcpu[0]->domain->domain_id);
	assert_int_equal(last.sample.rec.vcpu, host.vcpu[0]->vcpu_id);
}

/* ---- VMX: the exit handler calls do_nmi() with the guest's frame ---------*/

static void begin_vmx(unsigned int options)
{
	begin(XEN_DOMCTL_CDF_hvm | options);
	/* An HVM frame's CS is not the guest's, whatever it is. */
	host.guest_regs = (struct cpu_user_regs){ .rip = GUEST_IP, .cs = 0 };
	host.in_guest = host.vmread_allowed = true;
	host.cr3 = DIRTY_CR3;
	host.cs_ar = 0xa09b; /* L, type code */
	host.ss_ar = 0xc093; /* DPL 0 */
}

static void test_vmx__kernel(void **state)
{
	(void)state;
	begin_vmx(0);
	expect(XPROF_MODE_HVM | XPROF_MODE_KERNEL, GUEST_IP, CLEAN_CR3);
	assert_int_equal(host.vmreads, 3 * SAMPLES);
}

static void test_vmx__user_is_known_by_ss_dpl(void **state)
{
	(void)state;
	begin_vmx(0);
	host.ss_ar = 0xc0f3; /* DPL 3 */
	expect(XPROF_MODE_HVM | XPROF_MODE_USER, GUEST_IP, CLEAN_CR3);
	/* A conforming code segment has a DPL of its own, which says nothing. */
	host.cs_ar = 0xa0ff;
	host.ss_ar = 0xc093;
	expect(XPROF_MODE_HVM | XPROF_MODE_KERNEL, GUEST_IP, CLEAN_CR3);
}

static void test_vmx__32_bit_code_is_known_by_cs_l(void **state)
{
	(void)state;
	begin_vmx(0);
	host.cs_ar = 0xc09b; /* D, not L */
	expect(XPROF_MODE_HVM | XPROF_MODE_KERNEL | XPROF_MODE_32, GUEST_IP, CLEAN_CR3);
	host.ss_ar = 0xc0f3;
	expect(XPROF_MODE_HVM | XPROF_MODE_USER | XPROF_MODE_32, GUEST_IP, CLEAN_CR3);
}

static void test_vmx__with_shadow_paging_cr3_is_not_the_vmcs(void **state)
{
	(void)state;
	begin_vmx(0);
	domain.arch.paging.mode = 0;
	vcpu.arch.hvm.guest_cr[3] = DIRTY_CR3;
	host.cr3 = 0xbad000; /* Xen's shadow table */
	expect(XPROF_MODE_HVM | XPROF_MODE_KERNEL, GUEST_IP, CLEAN_CR3);
	assert_int_equal(host.vmreads, 2 * SAMPLES);
}

/* The VMCS that is loaded may be another vCPU's, or none: VMREAD would be a bug, and is one in this host. */
static void test_vmx__xen_interrupted_reads_no_vmcs(void **state)
{
	(void)state;
	begin_vmx(0);
	host.in_guest = host.vmread_allowed = false;
	expect(XPROF_MODE_HVM | XPROF_MODE_XEN, XEN_IP, STALE_CR3);
	hv_irq_count = 1;
	expect(XPROF_MODE_HVM | XPROF_MODE_XEN | XPROF_MODE_IRQ, XEN_IP, STALE_CR3);
	hv_irq_count = 0;
	/* Where SVM would look at its VMCB VMX has none. */
	vcpu.arch.hvm.svm.vmcb = NULL;
	expect(XPROF_MODE_HVM | XPROF_MODE_XEN, XEN_IP, STALE_CR3);
	assert_int_equal(host.vmreads, 0);
}

static void test_vmx__nested(void **state)
{
	(void)state;
	begin_vmx(XEN_DOMCTL_CDF_nested_virt);
	expect(XPROF_MODE_HVM | XPROF_MODE_KERNEL, GUEST_IP, CLEAN_CR3);
	vcpu.arch.hvm.nested_guest_mode = true;
	expect(XPROF_MODE_HVM | XPROF_MODE_KERNEL | XPROF_MODE_NESTED, GUEST_IP, CLEAN_CR3);
	host.in_guest = host.vmread_allowed = false;
	expect(XPROF_MODE_HVM | XPROF_MODE_XEN | XPROF_MODE_NESTED, XEN_IP, STALE_CR3);
}

/* ---- SVM: a pending NMI comes up behind STGI -----------------------------*/

static void begin_svm(unsigned int options)
{
	begin(XEN_DOMCTL_CDF_hvm | options);
	vmcb = (struct vmcb_struct){ .exitcode = VMEXIT_NMI, .rip = GUEST_IP, .cr3 = DIRTY_CR3, .cs = { .l = 1 } };
	vcpu.arch.hvm.svm.vmcb = &vmcb;
	host.regs.rip = (uintptr_t)svm_stgi_label;
}

static void test_svm__guest_exited_for_the_nmi(void **state)
{
	(void)state;
	begin_svm(0);
	expect(XPROF_MODE_HVM | XPROF_MODE_KERNEL, GUEST_IP, CLEAN_CR3);
	vmcb.cpl = 3;
	expect(XPROF_MODE_HVM | XPROF_MODE_USER, GUEST_IP, CLEAN_CR3);
	vmcb.cs.l = 0;
	expect(XPROF_MODE_HVM | XPROF_MODE_USER | XPROF_MODE_32, GUEST_IP, CLEAN_CR3);
	vmcb.cpl = 0;
	expect(XPROF_MODE_HVM | XPROF_MODE_KERNEL | XPROF_MODE_32, GUEST_IP, CLEAN_CR3);
}

static void test_svm__with_shadow_paging_cr3_is_not_the_vmcb(void **state)
{
	(void)state;
	begin_svm(0);
	domain.arch.paging.mode = 0;
	vmcb.cr3 = 0xbad000;
	vcpu.arch.hvm.guest_cr[3] = DIRTY_CR3;
	expect(XPROF_MODE_HVM | XPROF_MODE_KERNEL, GUEST_IP, CLEAN_CR3);
}

/* It came up between #VMEXIT and STGI: Xen's time, whatever the exit was for. */
static void test_svm__guest_exited_for_another_reason(void **state)
{
	static const uint64_t codes[] = { VMEXIT_INTR, VMEXIT_HLT, VMEXIT_NPF, 0, ~0ull };

	(void)state;
	begin_svm(0);
	for (unsigned int i = 0; i < ARRAY_SIZE(codes); i++) {
		vmcb.exitcode = codes[i];
		vmcb.cpl = 3;
		expect(XPROF_MODE_HVM | XPROF_MODE_XEN | XPROF_MODE_EXIT, (uintptr_t)svm_stgi_label, STALE_CR3);
	}
}

/* Elsewhere the VMCB is not looked at: what stands there is of the last exit. */
static void test_svm__xen_interrupted_elsewhere(void **state)
{
	(void)state;
	begin_svm(0);
	vcpu.arch.hvm.svm.vmcb = NULL;
	host.regs.rip = XEN_IP;
	expect(XPROF_MODE_HVM | XPROF_MODE_XEN, XEN_IP, STALE_CR3);
	hv_irq_count = 1;
	expect(XPROF_MODE_HVM | XPROF_MODE_XEN | XPROF_MODE_IRQ, XEN_IP, STALE_CR3);
	hv_irq_count = 0;
}

static void test_svm__nested(void **state)
{
	(void)state;
	begin_svm(XEN_DOMCTL_CDF_nested_virt);
	expect(XPROF_MODE_HVM | XPROF_MODE_KERNEL, GUEST_IP, CLEAN_CR3);
	vcpu.arch.hvm.nested_guest_mode = true;
	expect(XPROF_MODE_HVM | XPROF_MODE_KERNEL | XPROF_MODE_NESTED, GUEST_IP, CLEAN_CR3);
}

/* ---- PV, idle, descriptions ----------------------------------------------*/

static void begin_pv(void)
{
	begin(0);
	vcpu.arch.guest_table.pfn = 0x4567;
	host.guest_regs = (struct cpu_user_regs){ .rip = GUEST_IP, .cs = FLAT_RING3_CS64 };
	host.in_guest = true;
}

/* Both run in ring 3, and CR3 is the kernel's root in both. */
static void test_pv__kernel_and_user(void **state)
{
	(void)state;
	begin_pv();
	vcpu.arch.flags = TF_kernel_mode;
	expect(XPROF_MODE_KERNEL, GUEST_IP, 0x4567000);
	vcpu.arch.flags = 0;
	expect(XPROF_MODE_USER, GUEST_IP, 0x4567000);
	host.guest_regs.cs = FLAT_RING3_CS32; /* an old program on a 64-bit kernel */
	expect(XPROF_MODE_USER, GUEST_IP, 0x4567000);
}

static void test_pv__32_bit_kernel_is_in_ring_1(void **state)
{
	(void)state;
	begin_pv();
	domain.arch.pv.is_32bit = true;
	vcpu.arch.flags = TF_kernel_mode; /* is always set there */
	host.guest_regs.cs = 0xe019;
	expect(XPROF_MODE_KERNEL | XPROF_MODE_32, GUEST_IP, 0x4567000);
	host.guest_regs.cs = 0xe02b;
	expect(XPROF_MODE_USER | XPROF_MODE_32, GUEST_IP, 0x4567000);
}

static void test_pv__xen_on_its_behalf(void **state)
{
	(void)state;
	begin_pv();
	vcpu.arch.flags = TF_kernel_mode;
	host.in_guest = false;
	expect(XPROF_MODE_XEN, XEN_IP, 0x4567000);
	hv_irq_count = 1;
	expect(XPROF_MODE_XEN | XPROF_MODE_IRQ, XEN_IP, 0x4567000);
	hv_irq_count = 0;
}

/* The state of the vCPU before is still loaded (lazy switch): nothing of it may be seen. */
static void test_idle__has_no_address_space(void **state)
{
	struct vcpu idle = { .vcpu_id = 0, .domain = &host_idle_domain };

	(void)state;
	begin(0);
	host.vcpu[0] = &idle;
	idle.arch.guest_table.pfn = 0x99;
	expect(XPROF_MODE_XEN, XEN_IP, 0);
	host_close();
}

static struct xprof_domain described(void)
{
	struct xprof_domain record = { .flags = 0 };
	uint64_t handle[2];

	memcpy(handle, domain.handle, sizeof(handle));
	xprof_describe(&domain, handle, &record);
	assert_memory_equal(record.handle, domain.handle, sizeof(record.handle));
	assert_int_equal(record.rec.vcpu, domain.max_vcpus);
	return record;
}

static void test_domain__is_described(void **state)
{
	(void)state;
	host_domain_init(&domain, 1, 7);
	assert_int_equal(described().type, XPROF_DOMAIN_PV);
	assert_int_equal(described().flags, 0);
	domain.is_privileged = true;
	assert_int_equal(described().flags, XPROF_DOMAIN_F_CONTROL);
	domain.is_privileged = false;
	domain.arch.pv.is_32bit = true;
	assert_int_equal(described().flags, XPROF_DOMAIN_F_32BIT);
	host_domain_init(&domain, 1, 7);
	domain.options = XEN_DOMCTL_CDF_hvm;
	assert_int_equal(described().type, XPROF_DOMAIN_PVH);
	domain.has_pit = true;
	assert_int_equal(described().type, XPROF_DOMAIN_HVM);
}

#define COMMON_TESTS                                                                            \
	PMU_TEST(test_pv__kernel_and_user), PMU_TEST(test_pv__32_bit_kernel_is_in_ring_1),      \
	PMU_TEST(test_pv__xen_on_its_behalf), PMU_TEST(test_idle__has_no_address_space),        \
	PMU_TEST(test_domain__is_described)

int main(void)
{
	static const struct CMUnitTest vmx[] = {
		PMU_TEST(test_vmx__kernel),
		PMU_TEST(test_vmx__user_is_known_by_ss_dpl),
		PMU_TEST(test_vmx__32_bit_code_is_known_by_cs_l),
		PMU_TEST(test_vmx__with_shadow_paging_cr3_is_not_the_vmcs),
		PMU_TEST(test_vmx__xen_interrupted_reads_no_vmcs),
		PMU_TEST(test_vmx__nested),
		COMMON_TESTS,
	};
	static const struct CMUnitTest svm[] = {
		PMU_TEST(test_svm__guest_exited_for_the_nmi),
		PMU_TEST(test_svm__with_shadow_paging_cr3_is_not_the_vmcb),
		PMU_TEST(test_svm__guest_exited_for_another_reason),
		PMU_TEST(test_svm__xen_interrupted_elsewhere),
		PMU_TEST(test_svm__nested),
		COMMON_TESTS,
	};

	return pmu_run_cases(&cases[0], 1, vmx, ARRAY_SIZE(vmx)) +
	       pmu_run_cases(&cases[1], 1, svm, ARRAY_SIZE(svm));
}
