/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One recording, from "is the host free?" to "everything is as it was": what
 * 'record' does in the foreground and 'start' in the background.
 *
 *   cli_run_begin()    attaches if need be, opens session, file and names
 *   cli_run_collect()  samples until told
 *   cli_run_end()      closes the file, gives the session back, detaches
 *
 * After a failure in begin() nothing is left of it, and end() is not called.
 */
#ifndef XP_CLI_RUN_H
#define XP_CLI_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/chains.h"
#include "cli/options.h"
#include "cli/sampled.h"
#include "lib/base/job.h"
#include "lib/collect/collect.h"
#include "lib/collect/retell.h"
#include "lib/host/attach.h"
#include "lib/host/session.h"
#include "lib/host/xen.h"
#include "lib/rotate/rotate.h"
#include "lib/series/host-xen.h"
#include "lib/sym/names.h"

struct xp_series;

/* Who looks at samples as they come. With the collector's error that it returns, poll ends the session. */
struct cli_viewer {
	void *arg;
	void (*samples)(void *arg, uint32_t cpu, const struct xprof_sample *samples, size_t n);
	void (*period)(void *arg, const struct xp_period *period);
	int (*poll)(void *arg, struct xp_err *err); /* about every 100 ms */
	void (*progress)(void *arg, const struct xp_figures *figures); /* once a second */
};

struct cli_run {
	const struct cli_record_options *options;
	const char *command;       /* as it was typed */
	bool background;
	bool show_progress;
	void (*started)(void *arg);/* sampling has begun */
	void *arg;
	int stop_fds[2];
	const struct cli_viewer *viewer; /* NULL: it is recorded; else nothing is written */

	struct xp_state state;
	struct xp_xen xen;
	struct xp_device device;
	struct cli_sampled what;
	struct xp_writer *writer;
	struct xp_names *names;
	struct xp_names_kept kept; /* for the names of the next file */
	struct cli_chains chains;  /* with options->stack_bytes */
	struct xp_host_xen host;   /* whom the readings ask, from begin() on */
	struct xp_series *series;  /* NULL: none were wanted */
	int lock;                  /* the session's */
	struct xp_rotate rotate;   /* with options->continuous: where the files go */
	struct xp_retell processes; /* and what each next one is told */
	struct cli_ending {        /* the file before, which gets its names while the next one is written */
		struct xp_names *names;
		struct xp_writer *writer;
		uint64_t ms;       /* that it is called by */
		bool waits;        /* to be begun with */
	} ending;
	struct xp_job job;         /* who does it; what is above is his meanwhile */
	pthread_mutex_t rotate_lock; /* of publishing and removing */
	uint64_t change_max_ns, pause_max_ns; /* as lib/collect has them */
	bool had_file;             /* there was one of that name: it is FILE.old now */
	bool sampled;              /* begun really */
	struct xp_result result;   /* .session from begin() on, the rest from collect() on */
};

/* The fields above the blank line are the caller's. Errors have been printed; returns the exit status. */
int cli_run_begin(struct cli_run *r);
int cli_run_collect(struct cli_run *r);
int cli_run_end(struct cli_run *r, int status);

/* For continuous.c: the file at hand, and all that writes into it. Opened ones are closed after an error, too. */
int cli_run_open_file(struct cli_run *r, struct xp_err *err);
/* What writes into it while it is recorded ends; its names and its writer are the caller's now. */
void cli_run_let_go(struct cli_run *r, struct xp_names **names, struct xp_writer **writer);
const char *cli_run_file(const struct cli_run *r); /* its path */

#endif
