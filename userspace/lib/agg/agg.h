/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples, counted: a profile, keys to group by and filters go in, rows come
 * out. Everything that a report says is derived from this and from nothing
 * else, so that a report can be tested from an aggregate built in memory.
 *
 * Names come from the profile alone, so a report is the same on any machine.
 */
#ifndef XP_AGG_AGG_H
#define XP_AGG_AGG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/profile/profile.h"

#define XP_NONE UINT32_MAX

/* What a sample is counted as. */
enum xp_mode { XP_MODE_XEN, XP_MODE_KERNEL, XP_MODE_USER, XP_MODE_IDLE, XP_NR_MODES };
extern const char *const xp_mode_names[XP_NR_MODES]; /* "xen", "kernel", "user", "idle" */

/* What rows can be grouped by: bits. */
enum xp_key {
	XP_KEY_DOMAIN = 1 << 0,
	XP_KEY_VCPU = 1 << 1,
	XP_KEY_CPU = 1 << 2,    /* the physical one */
	XP_KEY_MODE = 1 << 3,
	XP_KEY_PROCESS = 1 << 4,/* by name */
	XP_KEY_PID = 1 << 5,    /* by name and number */
	XP_KEY_IMAGE = 1 << 6,
	XP_KEY_SYMBOL = 1 << 7,
	XP_KEY_LINE = 1 << 8,   /* of source: rows are by address until somebody who knows lines puts them together */
};
#define XP_NR_KEYS 9

/*
 * Sort keys as users write them, "domain,sym": *keys gets the bits and order[]
 * (room for XP_NR_KEYS) the same, one by one, *nr of them. XP_E_USAGE names what is not known.
 */
int xp_keys_parse(const char *text, unsigned int *keys, enum xp_key *order, size_t *nr, struct xp_err *err);
/* All names, for help: "domain,vcpu,…". */
const char *xp_keys_names(void);

/* What is counted; all zeroes: everything. */
struct xp_filter {
	const char *const *domains; /* names or ids; a sample's must be among them */
	size_t nr_domains;
	const char *cpus;           /* "0-3,7", NULL: all */
	const char *time;           /* "10%-20%", or seconds "1.5-3", either end may be missing; NULL: all */
	unsigned int modes;         /* 1 << enum xp_mode; 0: all */
};

/* One sample that was counted. */
struct xp_agg_sample {
	uint32_t cpu;
	uint32_t row;               /* its id */
	uint32_t call;              /* call-graph.h; 0: it is idle, or there are no chains */
	uint64_t tsc, weight;
	const struct xp_site *site;
};

struct xp_agg_config {
	unsigned int keys;          /* enum xp_key */
	bool process_of_user_only;  /* only code in user mode is told apart by process */
	bool addresses;             /* what has no symbol is told apart by its address */
	uint32_t slices;            /* samples are also counted in so many equally long parts of the recording; 0: they are not */
	bool chains;                /* callers are rows, too, and the calls can be looked at (call-graph.h) */
	double percent_limit;       /* rows with less of every event are not made, but summed up in left_rows, left_weights; 0: all are */
	bool no_rows;               /* rows is NULL: xp_agg_row_at() makes one, for whoever looks at each once, and sorts none */
	/* Called for each sample, those of a CPU in the order of the file; not 0 ends it all and is returned. NULL: nobody wants to know. */
	int (*each)(const struct xp_agg_sample *sample, void *arg);
	void *arg;
	struct xp_filter filter;
};

struct xp_counts { uint64_t of[XPROF_MAX_EVENTS]; }; /* samples, or what they stand for (weights.h) */

/* A domain as it occurs in samples. The same domid may come twice: it was used again. */
struct xp_agg_domain {
	uint16_t domid;
	const char *name;              /* never NULL: "d5" if it has none, "[idle]" */
	const struct xp_domain *info;  /* NULL: nothing is known but its id */
	struct xp_counts modes[XP_NR_MODES];
	struct xp_counts weights[XP_NR_MODES];
};

/* What is not a key, or not known, is NULL or XP_NONE. There may be hundreds of thousands: no room between fields. */
struct xp_row {
	uint32_t domain;               /* index into domains */
	uint32_t vcpu, cpu;
	uint32_t mode;                 /* enum xp_mode */
	uint32_t tgid;
	uint32_t id;                   /* for call-graph.h */
	const char *comm;
	const struct xp_image *image;
	const struct xp_symbol *symbol;/* NULL: unresolved (or idle) */
	const char *line;              /* "/path/file.c:12"; NULL: not known, or no key */
	uint64_t address;              /* unresolved and told apart, or by line: in the image if there is one, else as sampled */
	bool has_address;
	bool truncated;                /* it stands for the callers where chains end early */
	bool other_addresses;          /* of this row's kind there were too many to be told apart: the rest of them */
	uint64_t *counts;              /* samples per event */
	uint64_t *weights;             /* how many events they stand for; of the timer, nanoseconds */
	const uint32_t *slices;        /* samples of event e in slice s: [e * slices + s]; NULL: not wanted */
	const uint64_t *children;      /* of an aggregate with chains: weights with all that it called; else NULL */
};
#define XP_AGG_MAX_ADDRESSES (1u << 18) /* told apart, all in all */
#define XP_AGG_MAX_CALLS (1u << 22)     /* of chains: those that come later are truncated */

struct xp_agg {
	struct xp_profile *profile;    /* borrowed */
	struct xp_agg_config config;
	size_t nr_events;              /* at least those of the profile */
	struct xp_agg_domain *domains; /* those of the profile, then "[idle]" and those that only samples know */
	size_t nr_domains;
	uint32_t idle;                 /* index of "[idle]" */
	struct xp_row *rows;
	size_t nr_rows;
	size_t left_rows[XPROF_MAX_EVENTS]; /* of config.percent_limit: how many have samples of each event */
	struct xp_counts left_weights;  /* of what is not idle in them */
	/* all of what passed the filter */
	struct xp_counts samples, unresolved; /* unresolved: not idle, no symbol */
	struct xp_counts weights, unresolved_weights;
	/* of an aggregate with chains: how those of samples that are not idle ended */
	struct xp_counts chain_samples[XP_NR_CHAIN_ENDS], chain_weights[XP_NR_CHAIN_ENDS];
	uint64_t first_tsc, last_tsc;  /* of samples; 0: there are none */
	struct xp_agg_impl *impl;
};

/* 0; XP_E_USAGE for a filter that makes no sense; or what reading the profile said. */
int xp_agg_run(struct xp_agg **out, struct xp_profile *p, const struct xp_agg_config *config, struct xp_err *err);
void xp_agg_free(struct xp_agg *a);

/* Row `id`, at any time. */
void xp_agg_row_at(const struct xp_agg *a, uint32_t id, struct xp_row *row);

/* Has it limit percent of what was not idle, of any event? */
bool xp_agg_has_enough(const struct xp_agg *a, const uint64_t *weights, double limit);

/* What was not idle: of this all shares are. */
uint64_t xp_agg_busy(const struct xp_agg *a, size_t event);

/*
 * Sorts rows: most of `event` first (_children: with what they called), ties by what is printed. Those that have limit percent of no event come last, in
 * no order. Returns how many have.
 */
size_t xp_agg_sort(struct xp_agg *a, size_t event, double limit);
size_t xp_agg_sort_children(struct xp_agg *a, size_t event, double limit);

/* "timer", or "event3" when the profile does not say, or says what an event before is called. */
const char *xp_agg_event_name(const struct xp_agg *a, size_t event, char text[16]);

#endif
