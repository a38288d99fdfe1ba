/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is counted, as bits and numbers: the filter of agg.h, parsed. */
#ifndef XP_AGG_FILTER_H
#define XP_AGG_FILTER_H

#include "lib/agg/agg.h"

struct xp_filter_set {
	uint8_t *cpus;          /* one byte per CPU up to 65,535; NULL: all */
	uint64_t from, to;      /* TSC, [from, to) */
	unsigned int modes;     /* 1 << enum xp_mode */
};

/* first, last: TSC of the recording's beginning and end. */
int xp_filter_set_init(struct xp_filter_set *s, const struct xp_filter *f, uint64_t first, uint64_t last,
		       uint64_t tsc_hz, struct xp_err *err);
void xp_filter_set_release(struct xp_filter_set *s);

/* Is this domain among those asked for? */
bool xp_filter_takes_domain(const struct xp_filter *f, const struct xp_agg_domain *d);

/* TSC of beginning and end: the clocks' if there are two, else the samples'; and ticks a second, 0 if unknown. */
struct xp_span { uint64_t first, last, tsc_hz; };
int xp_profile_span(struct xp_profile *p, struct xp_span *span, struct xp_err *err);

/* From clocks or span: nanoseconds that the recording took, 0 if nothing tells. */
uint64_t xp_profile_duration_ns(const struct xp_profile *p, uint64_t first_tsc, uint64_t last_tsc);

#endif
