// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xprof stop: ends the recording, waits until its file is whole and what it
 * had loaded is gone, tells what came of it.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/summary.h"
#include "lib/host/session.h"

#define PATIENCE_S 10 /* then it says what it is waiting for */

static void sleep_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static bool still_runs(const struct xp_state *s, uint32_t pid)
{
	struct xp_session session;

	return xp_session_find(s, &session) == XP_SESSION_RUNNING && session.pid == pid;
}

/* The lock says that the collector lives; so its PID is not somebody else's by now. */
static int tell_to_stop(const struct xp_session *session)
{
	int pidfd = pidfd_open((pid_t)session->pid, 0);
	int ret = pidfd < 0 ? -1 : pidfd_send_signal(pidfd, SIGTERM, NULL, 0);

	if (pidfd >= 0)
		close(pidfd);
	return ret && errno != ESRCH ? -1 : 0;
}

static void wait_for_end(const struct xp_state *s, uint32_t pid)
{
	for (long waited = 0; still_runs(s, pid); waited += 20) {
		if (waited == PATIENCE_S * 1000)
			cli_say("the collector (process %u) is still writing names and finishing its file; waiting for it", pid);
		sleep_ms(20);
	}
}

static int show_result(const struct xp_state *s)
{
	struct xp_result r;
	struct xp_err err;
	int ret = xp_result_load(s, &r, &err);

	if (ret == XP_E_ABSENT)
		return -1;
	if (ret < 0)
		return cli_fail(ret, &err);
	cli_summary(&r);
	xp_result_remove(s);
	return (int)r.status;
}

static int stop_running(struct xp_state *s, const struct xp_session *session)
{
	int status;

	if (tell_to_stop(session)) {
		cli_say("cannot signal the collector (process %u): %s", session->pid, strerror(errno));
		return XP_EXIT_ERROR;
	}
	wait_for_end(s, session->pid);
	if (!session->background) {
		cli_say("told 'xprof %s' (process %u) to end; it tells what came of it", session->file[0] ? "record" : "stat", session->pid);
		return XP_EXIT_OK;
	}
	status = show_result(s);
	if (status >= 0)
		return status;
	cli_recover(); /* it was killed: says so */
	return XP_EXIT_PARTIAL;
}

static int stop(struct xp_state *s)
{
	struct xp_session session;
	int status;

	if (xp_session_find(s, &session) == XP_SESSION_RUNNING)
		return stop_running(s, &session);
	status = show_result(s); /* of one that has ended by itself */
	if (status >= 0)
		return status;
	cli_say("nothing is being recorded: 'xprof start' begins");
	return XP_EXIT_ERROR;
}

int cmd_stop(int argc, char **argv)
{
	struct xp_state s;
	struct xp_err err;
	int ret;

	if (argc > 1)
		return cli_usage(argv[0], "'stop' takes no arguments");
	ret = xp_state_init(&s, cli_rundir(), &err);
	if (ret < 0)
		return cli_fail(ret, &err);
	ret = stop(&s);
	xp_state_release(&s);
	return ret;
}
