/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name: the fields that the profiler reads, and no others. */
#pragma once
#include <asm/page.h>
#include <asm/paging.h>
#include <asm/processor.h>
#include <asm/hvm/svm/vmcb.h>
#include <xen/lib.h>
#include <xen/list.h>
#include <xen/smp.h>

#define DOMID_IDLE 0x7fffu
#define XEN_DOMCTL_CDF_hvm (1u << 0)
#define XEN_DOMCTL_CDF_nested_virt (1u << 6)

struct domain {
	uint16_t domain_id;
	uint8_t handle[16] __attribute__((aligned(8)));
	unsigned int options;
	unsigned int max_vcpus;
	bool is_privileged, has_pit;
	struct {
		bool altp2m_active;
		struct {
			bool is_32bit;
		} pv;
		struct {
			uint32_t mode;
		} paging;
	} arch;
};

#define TF_kernel_mode (1u << 0)

struct vcpu {
	unsigned int vcpu_id;
	struct domain *domain;
	struct {
		unsigned int flags;
		pagetable_t guest_table;
		struct {
			unsigned long kernel_sp;
		} pv;
		struct {
			unsigned long guest_cr[5];
			bool nested_guest_mode;
			struct {
				struct vmcb_struct *vmcb;
			} svm;
		} hvm;
	} arch;
};

struct vcpu *hv_current(void);
#define current hv_current()

#define is_hvm_domain(d) (!!((d)->options & XEN_DOMCTL_CDF_hvm))
#define is_hvm_vcpu(v) is_hvm_domain((v)->domain)
#define is_pv_32bit_vcpu(v) is_pv_32bit_domain((v)->domain)
#define is_pv_32bit_domain(d) ((d)->arch.pv.is_32bit)
#define is_control_domain(d) ((d)->is_privileged)
#define is_idle_domain(d) ((d)->domain_id == DOMID_IDLE)
#define is_idle_vcpu(v) is_idle_domain((v)->domain)
#define has_vpit(d) ((d)->has_pit)

extern struct domain *hardware_domain;
