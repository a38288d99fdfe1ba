/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Output that people read: colour, width, pager; files that are written; and the
 * file that a verb which reads a profile is given.
 */
#ifndef XP_CLI_OUTPUT_H
#define XP_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "lib/profile/profile.h"

enum cli_color { CLI_COLOR_AUTO, CLI_COLOR_ALWAYS, CLI_COLOR_NEVER };

/* "auto", "always", "never"; false: something else. */
bool cli_parse_color(const char *text, enum cli_color *color);

/* Auto: on a terminal that is not "dumb", unless NO_COLOR is there and not empty. */
bool cli_use_color(enum cli_color color);

/* Of stdout's terminal: $COLUMNS, else what the terminal says, at least 40; 0: stdout is no terminal. */
unsigned int cli_columns(void);

/*
 * From now on stdout goes through $XPROF_PAGER, $PAGER or less -FRSX, if it is a terminal; "cat" and "" mean none.
 * cli_pager_end() (harmless without a pager) waits until the reader is done.
 */
void cli_pager_begin(void);
void cli_pager_end(void);

/*
 * What fn writes, to path: a file appears when it is whole, mode 0600; a pipe or device is written as it is. NULL and "-":
 * stdout. Returns what fn does, or that it could not be written.
 */
int cli_write_output(const char *path, int (*fn)(FILE *out, void *arg, struct xp_err *err), void *arg, struct xp_err *err);

/*
 * Opens the profile of `-i FILE` or, without one, the first argument, or xprof.data. Damage is said on stderr, and the
 * profile is there all the same. Returns an enum xp_exit: XP_EXIT_OK, XP_EXIT_PARTIAL (damaged), or an error with *p NULL.
 */
int cli_open_profile(struct xp_profile **p, const char *verb, const char *input, int argc, char **argv);

#endif
