/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signals that end a recording, as something to poll: so that it always ends
 * in order, with its file whole and nothing left in the hypervisor.
 */
#ifndef XP_CLI_SIGNALS_H
#define XP_CLI_SIGNALS_H

#include <signal.h>

/* Blocks SIGINT, SIGTERM, SIGHUP and SIGQUIT, ignores SIGPIPE. Returns a descriptor that is readable once one came. */
int cli_signals_catch(sigset_t *before);

/* Undoes it, in a child that becomes another program. */
void cli_signals_restore(const sigset_t *before);

/* Which signal came, 0: none yet. */
int cli_signals_which(int fd);

#endif
