/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tables of rows have in common: a column for each key, and what is said of rows that are left out. */
#ifndef XP_REPORT_KEYS_H
#define XP_REPORT_KEYS_H

#include "lib/report/report.h"
#include "lib/report/table.h"

#define XP_BOLD_PERCENT 5.0 /* rows with more stand out on a terminal */

const char *xp_report_key_head(enum xp_key key);
void xp_report_key_column(struct xp_table *t, enum xp_key key, const char *head);
void xp_report_key(struct xp_table *t, const struct xp_agg *a, const struct xp_row *row, enum xp_key key);

/* Rows from `shown` on are not printed: how many, and how much they are together. */
void xp_report_left_out(FILE *out, const struct xp_agg *a, size_t shown, const struct xp_report_options *o);

#endif
