/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /dev/xprof: the session in the hypervisor, by way of the kernel module.
 *
 *   xp_device_open()       what Xen says is in ->info; no session yet
 *     xp_device_begin()    the session exists, its rings are mapped
 *       xp_device_start()  NMIs come
 *       xp_device_stop()   no handler is running any more, counters are final
 *   xp_device_close()      everything is given back; death of the process, too
 */
#ifndef XP_COLLECT_DEVICE_H
#define XP_COLLECT_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/ring/ring.h"

struct xp_device {
	int fd;
	struct xprof_op_info info;
	int64_t tsc_offset;       /* this kernel's TSC minus Xen's */
	uint32_t owner_pid;       /* of the session there is, 0: none */
	/* from begin() on */
	uint64_t session;
	uint64_t period_ns;       /* as it will be */
	struct xp_ring *rings;    /* of the CPUs that have one */
	size_t nr_rings;
	void *ctl;                /* control pages */
	size_t ctl_bytes;
	uint32_t ring_bytes;
	uint32_t stack_bytes;     /* as it will be */
};

struct xp_device_options {
	uint32_t source;     /* enum xprof_source */
	uint32_t flags;      /* XPROF_OPEN_* */
	uint64_t period_ns;
	uint32_t ring_bytes;
	uint32_t stack_bytes; /* of a guest's stack with each sample, at most; 0: no stacks, Xen's own neither */
};

/* XP_E_ABSENT: no module; XP_E_PERM; XP_E_BUSY (names the PID); XP_E_VERSION: Xen's profiler has another ABI. */
int xp_device_open(struct xp_device *d, struct xp_err *err);

/* What has become of d->info meanwhile. */
int xp_device_look(struct xp_device *d, struct xp_err *err);

/*
 * XP_E_BUSY names who has the session, or what else owns Xen's NMIs; XP_E_VERSION: the module is an older
 * one; XP_E_ABSENT: stacks are asked for, and cannot be had here.
 */
int xp_device_begin(struct xp_device *d, const struct xp_device_options *options, struct xp_err *err);

/* The performance counters of this host, whether they can be had or not (pmu->why). Needs no session. */
int xp_device_pmu(struct xp_device *d, struct xprof_op_pmu *pmu, struct xp_err *err);

/*
 * Between begin() and start(), source PMU: one more event, as op says; its
 * index, period and counters are written back. name is for the error.
 */
int xp_device_event(struct xp_device *d, const char *name, struct xprof_op_event *op, struct xp_err *err);

/* Between begin() and start(), source PMU: only while vCPUs of these run. nr is 1 to XPROF_MAX_DOMAINS. */
int xp_device_domains(struct xp_device *d, const uint16_t *domids, size_t nr, struct xp_err *err);

/*
 * Of a session that counts (XPROF_OPEN_COUNT), running or stopped: rows of counts->cpu from counts->first
 * on, at most counts->nr; what came is written back.
 */
int xp_device_counts(struct xp_device *d, struct xprof_op_counts *counts, struct xprof_count *rows, struct xp_err *err);

int xp_device_start(struct xp_device *d, struct xp_err *err);
int xp_device_stop(struct xp_device *d, struct xp_err *err);
void xp_device_close(struct xp_device *d);

#endif
