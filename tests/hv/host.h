/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host for the hypervisor's own sources: CPUs whose counters are
 * pmu-model.h's, vCPUs that are current on them, and what little of Xen those
 * sources call (its headers are in include/).
 *
 * RDMSR and WRMSR are executed for real; they fault here, and the fault is
 * answered by the model.  One that the model refuses ends the test.
 */
#ifndef TESTS_HV_HOST_H
#define TESTS_HV_HOST_H

#include <xen/sched.h>
#include <xen/xprof/session.h>

#include "harness.h"
#include "pmu-model.h"

#define HOST_CPUS 4u
#define HOST_STACK 32768u
#define HOST_USER_MEMORY 4096u
#define HOST_USER_WORD(addr) ((addr) ^ 0x5a5a000000000000ull)

struct host {
	struct pmu_model pmu[HOST_CPUS];
	struct vcpu *vcpu[HOST_CPUS];
	/* Xen's stack, which ends with the guest's registers. */
	unsigned char stack[HOST_STACK - sizeof(struct cpu_user_regs)] __attribute__((aligned(HOST_STACK)));
	struct cpu_user_regs guest_regs;
	struct cpu_user_regs regs; /* of the next NMI; in guest_regs: it interrupted the guest */
	bool in_guest;
	unsigned int cpu; /* that executes */
	unsigned int rdtsc_cost; /* ticks that pass with each RDTSC, which is how long a handler takes */
	uint8_t port_61;
	const void *livepatch_mark; /* another value: a live patch was applied or reverted */

	/* Xen's own NMI handling. */
	void (*passed)(void); /* the callback said that it was not ours; may be NULL */
	uint64_t nmis, nr_passed, self_nmis;

	/* Softirqs: Xen's own handler ran, IPIs to itself. */
	uint64_t kicks, ipis;
	struct vcpu *next; /* that the scheduler switches to */
	/* The present guest's memory, as far as it can be read, and how it was. */
	const unsigned char *memory;
	uint64_t memory_at, memory_len, copies;
	uint64_t user_memory_at; /* of a process, read in user mode only: HOST_USER_MEMORY bytes of HOST_USER_WORD(); 0: none */
	bool can_copy, copied_user;
	void (*copying)(void); /* meanwhile; may be NULL */

	/* VMREAD: by field; reading another one, or any while forbidden, ends the test. */
	bool vmread_allowed;
	uint64_t vmreads, cs_ar, ss_ar, cr3;
};
extern struct host host;

/* All CPUs alike: family of the model's vendor, nothing running, CPU 0 executes. Forgets the driver found before. */
void host_init(enum pmu_kind kind, unsigned int version, unsigned int cpus);
/* host_init() does that, too; cmocka takes the signal away again between a test and its teardown. */
void host_answer_faults(void);
struct pmu_model *host_pmu(void); /* of the CPU that executes */

/* Time passes on the CPU that executes. */
void host_run(uint64_t ticks);
/* The same, with timers of that CPU firing when they are due. */
void host_run_timers(uint64_t ticks);

extern struct domain host_idle_domain;
void host_domain_init(struct domain *d, unsigned int domid, unsigned int serial); /* PV */

/* A session with one ring per CPU, as xprof.ko makes it. Ends with host_close(). */
struct xprof_session *host_open(uint32_t flags);
extern uint32_t host_ring_bytes, host_stack_bytes; /* of the next one */
/* An event of the session; returns what the hypervisor says of it. */
int host_event(uint32_t select, uint64_t period, uint32_t flags, uint32_t fixed);
/* The same; these general counters can count it. */
int host_limited_event(uint32_t select, uint64_t period, uint32_t flags, uint32_t counters);
void host_start(void);
void host_stop(void);
void host_close(void);
/* After a test that may have failed: no session is left. A cmocka teardown. */
int host_end(void **state);

/* What the rings hold that was not yet read, CPU by CPU; f may be NULL. Returns samples. */
struct host_seen {
	uint64_t samples[XPROF_MAX_EVENTS], stacks[XPROF_STACK_PARTS], lost, gaps[8], gap_ticks, periods[4], domains;
};
typedef void host_sample_t(const struct xprof_sample *sample, void *arg);
void host_read(struct host_seen *seen, host_sample_t *f, void *arg);

/* What a CPU does before it enters a guest; false: in the middle of something. */
void host_softirqs(bool on_the_way_back);

/* A record of type STACK, as host_read() finds it. Set: it is called with each. */
extern void (*host_stack)(const struct xprof_stack *stack);

/* A seed that is printed, and can be given by XPROF_SEED; then numbers of it. */
uint64_t host_seed(void);
uint64_t host_random(void);

#endif
