/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name: the harness says which CPU this is. */
#pragma once
#include <xen/cpumask.h>
#include <xen/spinlock.h>

unsigned int smp_processor_id(void);

/* Calls function on each of them in turn. */
void on_selected_cpus(const cpumask_t *cpus, void (*function)(void *), void *data, int wait);
#define cpu_relax() barrier()
