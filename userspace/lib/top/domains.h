/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's domains as xentop shows them: state, CPU, memory, vCPUs,
 * interfaces; and steal, where the hypervisor tells run states. Rates are of
 * the interval between the last two readings.
 */
#ifndef XP_TOP_DOMAINS_H
#define XP_TOP_DOMAINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/series/host.h"

struct xp_vifs;

#define XP_TOP_NAME 256u

struct xp_top_domain {
	uint16_t domid;
	uint8_t uuid[16];
	char name[XP_TOP_NAME];   /* as the toolstack wrote it; "": not known (yet) */
	char state[7];            /* xentop's: "-----r", of d s b c p r */
	uint64_t cpu_ns;          /* since it was made */
	double cpu_percent;       /* of one CPU; negative: it was not there before */
	double steal_percent;     /* of one CPU, ready to run and not running; negative: not known */
	uint64_t memory_kib, max_memory_kib; /* max: UINT64_MAX for none */
	unsigned int vcpus;       /* online */
	unsigned int nets;        /* interfaces that this kernel serves, and what went through them so far: */
	uint64_t sent_bytes, received_bytes; /* by the guest */
	/* for the next reading */
	bool seen, fresh, told_steal;
	unsigned int name_tries;
	uint64_t runnable_ns;
};

struct xp_top_domains {
	struct xp_top_domain *v;  /* in the order of their ids */
	size_t nr, room;
	uint64_t read_ns;         /* CLOCK_MONOTONIC; 0: never */
	uint64_t total_kib, unused_kib; /* of the host; whoever reads it sets it */
};

void xp_top_domains_release(struct xp_top_domains *d);

/* Asks the host, at now_ns; vifs have been read, or are NULL. Errors are the host's, or no memory; *d is as it was then. */
int xp_top_domains_read(struct xp_top_domains *d, const struct xp_series_host *host, const struct xp_vifs *vifs, uint64_t now_ns,
			struct xp_err *err);

/* NULL: there is none of that id. */
const struct xp_top_domain *xp_top_domains_find(const struct xp_top_domains *d, uint16_t domid);

#endif
