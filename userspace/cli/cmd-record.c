// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xprof record: records in the foreground, while a command runs, for a while,
 * or until Ctrl-C; with --continuous into one profile after the other.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/child.h"
#include "cli/cli.h"
#include "cli/continuous.h"
#include "cli/run.h"
#include "cli/signals.h"
#include "cli/summary.h"

#define DEFAULT_DURATION_NS 10000000000ull

struct record {
	struct cli_record_options options;
	struct cli_run run;
	struct cli_child child;
	char **command; /* NULL: none */
	int signals;    /* descriptor */
};

static void started(void *arg)
{
	struct record *r = arg;

	if (r->command)
		cli_child_go(&r->child);
}

/* How long, if nobody says: as long as the command, else ten seconds. */
static void set_duration(struct record *r)
{
	if (r->command || r->options.duration_ns || r->options.continuous)
		return;
	r->options.duration_ns = DEFAULT_DURATION_NS;
	if (isatty(STDERR_FILENO))
		cli_say("recording everything for 10 s (-d for another time); Ctrl-C ends it");
}

/* Ctrl-C is the way to end a recording; another signal is the caller's wish to know. */
static int signal_status(struct record *r)
{
	int which = cli_signals_which(r->signals);

	if (which && which != SIGINT && r->command)
		cli_child_signal(&r->child, which);
	return which && which != SIGINT ? XP_EXIT_SIGNAL + which : XP_EXIT_OK;
}

static void say_result(const struct cli_run *run)
{
	if (!run->sampled)
		cli_warnings(run->result.warnings);
	else if (!run->options->continuous)
		cli_summary(&run->result);
	else
		cli_continuous_summary(run);
}

static int record(struct record *r)
{
	int status = cli_run_begin(&r->run);
	int by_signal;

	if (status)
		return status;
	status = cli_run_collect(&r->run);
	by_signal = signal_status(r);
	status = cli_run_end(&r->run, status);
	say_result(&r->run);
	return status ? status : by_signal;
}

static int record_command(struct record *r, const sigset_t *before)
{
	int status, of_command;

	if (cli_child_make(&r->child, r->command, before)) {
		cli_say("cannot make a process: %s", strerror(errno));
		return XP_EXIT_ERROR;
	}
	r->run.stop_fds[1] = r->child.pidfd;
	status = record(r);
	of_command = cli_child_wait(&r->child, r->command[0]);
	return status ? status : of_command;
}

int cmd_record(int argc, char **argv)
{
	static struct record r;
	char command[4096];
	sigset_t before;
	int status = cli_record_options(argc, argv, &r.options);

	if (status)
		return status;
	r.command = optind < argc ? argv + optind : NULL;
	cli_join(argv, command, sizeof(command));
	set_duration(&r);
	r.signals = cli_signals_catch(&before);
	r.run.options = &r.options;
	r.run.command = command;
	r.run.show_progress = cli_progress_possible();
	r.run.started = started;
	r.run.arg = &r;
	r.run.stop_fds[0] = r.signals;
	r.run.stop_fds[1] = -1;
	return r.command ? record_command(&r, &before) : record(&r);
}
