/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a recording samples: time or counters, as asked for and as the host
 * has them.
 *
 *   choose()   with the device open: timer or counters, which source, which codes
 *   open()     with the session begun: tells Xen the events and the domains
 *   write()    into the profile
 */
#ifndef XP_CLI_SAMPLED_H
#define XP_CLI_SAMPLED_H

#include "cli/options.h"
#include "lib/collect/collect.h"
#include "lib/host/xen.h"
#include "lib/pmu/pmu.h"

#define CLI_MAX_DOMAINS 128u

struct cli_sampled {
	uint32_t source;              /* enum xprof_source */
	uint64_t period_ns;           /* of the timer; 0: counters */
	struct xprof_op_pmu pmu;      /* of counters */
	struct xp_pmu_plan plan;
	struct xp_collect_event events[XPROF_MAX_EVENTS];
	size_t nr_events;
	uint16_t domids[CLI_MAX_DOMAINS]; /* none: all */
	size_t nr_domids;
	char names[256];              /* "timer", "cycles,llc-misses" */
	char domains[1024];           /* "web1 (5), Domain-0 (0)", "" for all */
};

/* o and device must live as long as s. XP_E_USAGE, XP_E_ABSENT: the text names what there is instead. */
int cli_sampled_choose(struct cli_sampled *s, const struct cli_record_options *o, struct xp_device *device,
		       struct xp_xen *xen, struct xp_err *err);

/* *unseen: the domains cannot be chosen in Xen, so the collector alone leaves the others out. */
int cli_sampled_open(struct cli_sampled *s, struct xp_device *device, bool *unseen, struct xp_err *err);
int cli_sampled_write(const struct cli_sampled *s, const struct xp_device *device, struct xp_writer *w, struct xp_err *err);

/* Domains by name or id, "web1,7": which they are now. XP_E_ABSENT names the nearest. */
int cli_find_domains(struct xp_xen *xen, const char *list, struct cli_sampled *s, struct xp_err *err);

#endif
