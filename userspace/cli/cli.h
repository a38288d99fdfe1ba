/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The xprof command: what its files share.
 *
 * A verb is a function and a line in main.c's table. It gets its arguments
 * with its own name as argv[0] and returns an enum xp_exit. Its preconditions
 * stand in the table and hold when it is called.
 *
 * stdout is for data, stderr for everything else. Whatever was named by a
 * domain, a process or a file goes through xp_text_print() or cli_escape().
 */
#ifndef XP_CLI_CLI_H
#define XP_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/exit.h"
#include "lib/base/error.h"

#ifndef XPROF_VERSION
#define XPROF_VERSION "0.1.0"
#endif

#define CLI_DEFAULT_FILE "xprof.data"

int cmd_annotate(int argc, char **argv);
int cmd_archive(int argc, char **argv);
int cmd_attach(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_detach(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_dump(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_html(int argc, char **argv);
int cmd_exporter(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_push(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_start(int argc, char **argv);
int cmd_stat(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_stop(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_version(int argc, char **argv);

/* ---- messages (message.c) ------------------------------------------------*/

/* "xprof: …" and a newline on stderr. */
__attribute__((format(printf, 1, 2)))
void cli_say(const char *format, ...);

/* The same; returns XP_EXIT_USAGE and points at 'xprof help VERB'. */
__attribute__((format(printf, 2, 3)))
int cli_usage(const char *verb, const char *format, ...);

/* Says what went wrong; returns the exit status for code (enum xp_error). */
int cli_fail(int code, const struct xp_err *err);

/* s, escaped; the storage is the caller's. Returns text. */
const char *cli_escape(const char *s, char *text, size_t size);

/* "xprof VERB …": the command line as a profile keeps it. Returns text. */
const char *cli_join(char **argv, char *text, size_t size);

/* ---- help (help.c) -------------------------------------------------------*/

struct cli_command {
	const char *name;
	int (*run)(int argc, char **argv);
	unsigned int needs;   /* CLI_NEEDS_* */
	const char *arguments;
	const char *help;     /* one line */
};

#define CLI_NEEDS_XEN  0x1u /* a Xen control domain */
#define CLI_NEEDS_ROOT 0x2u

extern const struct cli_command cli_commands[]; /* ends with a NULL name */

void cli_help_all(void);             /* on stdout */
int cli_help_verb(const char *verb); /* usage and options, on stdout */
const char *cli_help_options(const char *verb); /* NULL: it has none */
void cli_welcome(void);              /* what to do next, on stderr (welcome.c) */
const char *cli_nearest_verb(const char *typed); /* NULL: nothing is near */

/* ---- the host as xprof uses it (host.c) ----------------------------------*/

/* Where payloads and modules lie: $XPROF_LIBDIR, else ../lib/xprof beside the program. */
const char *cli_libdir(void);

/* Where commands share their state: $XPROF_RUNDIR, else /run/xprof. */
const char *cli_rundir(void);

/* What a dead collector or an interrupted command left behind goes; says so. Cheap when there is nothing. */
void cli_recover(void);

#endif
