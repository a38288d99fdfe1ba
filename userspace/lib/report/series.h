/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readings of the host's counters over time, in the reports. Both print nothing when the profile has none. */
#ifndef XP_REPORT_SERIES_H
#define XP_REPORT_SERIES_H

#include "lib/base/json.h"
#include "lib/report/report.h"

/* A table: each domain's CPU time and steal, packets and ACKs; and what could not be had. */
int xp_report_series(FILE *out, const struct xp_agg *a, const struct xp_report_options *o, struct xp_err *err);

/* The member "series", in an open object. */
int xp_report_series_json(struct xp_json *j, const struct xp_agg *a, struct xp_err *err);

#endif
