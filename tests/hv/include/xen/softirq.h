/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. */
#pragma once
#include <xen/types.h>

enum {
	SCHED_SLAVE_SOFTIRQ = 2,
	SCHEDULE_SOFTIRQ = 3,
	VCPU_KICK_SOFTIRQ = 8,
	NR_SOFTIRQS = 12,
};
typedef void (*softirq_handler)(void);

extern unsigned int hv_softirq_pending[];
#define softirq_pending(cpu) hv_softirq_pending[cpu]
void raise_softirq(unsigned int nr);
void do_softirq(void);
