/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines about a recording that go to stderr: while it runs, and at its end.
 */
#ifndef XP_CLI_SUMMARY_H
#define XP_CLI_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/host/session.h"

/* "39,904" */
const char *cli_grouped(uint64_t n, char text[32]);
/* "1.9 MB" */
const char *cli_bytes(uint64_t n, char text[32]);
/* "0.6%", "0.04%" */
const char *cli_share(uint64_t ppm, char text[32]);

/*
 * [ xprof: 6.0 s, 41,200 samples (3,980/s), 0 lost, overhead 0.4% ], redrawn in place, once a second; shorter where that is too wide.
 * Only on a terminal that can be drawn on again.
 */
bool cli_progress_possible(void);
void cli_progress(const struct xp_figures *f);
void cli_progress_clear(void);

/* Lines, each as "xprof: warning: …". */
void cli_warnings(const char *lines);

/*
 * [ xprof: 10.0 s, 39,904 samples (timer), 0 lost, 3 domains, overhead 0.6% ]
 * [ xprof: wrote xprof.data (1.9 MB) ]
 * and the warnings, and what to do next.
 */
void cli_summary(const struct xp_result *r);
void cli_summary_figures(const struct xp_result *r); /* the first line alone, and the warnings */

#endif
