/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one row of an aggregate with chains calls, or who calls it: the parts of
 * the call tree that begin, or end, in it, laid on top of each other.
 */
#ifndef XP_AGG_CALL_GRAPH_H
#define XP_AGG_CALL_GRAPH_H

#include "lib/agg/agg.h"

struct xp_graph_options {
	bool callers;        /* from the row to its callers, else to what it calls */
	bool self;           /* callers: only of what the row's own code takes, else with all that it calls */
	size_t event;
	uint64_t limit;      /* branches of less weight are left out */
};

struct xp_branch {
	struct xp_row function;  /* as a row: domain, mode, image, symbol or address, truncated; no counts */
	uint64_t weight;
	uint32_t first, nr;      /* its branches: in the graph's v, most first */
};

struct xp_graph {
	struct xp_branch *v;
	size_t nr, room;
	uint32_t first, nr_first; /* the first level: the row's own function; of a row that is several, each */
};

/* XP_E_NOMEM: *g is as good as empty. Release it in any case. */
int xp_graph_init(struct xp_graph *g, const struct xp_agg *a, const struct xp_row *row, const struct xp_graph_options *o,
		  struct xp_err *err);
void xp_graph_release(struct xp_graph *g);

/* The whole tree, for whoever prints it: its calls, 0 is none. */
struct xp_call_counts { const uint64_t *samples, *weights; }; /* of it alone; of each event */
size_t xp_agg_nr_calls(const struct xp_agg *a);
uint32_t xp_agg_call(const struct xp_agg *a, size_t call, uint32_t *row_id, struct xp_call_counts *self); /* its caller */

/* There were more calls than are told apart. */
bool xp_agg_calls_full(const struct xp_agg *a);

#endif
