/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the readings need of the host, as functions: of Xen (host-xen.c), or of a test.
 *
 * All return 0 or a negative enum xp_error with a text for people. Lists are the caller's to free().
 */
#ifndef XP_SERIES_HOST_H
#define XP_SERIES_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/profile/series.h"

struct xp_host_domain {
	uint16_t domid;
	uint8_t uuid[16];
	uint16_t vcpus_online;
	uint16_t nr_vcpus;  /* ids are below this */
	uint8_t flags;      /* XP_SERIES_PAUSED, … */
	uint64_t cpu_ns;
	/* for who looks at it now; not in profiles */
	bool running, blocked, shut_down, crashed;
	uint64_t memory_kib, max_memory_kib; /* max: UINT64_MAX if there is no limit */
};

struct xp_host_vcpu {
	uint16_t domid, vcpu;
	uint8_t uuid[16];   /* of run_states() only */
	uint32_t cpu;
	uint8_t state;
	uint8_t nr;         /* of ns: 1 or XP_NR_RUN_STATES */
	uint64_t tsc;       /* Xen's, when it was read; 0: not told */
	uint64_t ns[XP_NR_RUN_STATES];
};

/* An interface of a guest, as the toolstack made it. */
struct xp_host_vif {
	uint16_t devid, backend;
};

struct xp_series_host {
	void *arg;

	int (*domains)(void *arg, struct xp_host_domain **list, size_t *nr, struct xp_err *err);

	/* Those of all domains, with all four times. XP_E_ABSENT: this hypervisor does not tell them. */
	int (*run_states)(void *arg, struct xp_host_vcpu **list, size_t *nr, struct xp_err *err);

	/* One vCPU's CPU time, state and place. */
	int (*vcpu)(void *arg, uint16_t domid, uint16_t vcpu, struct xp_host_vcpu *out, struct xp_err *err);

	/* Its hard affinity, as in "0-3,5". */
	int (*pin)(void *arg, uint16_t domid, uint16_t vcpu, char *text, size_t size, struct xp_err *err);

	/* "" if it is not known (yet). */
	void (*name)(void *arg, uint16_t domid, const uint8_t uuid[16], char *name, size_t size);

	/* A domain's interfaces, at most room of them; how many, 0 if that is not known. */
	size_t (*vifs)(void *arg, uint16_t domid, struct xp_host_vif *list, size_t room);

	/*
	 * What a driver domain tells about an interface that it serves; sent and received as in TRAFFIC. False: nothing.
	 */
	bool (*told)(void *arg, uint16_t backend, uint16_t domid, uint16_t devid, struct xp_series_record *traffic);
};

#endif
