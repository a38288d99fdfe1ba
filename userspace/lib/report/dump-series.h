/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XP_REPORT_DUMP_SERIES_H
#define XP_REPORT_DUMP_SERIES_H

#include <stdio.h>

#include "lib/profile/series.h"

/* One reading of the host's counters, as a line of the dump. */
void xp_report_dump_series(FILE *out, const struct xp_series_record *record);

#endif
