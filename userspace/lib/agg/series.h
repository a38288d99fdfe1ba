/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readings of the host's counters (profile/series.h) summed up: for each domain and interface what passed between its
 * first and its last reading. A counter that went backwards counts nothing.
 */
#ifndef XP_AGG_SERIES_H
#define XP_AGG_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/profile/profile.h"

struct xp_series_vcpu_sum {
	uint64_t first_tsc, last_tsc; /* 0: never read */
	uint64_t first[XP_NR_RUN_STATES], last[XP_NR_RUN_STATES];
	uint8_t nr;                   /* how many of these are known, in all of its readings */
	uint32_t cpu;                 /* where it was last */
	const char *pin;              /* NULL: not known */
};

struct xp_series_vif_sum {
	uint32_t index, domain;       /* number in the profile; element of domains, or XP_SERIES_NONE */
	const struct xp_series_record *vif;
	const struct xp_series_record *first, *last; /* TRAFFIC, NULL: none */
};
#define XP_SERIES_NONE UINT32_MAX

struct xp_series_domain_sum {
	uint32_t index;               /* number in the profile */
	uint16_t domid;
	const uint8_t *uuid;
	const char *name;
	uint64_t readings;
	const struct xp_series_record *first, *last; /* DOMAIN_TIME, NULL: none */
	struct xp_series_vcpu_sum *vcpus;
	size_t nr_vcpus;              /* highest id + 1 */
	bool gone;                    /* before the recording was over */
};

struct xp_series_sum {
	const char *why[XP_SERIES_NR_WHAT]; /* it could not be had; NULL: it could, or nothing is said of it */
	bool said[XP_SERIES_NR_WHAT];
	struct xp_series_domain_sum *domains; /* by number */
	size_t nr_domains;
	struct xp_series_vif_sum *vifs;       /* by number */
	size_t nr_vifs;
	uint64_t first_tsc, last_tsc, readings; /* of those with domains' times */
	double ns_per_tick;                     /* 0: not known */
};

/* 0 or XP_E_NOMEM, or what reading the profile gives. Its pointers live as long as the profile. Release it after success. */
int xp_series_sum_init(struct xp_series_sum *s, struct xp_profile *p, struct xp_err *err);
void xp_series_sum_release(struct xp_series_sum *s);

/* What passed; 0 if there are not two readings. */
uint64_t xp_series_cpu_ns(const struct xp_series_domain_sum *d);
uint64_t xp_series_span(const struct xp_series_record *first, const struct xp_series_record *last); /* ticks */

/* Of all vCPUs of a domain. False: not known of one of them, or there is none. */
bool xp_series_state_ns(const struct xp_series_domain_sum *d, enum xp_run_state state, uint64_t *ns);

struct xp_series_traffic_sum {
	uint64_t sent_packets, sent_bytes, received_packets, received_bytes;
	bool has_acks;
	uint64_t sent_acks, received_acks;
};
/* False: there are not two readings. */
bool xp_series_traffic(const struct xp_series_vif_sum *v, struct xp_series_traffic_sum *t);

#endif
