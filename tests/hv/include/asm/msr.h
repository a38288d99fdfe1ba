/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name: registers are the model's. */
#pragma once
#include <xen/types.h>

#define MSR_P6_PERFCTR(n) (0x0c1u + (n))
#define MSR_P6_EVNTSEL(n) (0x186u + (n))
#define MSR_CORE_PERF_FIXED_CTR0 0x309u
#define MSR_IA32_PERF_CAPABILITIES 0x345u
#define MSR_CORE_PERF_FIXED_CTR_CTRL 0x38du
#define MSR_CORE_PERF_GLOBAL_STATUS 0x38eu
#define MSR_CORE_PERF_GLOBAL_CTRL 0x38fu
#define MSR_CORE_PERF_GLOBAL_OVF_CTRL 0x390u
#define MSR_K7_EVNTSEL0 0xc0010000u
#define MSR_K7_PERFCTR0 0xc0010004u
#define MSR_AMD_FAM15H_EVNTSEL0 0xc0010200u
#define MSR_AMD_FAM15H_PERFCTR0 0xc0010201u

/*
 * The clock is the model's, too.  Where the instruction is written out HLT
 * stands for it, which faults: RDTSC does only where PR_SET_TSC works (not
 * where Linux itself runs outside ring 0, as in a guest of PVM).
 */
uint64_t rdtsc(void);
asm(".macro rdtsc\n\thlt\n.endm");

/* Non-zero: the register is not there, or does not take that. */
int hv_rdmsr_safe(uint32_t msr, uint64_t *value);
int wrmsr_safe(uint32_t msr, uint64_t value);
#define rdmsr_safe(msr, value) hv_rdmsr_safe(msr, &(value))

uint64_t hv_rdpmc(uint32_t number);
#define rdpmc(number, low, high)                        \
	do {                                            \
		uint64_t rdpmc_value = hv_rdpmc(number); \
		(low) = (uint32_t)rdpmc_value;          \
		(high) = (uint32_t)(rdpmc_value >> 32); \
	} while (0)
