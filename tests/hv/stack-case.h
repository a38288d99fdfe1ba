/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session with stacks, for tests of stack.c, stack-guest.c and stack-process.c as the hypervisor has them: NMIs of a counter,
 * softirqs, and a guest (domain 5, vCPU 3) whose memory the test makes up. Its registers, where it goes on:
 * GUEST_IP, GUEST_SP, GUEST_BP, CR3; from GUEST_SP on each word of its memory is its own address.
 */
#ifndef TESTS_HV_STACK_CASE_H
#define TESTS_HV_STACK_CASE_H

#include "pmu-cases.h"

#include <asm/hvm/svm/vmcb.h>
#include <xen/softirq.h>

#define PERIOD 100000u
#define XEN_IP 0xffff82d040200456ull
#define XEN_BP 0xbbbbull
#define GUEST_IP 0xffffffff81000123ull
#define GUEST_SP 0xffffc90000001f08ull
#define GUEST_BP 0x6b70ull
#define CR3 0x12345000ull
#define MEMORY (64u << 10)

extern softirq_handler softirq_handlers[];

extern struct vcpu vcpu, another; /* that which runs; one of the same domain */
extern struct vmcb_struct vmcb;
extern uint64_t memory[MEMORY / 8];

/* The snapshots since stacks_begin(), record by record. */
#define STACKS_MAX 128
struct stacks_record {
	struct xprof_stack head;
	size_t nr;
	uint64_t words[XPROF_STACK_MAX_WORDS];
};
extern struct stacks_record stacks[STACKS_MAX];
extern size_t stacks_nr;
extern struct host_seen stacks_seen;

/* options: XEN_DOMCTL_CDF_*; bytes: of a guest's stack, 0: as many as there are by default. Xen is interrupted, or the guest if host.in_guest. */
void stacks_begin(unsigned int options, uint32_t bytes);
/* Ends the session: what was asked for is in the ring, or lost and counted. */
void stacks_end(void);

void stacks_sample(void);
void stacks_read(void);
const struct xprof_ring_header *stacks_header(void);

/* The nth record. */
void stacks_expect(size_t n, unsigned int part, unsigned int flags, size_t words);
void stacks_expect_guest_regs(size_t n, unsigned int mode);

/* All of them, on SVM and on VMX. */
int stacks_run(const struct CMUnitTest *tests, unsigned int nr);

#endif
