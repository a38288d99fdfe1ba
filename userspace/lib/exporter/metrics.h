/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics from profiles, one after the other. Counters go up with each profile that is taken; what Xen counts itself (CPU time,
 * run states) is as it was last read; gauges are of the newest profile. Domains are told apart by name: one that was started
 * anew goes on where it was. Shown are those that the newest profile has.
 *
 * A profile that is still being written can be taken in as far as it goes, into a copy: what it adds to counters is never more
 * than what it will add when it is whole.
 *
 * The text is the exposition format of Prometheus, version 0.0.4; names from outside are escaped (lib/base/text.h, then the format's
 * own escapes), so whatever a guest is called it is one label's value.
 */
#ifndef XP_EXPORTER_METRICS_H
#define XP_EXPORTER_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/agg/agg.h"
#include "lib/base/buf.h"
#include "lib/profile/profile.h"

#define XP_METRICS_EVENTS 64u    /* different names of events; more are not counted */
#define XP_METRICS_DOMAINS 4096u /* that are remembered; beyond that those that are not shown are forgotten */

struct xp_metrics_count { uint64_t samples, weight; }; /* weight: what they stand for */

struct xp_metrics_domain {
	char *name;                     /* escaped */
	bool shown;                     /* by the newest profile */
	struct xp_metrics_count (*counts)[XP_NR_MODES]; /* of each event: since we read profiles */
	struct xp_metrics_count last[XPROF_MAX_EVENTS]; /* of the newest profile, all modes, in its order of events */
	bool has_cpu, has_states;
	uint64_t cpu_ns, state_ns[XP_NR_RUN_STATES];    /* Xen's own, when they were read last */
};

struct xp_metrics_map {                 /* a profile's events */
	size_t nr;
	size_t index[XPROF_MAX_EVENTS]; /* in `events`; XP_METRICS_EVENTS: not among them */
	bool counted[XPROF_MAX_EVENTS]; /* by a counter: ratios can be made of it */
};

struct xp_metrics {
	char *events[XP_METRICS_EVENTS];
	bool event_is_time[XP_METRICS_EVENTS];
	uint64_t lost[XP_METRICS_EVENTS];
	size_t nr_events;
	struct xp_metrics_domain *domains;
	size_t nr_domains, room;
	/* of all profiles */
	uint64_t profiles, unreadable, handler_ns;
	bool some;                      /* something was taken in, and ends … */
	uint64_t until_ns;              /* … at that time (CLOCK_REALTIME) */
	/* of the newest that is whole */
	bool any;
	uint64_t begin_ns, duration_ns; /* CLOCK_REALTIME */
	double overhead;                /* share of all CPUs' time in the NMI handler; < 0: not known */
	struct xp_metrics_map last;
};

/* All zeroes is an empty one; release it. */
void xp_metrics_release(struct xp_metrics *m);

/* Takes a profile in. 0, or no memory, or what reading it says; then nothing of it is counted. */
int xp_metrics_take(struct xp_metrics *m, struct xp_profile *p, struct xp_err *err);

/*
 * Takes in what there is of a profile that is still being written: samples, time by samples of the timer, and what Xen counts itself.
 * Not what is known in its end alone: how long each event had a counter, and what the handler took. Gauges stay.
 */
int xp_metrics_take_part(struct xp_metrics *m, struct xp_profile *p, struct xp_err *err);

/* *to is overwritten; release it. XP_E_NOMEM: there is nothing to release. */
int xp_metrics_copy(struct xp_metrics *to, const struct xp_metrics *from, struct xp_err *err);

/* Appends the whole text. Not xp_buf_ok(): no memory. */
void xp_metrics_text(const struct xp_metrics *m, struct xp_buf *out);

#endif
