/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One 'xprof stat': stretches of time, a command run in each, and what was
 * counted in them.
 */
#ifndef XP_CLI_STAT_RUN_H
#define XP_CLI_STAT_RUN_H

#include <signal.h>
#include <stdio.h>

#include "cli/child.h"
#include "cli/counting.h"
#include "cli/stat-options.h"
#include "lib/stat/print.h"

struct cli_stat_run {
	struct cli_stat_options options;
	struct cli_counting counting;
	struct cli_child child;
	struct xp_stat_head head;
	const struct xp_stat_printer *printer;
	FILE *out;
	char what[4096];
	int signals;                /* descriptors */
	int interval, duration, tend;
	sigset_t before;
	int ended_by;               /* signal, 0: none */
	int of_command;             /* exit status */
	double began, since;        /* seconds: counting, this stretch */
	struct xp_runs runs;
};

/* 0 or -1 with errno. */
int cli_stat_run_init(struct cli_stat_run *r);
void cli_stat_run_release(struct cli_stat_run *r);

/* Makes the command's next process, which waits; nothing if there is no command. */
int cli_stat_run_make(struct cli_stat_run *r, struct xp_err *err);

/* Ends the command: waits for it, and keeps its exit status. */
void cli_stat_run_reap(struct cli_stat_run *r);

/* With the session counting and the first process made: all runs. Intervals are printed as they end. */
int cli_stat_run_all(struct cli_stat_run *r, struct xp_err *err);

void cli_stat_run_print(struct cli_stat_run *r, const struct xp_runs *runs);

#endif
