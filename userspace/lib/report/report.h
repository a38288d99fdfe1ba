/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reports: an aggregate as text for people and as JSON for programs. Whatever
 * a guest may have named is escaped. The same aggregate and options give the
 * same bytes.
 *
 * Errors of `out` are left for the caller to look at (ferror()).
 */
#ifndef XP_REPORT_REPORT_H
#define XP_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/agg/agg.h"

enum xp_graph_style {
	XP_GRAPH_ABSOLUTE,        /* branches in percent of all */
	XP_GRAPH_RELATIVE,        /* in percent of the branch they are of */
	XP_GRAPH_NONE,            /* no trees */
};

struct xp_report_options {
	enum xp_key order[XP_NR_KEYS];    /* the columns of the table, in this order */
	size_t nr_order;
	double percent_limit;     /* rows with a smaller share are left out, and counted */
	unsigned int columns;     /* of the terminal; 0: as wide as it gets */
	bool color;
	size_t sort_event;        /* by which rows are sorted */
	/* of an aggregate with chains */
	bool calls;               /* rows have trees, and what is about calls is of sort_event alone */
	bool no_children;         /* rows are what ran itself, as without calls; else callers are rows, too */
	bool callers;             /* a tree goes from its row to callers; else to what it calls */
	enum xp_graph_style graph;
	double graph_limit;       /* branches with a smaller share are left out */
};

/* Head, domains and rows, a column for each event. Sorts the aggregate's rows. 0 or XP_E_NOMEM. */
int xp_report_text(FILE *out, struct xp_agg *a, const struct xp_report_options *o, struct xp_err *err);

/* As xprof-report-json(5) has it. Sorts the aggregate's rows. The aggregate must have been made with these keys. */
/* And XP_KEY_LINE, if lines are wanted. */
#define XP_REPORT_JSON_KEYS (XP_KEY_DOMAIN | XP_KEY_MODE | XP_KEY_IMAGE | XP_KEY_SYMBOL)
#define XP_REPORT_JSON_VERSION 1u
int xp_report_json(FILE *out, struct xp_agg *a, struct xp_err *err);

/*
 * Everything that the profile holds, one record a line: a word for its kind,
 * then key=value. Stable: fields are only ever added behind the others, but before a last
 * one that is a name (it may hold spaces). Samples come as the file has them, which is in order for each CPU,
 * or by_time, all CPUs (and all other records that have a time) in one order; then all are held in memory.
 */
int xp_report_dump(FILE *out, struct xp_profile *p, bool by_time, struct xp_err *err);

/* Samples that were lost, of each event: what the rings' headers said at the end, or the records if they say more. */
void xp_report_lost(const struct xp_profile *p, struct xp_counts *lost);

#endif
