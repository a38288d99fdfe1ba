/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two sides compared. Values are of what samples stand for (events; of the
 * timer, nanoseconds of CPU time), divided by what the sides are normalized by:
 *
 *   time   per second of the recording: of the timer, how many CPUs' time
 *   total  shares of all that was not idle
 *   work   per packet, ack, or whatever else was done
 */
#ifndef XP_DIFF_DIFF_H
#define XP_DIFF_DIFF_H

#include <stdio.h>

#include "lib/diff/match.h"

enum xp_diff_norm { XP_DIFF_TIME, XP_DIFF_TOTAL, XP_DIFF_WORK };

struct xp_diff_options {
	enum xp_diff_norm norm;
	const char *counter;        /* of WORK: "packets", "acks", "bytes" as the profiles have them; NULL: work[] */
	double work[XP_SIDES];      /* of each run of a side */
	double confidence;          /* of limits, 0.95; rows are changed at a false discovery rate of what is left to 1 */
	double percent_limit;       /* rows with a smaller share on both sides are not shown, and open no gate */
	unsigned int keys;          /* of rows: enum xp_key */
	const char *event;          /* only this one; NULL: all that both sides have */
};

enum xp_diff_kind { XP_DIFF_ALL, XP_DIFF_DOMAIN, XP_DIFF_MODE, XP_DIFF_ROW, XP_DIFF_KINDS };

struct xp_diff_line {
	enum xp_diff_kind kind;
	const struct xp_diff_row *row;
	double value[XP_SIDES];
	double samples[XP_SIDES];
	double share;               /* of all that is not idle, on the side where it is larger */
	struct xp_compared_row compared; /* of its change, limits are set by xp_diff_limits() only */
	bool significant;
};

struct xp_diff_event {
	const char *name;
	size_t index;               /* in events */
	bool is_timer;
	struct xp_diff_line *lines; /* by kind; within a kind those that have changed first, then by size of the change */
	size_t nr, nr_tested, nr_significant;
	struct xp_dispersion dispersion; /* of rows */
};

/* What is not the same on both sides. */
struct xp_diff_setting { const char *key, *was, *is; };

struct xp_diff {
	struct xp_diff_side *sides; /* borrowed */
	struct xp_diff_options options;
	struct xp_diff_events events;
	struct xp_diff_rows all, folds[XP_DIFF_KINDS]; /* of rows with all keys: all itself */
	struct xp_diff_event *per_event;
	size_t nr_events;
	double *norm[XP_SIDES];     /* of each run: seconds, or work */
	struct xp_diff_setting *settings;
	size_t nr_settings;
	struct xp_arena *texts;     /* of settings */
};

/* sides: their profiles are open and must outlive *d. XP_E_USAGE: they have nothing in common, or options say what is not there. */
int xp_diff_run(struct xp_diff *d, struct xp_diff_side sides[2], const struct xp_diff_options *o, const struct xp_filter *filter,
		struct xp_err *err);
void xp_diff_release(struct xp_diff *d);

/* Limits for one line; dearer than the rest of it, so only those that are shown have them. */
void xp_diff_limits(const struct xp_diff *d, struct xp_diff_line *line);

/* The largest significant growth, in percent, of a line that is shown; *line it. 0: none. */
double xp_diff_worst(const struct xp_diff *d, const struct xp_diff_line **line, const struct xp_diff_event **event);

struct xp_diff_text_options {
	enum xp_key order[8];
	size_t nr_order;
	unsigned int columns;
	bool color;
};
int xp_diff_text(FILE *out, struct xp_diff *d, const struct xp_diff_text_options *o, struct xp_err *err);

#define XP_DIFF_JSON_VERSION 1u
void xp_diff_json(FILE *out, struct xp_diff *d);

/* ---- parts ---- */

/* norm.c: d->norm, and cells of one event. Arrays in cells live as long as *buffers does (free() it). */
int xp_diff_norms(struct xp_diff *d, struct xp_err *err);
int xp_diff_event_cells(const struct xp_diff *d, size_t event, struct xp_cells *cells, double **buffers, struct xp_err *err);
/* setup.c: d->settings. */
int xp_diff_setup(struct xp_diff *d, struct xp_err *err);

#endif
