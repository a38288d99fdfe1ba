/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One pass over the rings: every record goes where it belongs.
 */
#ifndef XP_COLLECT_DRAIN_H
#define XP_COLLECT_DRAIN_H

#include <stddef.h>
#include <stdint.h>

#include "lib/collect/collect.h"
#include "lib/collect/domains.h"
#include "lib/collect/filter.h"
#include "lib/collect/join.h"
#include "lib/ring/ring.h"

struct xp_drain {
	struct xp_ring *rings;
	size_t nr_rings;
	struct xp_writer *w;
	const struct xp_collect_sink *sink;
	struct xp_collect_event events[XPROF_MAX_EVENTS]; /* those that there are not have no modifiers */
	struct xp_event_filter filters[XPROF_MAX_EVENTS];
	bool keeps_all;      /* no filter need be asked */
	struct xp_domains domains;
	bool (*enough)(void *arg); /* asked where a ring has more: true ends the pass early; NULL: nobody is asked */
	void *enough_arg;
	bool has_stacks;     /* samples wait for theirs; else they are written at once */
	struct xp_join stacks;
	uint64_t (*delivered)[XPROF_MAX_EVENTS]; /* of each ring */
	uint64_t nr_delivered, nr_filtered;
	uint64_t nr_gaps;    /* nobody sampled */
	uint64_t nr_changed; /* counters were changed by another */
	uint64_t nr_taken;   /* counters were guests': CPUs, each as often */
	uint64_t worst_period[XPROF_MAX_EVENTS]; /* that an event was throttled to; 0: it was not */
	/* of files that are done: what they said, so that this one says the rest */
	struct xp_cpu_stats *told; /* of each ring */
	uint64_t told_filtered;
	bool sampling;       /* more is to come, which the rings' headers may count already */
	struct xp_period (*periods)[XPROF_MAX_EVENTS]; /* of each ring: the last one; tsc 0: none */
	bool source_changed; /* the HPET had to be given up for the IPI */
};

/* Borrows rings, writer, sink and what config points at; of config only events and domains count. Release it after success. */
int xp_drain_init(struct xp_drain *d, struct xp_ring *rings, size_t nr_rings, struct xp_writer *w,
		  const struct xp_collect_sink *sink, const struct xp_collect_config *config, struct xp_err *err);
void xp_drain_release(struct xp_drain *d);

/*
 * Reads what lies in the rings, of each at most its size: a producer that is
 * faster than we are does not keep us from the others. Of a backlog, which may
 * take a slow host minutes, at least xp_ring_step() of each: see enough.
 */
int xp_drain_pass(struct xp_drain *d, struct xp_err *err);

/* Another profile: what comes from now on goes there, and so do the periods that hold. After xp_drain_finish(). */
void xp_drain_use(struct xp_drain *d, struct xp_writer *w);
int xp_drain_write_periods(struct xp_drain *d, struct xp_err *err);

/* After the last pass of a file: what still waits for its stack is written without. */
int xp_drain_finish(struct xp_drain *d, struct xp_err *err);

#endif
