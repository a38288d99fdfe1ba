/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who called whom: the chains of all samples that are counted, function by
 * function, as one tree. A call is a function and the call it was called from; a
 * sample counts in the call of the function that it lies in. Chains that end
 * early hang below a call of "[truncated]" (XP_ADDRESS_CUT).
 *
 *   xp_calls_unfold()  before the first chain
 *   xp_calls_add()     for each site
 *   xp_calls_finish()  sums up; then rows have what they called, too
 *
 * As long as no sample had a chain, and rows are functions, each row is a call that nothing called, and its counts are the
 * call's: there is no tree, unless somebody asks for a call graph.
 */
#ifndef XP_AGG_CALLS_H
#define XP_AGG_CALLS_H

#include "lib/agg/resolve.h"
#include "lib/agg/rows.h"

struct xp_agg;

struct xp_call {
	uint32_t caller;             /* a smaller index; call 0 stands above all */
	uint32_t function : 31;      /* row of functions */
	uint32_t top : 1;            /* no caller of it is of the same row of the aggregate */
	uint32_t first, next;        /* of what it calls; next of its caller's. XP_NONE: none */
};

struct xp_calls {
	struct xp_call *v;
	size_t nr, room;
	uint64_t *self;              /* for each call nr_events weights, then as many samples */
	uint64_t *total;             /* weights with all that it calls, nr_events for each call */
	size_t nr_events;
	struct xp_call_slot { uint64_t key; uint32_t call; } *slots; /* key: caller and function; call 0: free */
	size_t mask;
	struct xp_row_table *functions; /* by domain, mode, image and symbol, and the aggregate's keys: its rows, or */
	struct xp_row_table own_functions; /* where those are less, a table without counts */
	uint32_t *function_row;      /* NULL: functions are rows */
	size_t room_functions;
	uint32_t *of_node;           /* by frame of the profile: call + 1, where that holds at all times; 0: not known */
	bool flat;                   /* there is no tree */
	uint32_t *of_row, *row_of;   /* while it is flat: each row's call (0: it is idle), and each call's row */
	size_t nr_rows, room_rows;   /* of of_row */
	uint32_t *row_first, *row_calls; /* calls of row r: row_calls[row_first[r]] to row_calls[row_first[r + 1] - 1] */
	uint64_t *children;          /* nr_events for each row: weights with all that it calls */
};

int xp_calls_init(struct xp_agg *a, struct xp_err *err);
void xp_calls_release(struct xp_calls *c);

/* Makes the tree of a flat one; to_add: calls will be added to it. False: no memory. */
bool xp_calls_unfold(const struct xp_agg *a, bool to_add);

/*
 * The call that has `chain` at tsc, for samples of this site, and until when that is so. XP_NONE: no memory.
 */
uint32_t xp_calls_of_chain(struct xp_agg *a, const struct xp_site *site, uint32_t chain, uint64_t tsc, uint64_t *to);

/*
 * n samples of weight in all, in the function (and row) that site resolves to, called from `call`: *leaf is that call, if each sample
 * is looked at (config.each). False: no memory.
 */
bool xp_calls_add(struct xp_agg *a, uint32_t call, const struct xp_site *site, const struct xp_resolution *r, uint32_t row,
		  uint64_t n, uint64_t weight, uint32_t *leaf);

static inline uint32_t xp_calls_row(const struct xp_calls *c, uint32_t call)
{
	if (c->flat)
		return c->row_of[call];
	return c->function_row ? c->function_row[c->v[call].function] : c->v[call].function;
}

/* From now on there are so many events: a damaged profile may have samples of some that it does not name. False: no memory. */
bool xp_calls_widen(struct xp_calls *c, size_t nr_events);

/* Not of a flat one. False: no memory. */
bool xp_calls_finish(const struct xp_agg *a);

/* Weights of a row with all that it calls, when all is counted. */
const uint64_t *xp_calls_children(const struct xp_agg *a, size_t row);

#endif
