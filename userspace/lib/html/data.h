/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One profile as the page has it: frames (a function), rows (a frame of a process of a domain), calls (a row and the call it was
 * called from), and samples by event, slice of time, pCPU and call. README.md has the format.
 */
#ifndef XP_HTML_DATA_H
#define XP_HTML_DATA_H

#include "lib/agg/filter.h"
#include "lib/base/json.h"
#include "lib/export/stacks.h"
#include "lib/export/strings.h"
#include "lib/html/cells.h"

#define XP_HTML_MAX_CALLS 150000u /* calls with fewer samples than the others are put together below who called them */

enum xp_html_kind { XP_HTML_SYMBOL, XP_HTML_UNRESOLVED, XP_HTML_TRUNCATED, XP_HTML_SMALL, XP_HTML_SMALL_UNRESOLVED };

/* process, image, name: strings; frame: its number among those of like mode, kind, image and name */
struct xp_html_row { uint32_t domain, mode, process, image, name, frame; enum xp_html_kind kind; };
struct xp_html_call { uint32_t caller, row; };

enum xp_html_column { XP_HTML_FRAMES, XP_HTML_ROWS, XP_HTML_CALLS, XP_HTML_CELLS, XP_HTML_ENTRIES, XP_HTML_COLUMNS };

struct xp_html_data {
	struct xp_stacks stacks;
	struct xp_span span;
	uint64_t slice_ticks;       /* at first; 0: all of it is one slice */
	struct xp_html_cells cells; /* calls as this file numbers them; cpu: index in cpus */
	uint32_t *cpus;             /* ids, ascending */
	size_t nr_cpus;
	struct xp_strings strings;
	struct xp_html_row *rows;
	size_t nr_rows;
	uint32_t *frames;           /* of each frame the first row that has it */
	size_t nr_frames;
	struct xp_html_call *calls; /* 0 is idle time, and the caller of those that nothing called */
	size_t nr_calls, room_calls;
	uint64_t small;             /* calls with fewer samples were put together; 0: none were */
	size_t nr_cells;            /* of columns.c */
	struct xp_buf columns[XP_HTML_COLUMNS];
};

/* one_slice: of a base, of which no times are shown. Release it in any case. 0 or an error. */
int xp_html_data_init(struct xp_html_data *d, struct xp_profile *p, const struct xp_filter *filter, bool one_slice,
		      struct xp_err *err);
void xp_html_data_release(struct xp_html_data *d);

static inline uint32_t xp_html_slices(const struct xp_html_data *d)
{
	uint64_t slices = d->slice_ticks ? (d->span.last - d->span.first) / d->slice_ticks + 1 : 1;

	return (uint32_t)((slices - 1) >> d->cells.halvings) + 1;
}

/* ---- parts ---- */

/* names.c: rows and calls that have samples, numbered; cells' calls become these numbers. False: no memory. */
bool xp_html_number_calls(struct xp_html_data *d);
/* frames.c: frames of rows. False: no memory. */
bool xp_html_number_frames(struct xp_html_data *d);
/* columns.c. False: no memory. */
bool xp_html_columns(struct xp_html_data *d);
/* meta.c: the member `key`: all but the columns. */
int xp_html_meta(struct xp_json *j, const char *key, const struct xp_html_data *d, const char *name, struct xp_err *err);

#endif
