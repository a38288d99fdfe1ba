/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. */
#pragma once
#include <xen/types.h>

#define NR_CPUS 64

typedef struct {
	uint64_t bits;
} cpumask_t;

extern cpumask_t cpu_online_map;
extern unsigned int nr_cpu_ids;

const cpumask_t *cpumask_of(unsigned int cpu);

static inline bool cpu_online(unsigned int cpu)
{
	return cpu_online_map.bits & (1ull << cpu);
}

#define for_each_online_cpu(cpu)                          \
	for ((cpu) = 0; (cpu) < nr_cpu_ids; (cpu)++)      \
		if (cpu_online(cpu))
