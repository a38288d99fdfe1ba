/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -g of 'report', by perf's words: [graph|fractal|none][,caller|callee][,PERCENT]. */
#ifndef XP_CLI_CALL_GRAPH_H
#define XP_CLI_CALL_GRAPH_H

#include <stdbool.h>

#include "lib/report/report.h"

struct cli_call_graph {
	bool on;
	int children;             /* -1: as -g alone has it, which is 1 */
	int callers;              /* -1: with children what is called, without who calls */
	enum xp_graph_style style;
	double limit;             /* percent */
};
#define CLI_CALL_GRAPH_INIT { .on = false, .children = -1, .callers = -1, .style = XP_GRAPH_ABSOLUTE, .limit = 0.5 }

/* Is this a value of -g, when it stands apart from it, rather than a file? NULL is none. */
bool cli_call_graph_is(const char *text);

/* text NULL: none was given. 0 or XP_EXIT_USAGE; the error has been printed. */
int cli_call_graph_option(struct cli_call_graph *g, const char *text);

void cli_call_graph_apply(const struct cli_call_graph *g, struct xp_report_options *o);

#endif
