/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Call chains in reports. */
#ifndef XP_REPORT_CALLS_H
#define XP_REPORT_CALLS_H

#include "lib/agg/call-graph.h"
#include "lib/base/json.h"
#include "lib/report/report.h"

/* How many chains are whole, and why the others are not. Nothing if the profile has no chains. */
void xp_report_chain_ends(FILE *out, const struct xp_agg *a, const struct xp_report_options *o);

/* The table of rows, each with its tree. Sorts the rows. */
int xp_report_calls(FILE *out, struct xp_agg *a, const struct xp_report_options *o, struct xp_err *err);

/* The tree of a row, in lines as perf draws them, and an empty line. XP_E_NOMEM. */
int xp_report_graph(FILE *out, const struct xp_agg *a, const struct xp_row *row, const struct xp_report_options *o,
		    struct xp_err *err);

/* "chains" and "calls" of xprof-report-json(5). XP_E_NOMEM. */
int xp_report_calls_json(struct xp_json *j, const struct xp_agg *a, struct xp_err *err);

#endif
