/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the text report. */
#ifndef XP_REPORT_HEAD_H
#define XP_REPORT_HEAD_H

#include "lib/report/report.h"

/* What was recorded, where, how long, and what to think of it. */
void xp_report_head(FILE *out, const struct xp_agg *a);
void xp_report_head_event(FILE *out, const struct xp_agg *a, size_t event);

/* Domains with their share, split by mode. */
int xp_report_domains(FILE *out, const struct xp_agg *a, size_t event, const struct xp_report_options *o,
		      struct xp_err *err);

/* All samples of the event that passed the filter and were not idle. */
uint64_t xp_report_busy(const struct xp_agg *a, size_t event);

#endif
