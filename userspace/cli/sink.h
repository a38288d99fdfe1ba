/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The seam between the collector, which knows no names, and what finds them:
 * lib/sym for addresses and tasks, xenstore for domains; and what the other
 * commands get to see meanwhile.
 */
#ifndef XP_CLI_SINK_H
#define XP_CLI_SINK_H

#include "cli/run.h"
#include "lib/collect/collect.h"

/* r's names are open, and it outlives the sink. */
void cli_sink_init(struct xp_collect_sink *sink, struct cli_run *r);

/* The collector's figures as commands tell each other. */
void cli_figures(struct xp_figures *to, const struct xp_collect_figures *from);

#endif
