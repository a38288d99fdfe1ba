/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table of text: cells are put in row by row and printed in columns that
 * are as wide as their widest cell. On a narrow terminal the columns that may
 * shrink do so, the widest first; then they go, the last but one first; what
 * still does not fit is cut. … marks a cut.
 */
#ifndef XP_REPORT_TABLE_H
#define XP_REPORT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/base/buf.h"

#define XP_TABLE_COLUMNS 28

struct xp_table {
	size_t nr_columns;
	struct xp_table_column {
		size_t width;
		bool right;       /* numbers */
		bool may_shrink;
	} columns[XP_TABLE_COLUMNS];
	struct xp_buf text;       /* all cells, each ended by a NUL */
	size_t nr_cells;
	size_t nr_heads;          /* rows behind "# ": 1, or as many as somebody has set */
};

void xp_table_init(struct xp_table *t);
void xp_table_release(struct xp_table *t);
void xp_table_column(struct xp_table *t, const char *head, bool right, bool may_shrink); /* before the first cell */
void xp_table_cell(struct xp_table *t, const char *text);     /* valid UTF-8, printed as it is */
void xp_table_name(struct xp_table *t, const char *text);     /* escaped */

/* Prints: the head rows behind "# ", the rows behind "  ". bold_above: rows whose first cell is a share of at least that
 * many percent stand out (for a terminal), 0: none. False: no memory. */
bool xp_table_print(FILE *out, const struct xp_table *t, unsigned int columns, double bold_above);
/* The same; after each row that is no head `after` prints what it likes. */
typedef bool (*xp_table_after_fn)(FILE *out, size_t row, void *arg); /* row: from 0; false: no memory */
bool xp_table_print_with(FILE *out, const struct xp_table *t, unsigned int columns, double bold_above, xp_table_after_fn after,
			 void *arg);

/* Prints one line, cut at the terminal's edge (columns 0: there is none). text: valid UTF-8. */
void xp_table_line(FILE *out, const char *text, size_t len, unsigned int columns, bool bold);

#endif
