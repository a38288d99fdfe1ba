/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record --continuous: one session whose samples go into one profile after the other (lib/rotate). Each is complete of
 * its own: it gets the host's facts, the processes that there are, and names that were found anew.
 */
#ifndef XP_CLI_CONTINUOUS_H
#define XP_CLI_CONTINUOUS_H

#include "cli/run.h"

/* The directory; r->rotate.part is then the first file to make. */
int cli_continuous_open(struct cli_run *r, struct xp_err *err);
void cli_continuous_close(struct cli_run *r);

/* Every now and then, while it is recorded: has the file before come to its end? An error of that. */
int cli_continuous_poll(struct cli_run *r, struct xp_err *err);
/* The last file, and the one before it. Waits for both. */
int cli_continuous_end(struct cli_run *r, struct xp_err *err);

/* The sink's functions that are different then. */
void cli_continuous_sink(struct xp_collect_sink *sink);
int cli_continuous_task(struct cli_run *r, const struct xprof_task *task, struct xp_err *err);

/* "[ xprof: wrote 12 profiles into DIR, …]" */
void cli_continuous_summary(const struct cli_run *r);

uint64_t cli_now_ms(void); /* since 1970 */

#endif
