/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The performance counters of one CPU as the vendors' manuals describe them:
 * registers, overflow, LVTPC, and the NMI that comes of it.
 *
 * Time is the TSC.  Events come at a constant rate per event code, so how
 * many there have been at any time is a number, the truth (pmu_events()), and
 * nothing depends on the steps in which time passes.
 *
 * What the manuals do not allow is a fault: reading a register that is not
 * there, setting a reserved bit.  pmu_read() and pmu_write() return false.
 */
#ifndef TESTS_HV_PMU_MODEL_H
#define TESTS_HV_PMU_MODEL_H

#include <stdbool.h>
#include <stdint.h>

enum pmu_kind { PMU_K7, PMU_CORE, PMU_V2, PMU_INTEL };

#define PMU_GENERAL 16u
#define PMU_FIXED 8u

struct pmu_event_rate {
	uint16_t code; /* unit mask, event */
	uint32_t num, den; /* num events in den ticks */
	uint32_t counters; /* general counters that can count it; 0: all */
};

struct pmu_model {
	/* What it is; set before the first use. */
	enum pmu_kind kind;
	unsigned int version; /* Intel */
	unsigned int nr_general, nr_fixed, width, width_fixed;
	bool full_width_writes; /* Intel */
	bool hidden; /* counters stand still: a hypervisor below */
	const struct pmu_event_rate *rates;
	unsigned int nr_rates;
	unsigned int skid; /* ticks from an overflow to its NMI */
	unsigned int cpl; /* 0: OS bits count; 3: USR bits count */

	/* Registers. */
	uint64_t value[PMU_GENERAL], select[PMU_GENERAL], fixed[PMU_FIXED];
	uint64_t fixed_control, global_control, global_status;
	uint32_t lvtpc;

	/* The NMI pin: one is latched, no more. */
	bool nmi_latched, in_nmi;
	uint64_t nmi_at; /* when it is taken, if latched */
	void (*nmi)(void *arg);
	void *arg;

	/* Memory of the test. */
	uint64_t tsc;
	uint64_t value_writes[PMU_GENERAL], select_writes[PMU_GENERAL];
	uint64_t overflows, merged, masked; /* merged: a second one while one was latched */
	uint64_t pmi_control_writes; /* to global control, in an NMI */
};

/* Registers are as after reset, but for those that the caller sets afterwards. */
void pmu_init(struct pmu_model *m, enum pmu_kind kind, unsigned int version);

bool pmu_read(const struct pmu_model *m, uint32_t msr, uint64_t *value);
bool pmu_write(struct pmu_model *m, uint32_t msr, uint64_t value);
bool pmu_rdpmc(const struct pmu_model *m, uint32_t number, uint64_t *value);
void pmu_cpuid(const struct pmu_model *m, uint32_t leaf, uint32_t regs[4]); /* EAX, EBX, ECX, EDX */

/* An NMI from elsewhere: now. */
void pmu_external_nmi(struct pmu_model *m);

/* Time passes until then; NMIs are taken on the way. Also from within an NMI, where none is taken. */
void pmu_run_until(struct pmu_model *m, uint64_t tsc);

/* How many of these events there have been from the beginning of time to tsc. */
uint64_t pmu_events(const struct pmu_model *m, uint16_t code, uint64_t tsc);

/* The code that fixed counter n counts. */
uint16_t pmu_fixed_code(unsigned int n);

#endif
