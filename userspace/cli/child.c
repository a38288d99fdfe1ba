// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/signals.h"

static void close_pair(int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

/* In the child. Everything else that is open is closed by exec. */
__attribute__((noreturn))
static void child(char **argv, int go, int report, const sigset_t *signals)
{
	char byte;
	int why;

	if (read(go, &byte, 1) != 1)
		_exit(XP_EXIT_ERROR); /* there will be no recording */
	cli_signals_restore(signals);
	execvp(argv[0], argv);
	why = errno;
	if (write(report, &why, sizeof(why)) < 0)
		why = 0; /* the exit status says it as well */
	_exit(why == ENOENT ? XP_EXIT_NOT_FOUND : XP_EXIT_CANNOT_RUN);
}

int cli_child_make(struct cli_child *c, char **argv, const sigset_t *signals)
{
	int go[2], report[2];

	if (pipe2(go, O_CLOEXEC))
		return -1;
	if (pipe2(report, O_CLOEXEC)) {
		close_pair(go);
		return -1;
	}
	c->pid = fork();
	if (c->pid == 0) {
		close(go[1]);
		child(argv, go[0], report[1], signals);
	}
	close(go[0]);
	close(report[1]);
	c->go = go[1];
	c->report = report[0];
	c->pidfd = c->pid > 0 ? pidfd_open(c->pid, 0) : -1;
	return c->pid > 0 && c->pidfd >= 0 ? 0 : -1;
}

void cli_child_go(struct cli_child *c)
{
	if (write(c->go, "g", 1) != 1)
		cli_say("the command has ended before it began");
	close(c->go);
	c->go = -1;
}

void cli_child_signal(const struct cli_child *c, int signal)
{
	pidfd_send_signal(c->pidfd, signal, NULL, 0);
}

static void say_why(struct cli_child *c, const char *name)
{
	char text[256];
	int why;

	if (read(c->report, &why, sizeof(why)) == (ssize_t)sizeof(why))
		cli_say("cannot run '%s': %s", cli_escape(name, text, sizeof(text)), strerror(why));
}

int cli_child_wait(struct cli_child *c, const char *name)
{
	int status;

	if (c->go >= 0)
		close(c->go);
	while (waitpid(c->pid, &status, 0) < 0)
		if (errno != EINTR)
			return XP_EXIT_ERROR;
	say_why(c, name);
	close(c->report);
	close(c->pidfd);
	return WIFSIGNALED(status) ? XP_EXIT_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}
