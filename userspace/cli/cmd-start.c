// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xprof start: records in the background. Returns when sampling has begun, or
 * has failed to.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/run.h"
#include "cli/signals.h"
#include "cli/summary.h"

struct start {
	struct cli_record_options options;
	struct cli_run run;
	int ready; /* write end: a byte says that sampling has begun */
};

static void say_started(const struct start *s)
{
	const struct xp_session *session = &s->run.result.session;
	char file[PATH_MAX];

	char how[64] = "";

	if (s->run.what.period_ns)
		snprintf(how, sizeof(how), ", every %" PRIu64 " us on each CPU", s->run.device.period_ns / 1000);
	cli_say("recording into %s (%s%s, by %s; process %u); 'xprof stop' ends it",
		cli_escape(s->options.file, file, sizeof(file)), session->event, how, session->source, session->pid);
}

/* From here on the collector is on its own: it holds no terminal, no folder. */
static void detach_from_caller(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; null >= 0 && fd <= 2; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	if (chdir("/"))
		return; /* it only keeps a file system from being unmounted */
}

static void started(void *arg)
{
	struct start *s = arg;

	say_started(s);
	if (write(s->ready, "r", 1) != 1)
		return; /* the caller has gone: record all the same */
	close(s->ready);
	detach_from_caller();
}

/* In the background process. */
static int collector(struct start *s)
{
	sigset_t before;
	int status;

	setsid();
	s->run.options = &s->options;
	s->run.background = true;
	s->run.started = started;
	s->run.arg = s;
	s->run.stop_fds[0] = cli_signals_catch(&before);
	s->run.stop_fds[1] = -1;
	status = cli_run_begin(&s->run);
	if (status)
		return status;
	status = cli_run_collect(&s->run);
	status = cli_run_end(&s->run, status);
	if (!s->run.sampled)
		cli_warnings(s->run.result.warnings);
	return status;
}

static bool got_byte(int fd)
{
	char byte;
	ssize_t n;

	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	return n == 1;
}

/* In the caller. */
static int wait_until_ready(pid_t pid, int ready)
{
	int status;

	if (got_byte(ready))
		return XP_EXIT_OK;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return XP_EXIT_ERROR;
	return WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : XP_EXIT_ERROR;
}

static int start(struct start *s)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) || (pid = fork()) < 0) {
		cli_say("cannot make the collector's process: %s", strerror(errno));
		return XP_EXIT_ERROR;
	}
	if (pid == 0) {
		close(fds[0]);
		s->ready = fds[1];
		_exit(collector(s));
	}
	close(fds[1]);
	return wait_until_ready(pid, fds[0]);
}

int cmd_start(int argc, char **argv)
{
	static struct start s;
	char command[4096];
	int status = cli_record_options(argc, argv, &s.options);

	if (status)
		return status;
	if (optind < argc)
		return cli_usage("start", "'start' runs no command ('%s'): 'xprof record -- COMMAND' does", argv[optind]);
	s.run.command = cli_join(argv, command, sizeof(command));
	return start(&s);
}
