// SPDX-License-Identifier: GPL-2.0-or-later
/* Stacks on host.h's host: softirqs, and the memory of whatever guest is current. */
#include <stdlib.h>

#include <xen/kernel.h>
#include <xen/smp.h>
#include <xen/softirq.h>

#include <asm/setup.h>

#include <stack.h>

#include "host.h"

unsigned int hv_softirq_pending[HOST_CPUS];

static void kick(void)
{
	host.kicks++;
}

/* The scheduler takes the vCPU off the CPU. */
static void schedule(void)
{
	host.vcpu[host.cpu] = host.next;
}

softirq_handler softirq_handlers[NR_SOFTIRQS] = {
	[SCHED_SLAVE_SOFTIRQ] = schedule, [SCHEDULE_SOFTIRQ] = schedule, [VCPU_KICK_SOFTIRQ] = kick
};

void raise_softirq(unsigned int nr)
{
	hv_softirq_pending[host.cpu] |= 1u << nr;
}

void do_softirq(void)
{
	while (hv_softirq_pending[host.cpu]) {
		int nr = __builtin_ctz(hv_softirq_pending[host.cpu]);

		hv_softirq_pending[host.cpu] &= ~(1u << nr);
		softirq_handlers[nr]();
	}
}

void send_IPI_self(int vector)
{
	(void)vector;
	host.ipis++;
}

/* Nothing is protected. */
const char __ro_after_init_start[1], __ro_after_init_end[1];

/* What calls do_softirq(): the entry code, or something of Xen's that runs softirqs in its middle. */
static unsigned char calls[2][5];

bool is_active_kernel_text(unsigned long addr)
{
	return addr >= (uintptr_t)calls && addr < (uintptr_t)(calls + 2);
}

static const unsigned char *call_of(unsigned char *code, const void *function)
{
	const int32_t distance = (int32_t)((intptr_t)function - (intptr_t)(code + 5));

	code[0] = 0xe8;
	memcpy(code + 1, &distance, sizeof(distance));
	return code + 5;
}

void host_softirqs(bool on_the_way_back)
{
	uintptr_t *below = (uintptr_t *)(void *)&host.guest_regs - 1;

	*below = (uintptr_t)call_of(calls[0], on_the_way_back ? (const void *)do_softirq : (const void *)host_softirqs);
	do_softirq();
}

bool xprof_can_copy_guest(void)
{
	return host.can_copy;
}

/* Each word of the process' memory says where it lies. */
static unsigned int copy_process(void *to, uint64_t addr, unsigned int len)
{
	for (uint64_t at = 0; at < len; at += 8)
		*(uint64_t *)(void *)((char *)to + at) = HOST_USER_WORD(addr + at);
	return len;
}

unsigned int xprof_copy_guest(void *to, uint64_t addr, unsigned int len, bool user)
{
	uint64_t at = addr - host.memory_at;

	host.copies++;
	host.copied_user = user;
	if (host.copying)
		host.copying();
	if (user && host.user_memory_at && addr >= host.user_memory_at && addr < host.user_memory_at + HOST_USER_MEMORY)
		return copy_process(to, addr, len);
	if (at >= host.memory_len)
		return 0;
	if (len > host.memory_len - at)
		len = (unsigned int)(host.memory_len - at);
	memcpy(to, host.memory + at, len);
	return len;
}
