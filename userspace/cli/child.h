/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command that 'record' runs: made first, so that it inherits nothing of
 * the session, and let go when sampling has begun.
 */
#ifndef XP_CLI_CHILD_H
#define XP_CLI_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct cli_child {
	pid_t pid;
	int pidfd;   /* readable once it has ended */
	int go;      /* write end: a byte lets it run, EOF ends it */
	int report;  /* read end: errno if it could not be run */
};

/* 0 or -1 with errno. signals: the mask that it is to run with. */
int cli_child_make(struct cli_child *c, char **argv, const sigset_t *signals);

void cli_child_go(struct cli_child *c);
void cli_child_signal(const struct cli_child *c, int signal);

/*
 * Waits for its end. Its exit status, 128 + n after a signal, 126 or 127 with
 * a message if it could not be run. A child that was never let go ends, too.
 */
int cli_child_wait(struct cli_child *c, const char *name);

#endif
