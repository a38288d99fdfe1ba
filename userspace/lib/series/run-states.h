/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Run-state times of all vCPUs, by the profiler in the hypervisor: no interface of stock Xen tells a vCPU's but its
 * own (VCPUOP_get_runstate_info).
 */
#ifndef XP_SERIES_RUN_STATES_H
#define XP_SERIES_RUN_STATES_H

#include "lib/series/host.h"

/* xch is libxenctrl's handle. XP_E_ABSENT: the profiler there does not tell them. */
int xp_xen_run_states(void *xch, struct xp_host_vcpu **list, size_t *nr, struct xp_err *err);

#endif
