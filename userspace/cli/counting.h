/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One session that counts, from "is the host free?" to "everything is as it
 * was", and the names of the domains meanwhile.
 *
 *   cli_counting_begin()   attaches if need be, opens the session; counting has begun
 *     cli_counting_tend()  ten times a second
 *     cli_counting_take()  what was counted since the take before
 *   cli_counting_stop()    counting has ended, to the instruction; what was counted can be taken still
 *   cli_counting_end()     gives the session back, detaches
 *
 * After a failure in begin() nothing is left of it, and end() is not called.
 */
#ifndef XP_CLI_COUNTING_H
#define XP_CLI_COUNTING_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/domain-names.h"
#include "cli/stat-options.h"
#include "lib/collect/device.h"
#include "lib/host/attach.h"
#include "lib/host/session.h"
#include "lib/host/xen.h"
#include "lib/pmu/pmu.h"
#include "lib/stat/estimate.h"
#include "lib/stat/groups.h"
#include "lib/stat/reading.h"

#define CLI_COUNTING_MAX_DOMAINS 128u

struct cli_counting {
	const struct cli_stat_options *options;

	struct xp_state state;
	struct xp_xen xen;
	struct xp_device device;
	int lock;                 /* the session's */
	struct xprof_op_pmu pmu;
	struct xp_pmu_plan plan;  /* the events, in the order of counts */
	uint32_t *cpus;           /* that are counted */
	uint16_t domids[CLI_COUNTING_MAX_DOMAINS]; /* wanted; none: all */
	size_t nr_domids;
	struct cli_domain_names names;
	unsigned int tended;      /* how often */
	/* exact: */
	struct xp_reading first, now, between;
	/* estimated, because Xen does not see vCPU switches: */
	bool estimated;
	struct xp_estimate estimate;
	double taken;             /* seconds of the monotonic clock */
};

/* options is the caller's. Errors have been printed; returns the exit status. */
int cli_counting_begin(struct cli_counting *c);

/* Takes in what would be lost otherwise: samples, names of new domains. */
int cli_counting_tend(struct cli_counting *c, struct xp_err *err);

/* g becomes what was counted since the take before (the first one: since the beginning), of the domains wanted. Release it. */
int cli_counting_take(struct cli_counting *c, struct xp_groups *g, struct xp_err *err);

/* Why the figures are estimates; NULL: they are exact. */
const char *cli_counting_estimated(const struct cli_counting *c);

void cli_counting_stop(struct cli_counting *c);
void cli_counting_end(struct cli_counting *c);

#endif
