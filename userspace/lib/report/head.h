/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the text report. */
#ifndef XP_REPORT_HEAD_H
#define XP_REPORT_HEAD_H

#include "lib/report/report.h"
#include "lib/report/table.h"

/* What was recorded, where, how long, and what to think of it. */
void xp_report_head(FILE *out, const struct xp_agg *a);

/* How each event was sampled, how often, and how far that can be trusted. */
int xp_report_events(FILE *out, const struct xp_agg *a, const struct xp_report_options *o, struct xp_err *err);

/* Domains with their share of each event, split by mode; and what follows from two events. */
int xp_report_domains(FILE *out, const struct xp_agg *a, const struct xp_report_options *o, struct xp_err *err);
int xp_report_ratios(FILE *out, const struct xp_agg *a, const struct xp_report_options *o, struct xp_err *err);

/* Which events have a column each: all, or those for which the terminal is wide enough, the one that sorts among them. */
size_t xp_report_shown(const struct xp_agg *a, const struct xp_report_options *o, size_t shown[XPROF_MAX_EVENTS]);

/* The heads of the events' columns, in two rows: the upper, as columns; the lower, as cells (the other columns' own). */
void xp_report_upper_heads(struct xp_table *t, const struct xp_agg *a, const size_t *shown, size_t nr);
void xp_report_lower_heads(struct xp_table *t, const struct xp_agg *a, const size_t *shown, size_t nr);

/* Domains that have samples and are not idle, most of the sorting event first. Free it. NULL: no memory. */
uint32_t *xp_report_domain_order(const struct xp_agg *a, size_t sort_event, uint32_t *nr);
uint64_t xp_report_domain_weight(const struct xp_agg_domain *d, size_t event);
uint64_t xp_report_domain_samples(const struct xp_agg_domain *d, size_t event);
void xp_report_domain_name(struct xp_table *t, const struct xp_agg_domain *d);

#endif
