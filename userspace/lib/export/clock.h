/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times of samples as formats want them: since the recording began. */
#ifndef XP_EXPORT_CLOCK_H
#define XP_EXPORT_CLOCK_H

#include "lib/agg/filter.h"

static inline double xp_export_us(const struct xp_span *s, uint64_t tsc)
{
	double hz = s->tsc_hz ? (double)s->tsc_hz : 1e9;

	return tsc > s->first ? (double)(tsc - s->first) / hz * 1e6 : 0;
}

#endif
