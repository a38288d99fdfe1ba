/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name: CPUID is the model's. */
#pragma once
#include <xen/types.h>

#define X86_VENDOR_INTEL (1u << 0)
#define X86_VENDOR_AMD (1u << 1)
#define X86_VENDOR_CENTAUR (1u << 2)
#define X86_VENDOR_HYGON (1u << 4)

struct cpuinfo_x86 {
	unsigned char x86, x86_vendor, x86_model, x86_mask;
	int cpuid_level;
};
extern struct cpuinfo_x86 boot_cpu_data;
#define cpu_has_svm (boot_cpu_data.x86_vendor != X86_VENDOR_INTEL)

/* Selectors; the first two as in public/arch-x86/xen-x86_64.h. */
#define FLAT_RING3_CS64 0xe033
#define FLAT_RING3_CS32 0xe023
#define __HYPERVISOR_CS 0xe008

/* What the processor pushed, as far as it is read. */
struct cpu_user_regs {
	uint64_t rip, rsp, rbp;
	uint32_t eflags;
	uint16_t cs;
};
#define X86_EFLAGS_IF 0x200u

void cpuid(unsigned int leaf, unsigned int *eax, unsigned int *ebx, unsigned int *ecx, unsigned int *edx);
unsigned int cpuid_eax(unsigned int leaf);
unsigned int cpuid_ebx(unsigned int leaf);
unsigned int cpuid_ecx(unsigned int leaf);
