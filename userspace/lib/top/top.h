/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A live view of the host: its domains as xentop shows them, what is sampled
 * of each, and the hot functions. Needs no terminal: what is to be shown comes
 * out as lines.
 *
 *   xp_top_init()
 *     xp_window_add(), xp_window_period()    the window: samples as they come
 *     xp_top_read()                          an interval ends: the host's counters
 *     xp_namer_run()                         names for what is new
 *     xp_top_draw()                          at any time
 *     xp_top_turn()                          the next interval begins
 *   xp_top_release()
 *
 * One thread. Memory is bounded whatever is sampled and however long.
 */
#ifndef XP_TOP_TOP_H
#define XP_TOP_TOP_H

#include "lib/base/error.h"
#include "lib/top/columns.h"
#include "lib/top/hot.h"
#include "lib/top/labels.h"
#include "lib/top/page.h"
#include "lib/top/namer.h"
#include "lib/top/view.h"

/* What stands above the tables; the caller's to fill. */
struct xp_top_status {
	char time[16];            /* "14:02:11" */
	char xen[64];             /* version */
	unsigned int cpus, mhz;
	uint64_t samples, lost;   /* since it began */
	double samples_a_second;  /* in the last interval */
	uint64_t overhead_ppm;    /* of the NMI handler, of all CPUs */
	double own_percent;       /* CPU that the viewer itself took in the last interval, of one CPU; negative: not known */
	uint64_t window_ns;       /* what the window covers so far */
};

struct xp_top {
	struct xp_top_event events[XPROF_MAX_EVENTS]; /* names are borrowed */
	size_t nr_events;
	struct xp_window window;
	struct xp_labels labels;
	struct xp_namer namer;
	struct xp_top_domains domains;
	struct xp_top_columns columns;
	struct xp_top_view view;
	struct xp_top_status status;
	/* what is derived, by xp_top_update() */
	struct xp_top_sums sums;
	struct xp_hot hot;
	struct xp_top_row *rows;   /* domains as they are shown */
	size_t nr_rows, room_rows;
	uint16_t *domids;          /* of rows */
	size_t page;               /* functions that were shown last */
};

/* slots: intervals in the window, 1 to XP_WINDOW_SLOTS. XP_E_NOMEM; release it in any case. */
int xp_top_init(struct xp_top *t, const struct xp_top_event *events, size_t nr_events, unsigned int slots, uint64_t delay_ns,
		struct xp_err *err);
void xp_top_release(struct xp_top *t);

/* Brings sums, rows and functions up to date with window and view. XP_E_NOMEM. */
int xp_top_update(struct xp_top *t, struct xp_err *err);

/*
 * A screen of so many lines and columns; lines 0: everything, at most nr_functions of these; columns 0: as wide as it gets.
 * XP_E_NOMEM.
 */
int xp_top_draw(struct xp_top *t, struct xp_page *to, unsigned int columns, unsigned int lines, size_t nr_functions,
		struct xp_err *err);

/* A key of the view. True: it is to be updated and drawn. */
bool xp_top_key(struct xp_top *t, uint32_t key);

/* The column of this name, or that begins so ("cpu", "CPU(%)", "IPC"), as view.sort has it; SIZE_MAX: there is none. */
size_t xp_top_find_column(const struct xp_top *t, const char *name);

#endif
