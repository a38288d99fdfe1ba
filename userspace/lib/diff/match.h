/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of many runs brought together: the same domain (by name, or by UUID where the name has
 * changed), mode, process, image (by the last part of its path) and symbol are one
 * row. Numbers that differ from run to run (domid, pid, address) do not count.
 */
#ifndef XP_DIFF_MATCH_H
#define XP_DIFF_MATCH_H

#include "lib/diff/compare.h"
#include "lib/diff/side.h"

/* Borrowed from the runs. NULL, or XP_NONE: not a key, or not known. */
struct xp_diff_key {
	const char *domain, *process, *image, *symbol;
	uint32_t mode;
};

struct xp_diff_row {
	struct xp_diff_key key;
	bool idle;
	uint32_t hash;               /* of key */
	float *samples[XP_SIDES];    /* nr_events times cells: of event e, cell c at [e * cells + c] */
	double *weights[XP_SIDES];   /* nr_events: what all of them stand for */
};

struct xp_diff_rows {
	struct xp_diff_row *v;
	size_t nr;
	size_t nr_events;
	size_t cells[XP_SIDES];
	struct xp_match_impl *impl;
};

/* Which event of a run is event e of the comparison; XP_NONE: the run has it not. */
struct xp_diff_events {
	const char *name[XPROF_MAX_EVENTS];
	size_t nr;
	uint8_t of[XP_SIDES][XP_DIFF_MAX_RUNS][XPROF_MAX_EVENTS]; /* a run's event: which of ours, or 0xff */
};

int xp_diff_match(struct xp_diff_rows *rows, const struct xp_diff_side sides[2], const struct xp_diff_events *events,
		  struct xp_err *err);

/* The same rows with fewer keys (bits of enum xp_key), which makes some of them one; those that are idle only if idle. */
int xp_diff_fold(struct xp_diff_rows *out, const struct xp_diff_rows *rows, unsigned int keys, bool idle, struct xp_err *err);

void xp_diff_rows_release(struct xp_diff_rows *rows);

#endif
