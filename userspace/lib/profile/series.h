/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is read from the host once a second while it is sampled: CPU time, run-state times and place of every vCPU,
 * packets of every virtual network interface. Counters are cumulative and as they were read: rates, shares and
 * models are made from differences of two readings, each with its own time.
 *
 * Domains and interfaces are introduced once, with a number that counts up from 0 in each profile, and named by it
 * afterwards: a domid that changes hands gets another number.
 */
#ifndef XP_PROFILE_SERIES_H
#define XP_PROFILE_SERIES_H

#include <stdbool.h>
#include <stdint.h>

/* What can be measured, or not: of each at least one SOURCE record stands in the profile, the last one counts. */
enum xp_series_what {
	XP_SERIES_CPU_TIME,   /* DOMAIN_TIME, and of VCPU the first time */
	XP_SERIES_RUN_STATES, /* VCPU: all four times */
	XP_SERIES_PINNING,    /* PIN */
	XP_SERIES_PACKETS,    /* TRAFFIC: packets and bytes */
	XP_SERIES_ACKS,       /* TRAFFIC: acks */
	XP_SERIES_NR_WHAT
};
extern const char *const xp_series_what_names[XP_SERIES_NR_WHAT]; /* "cpu-time", … */

enum xp_series_kind {         /* numbers of the format */
	XP_SERIES_SOURCE = 1,
	XP_SERIES_DOMAIN = 2,
	XP_SERIES_DOMAIN_TIME = 3,
	XP_SERIES_VCPU = 4,
	XP_SERIES_PIN = 5,
	XP_SERIES_VIF = 6,
	XP_SERIES_TRAFFIC = 7,
	XP_SERIES_GONE = 8,
};

enum xp_run_state { XP_RUNNING, XP_RUNNABLE, XP_BLOCKED, XP_OFFLINE, XP_NR_RUN_STATES }; /* as Xen's RUNSTATE_* */
#define XP_RUN_STATE_UNKNOWN 255u

#define XP_SERIES_INDEX_MAX 0xffffffu

/* Flags of a DOMAIN_TIME. */
#define XP_SERIES_PAUSED 0x1u
#define XP_SERIES_DYING  0x2u

struct xp_series_record {
	uint64_t tsc;          /* host TSC: when it was read */
	uint8_t kind;          /* enum xp_series_kind */
	union {
		struct {       /* SOURCE */
			uint8_t what;     /* enum xp_series_what, or a later version's */
			const char *why;  /* it cannot be had; "": it can */
		} source;
		struct {       /* DOMAIN */
			uint32_t index;
			uint16_t domid;
			uint8_t uuid[16];
			const char *name; /* "": not known (yet): the same index again tells it */
		} domain;
		struct {       /* DOMAIN_TIME */
			uint32_t domain;  /* index */
			uint16_t vcpus;   /* online */
			uint8_t flags;
			uint64_t cpu_ns;  /* all its vCPUs', since it was made */
		} time;
		struct {       /* VCPU */
			uint32_t domain;
			uint16_t vcpu;
			uint8_t state;    /* now: enum xp_run_state, or XP_RUN_STATE_UNKNOWN */
			uint8_t nr;       /* of ns: 1, or XP_NR_RUN_STATES */
			uint32_t cpu;     /* where it runs or ran last */
			uint64_t ns[XP_NR_RUN_STATES]; /* in each state since it was made */
		} vcpu;
		struct {       /* PIN: when first seen, and when it has changed */
			uint32_t domain;
			uint16_t vcpu;
			const char *cpus; /* hard affinity: "0-3,5" */
		} pin;
		struct {       /* VIF */
			uint32_t index;
			uint16_t domid;   /* the guest's (frontend) */
			uint16_t devid;
			uint16_t backend; /* domid */
			const char *name; /* of the interface in the backend; "": not known */
			const char *why;  /* there are no counters of it; "": there are */
		} vif;
		struct {       /* TRAFFIC: cumulative; "sent" is what the guest sent */
			uint32_t vif;     /* index */
			bool has_acks;
			uint64_t sent_packets, sent_bytes, received_packets, received_bytes;
			uint64_t sent_acks, received_acks; /* pure ones, since the vif was first seen here */
		} traffic;
		struct {       /* GONE: it was not there any more */
			uint8_t of;       /* XP_SERIES_DOMAIN or XP_SERIES_VIF */
			uint32_t index;
		} gone;
	} u;
};

#endif
