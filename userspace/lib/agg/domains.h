/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which domain a domid was at a time. A domid belongs to the last domain that
 * had it at or before then; before the first one is known, to that one.
 * Records of one domain (same domid and UUID, nothing in between) are one.
 */
#ifndef XP_AGG_DOMAINS_H
#define XP_AGG_DOMAINS_H

#include "lib/agg/agg.h"

struct xp_domain_index {
	struct xp_agg_domain *domains; /* by domid, then time */
	uint64_t *from;                /* of each */
	size_t nr, cap;
	size_t nr_known;               /* the first ones: sorted, from the profile; the rest only samples knew */
};

int xp_domain_index_init(struct xp_domain_index *x, const struct xp_profile *p, struct xp_err *err);
void xp_domain_index_release(struct xp_domain_index *x);

/* Its index, and in [*from, *to) when that is so. XP_NONE: no memory. */
uint32_t xp_domain_at(struct xp_domain_index *x, uint16_t domid, uint64_t tsc, uint64_t *from, uint64_t *to);

#endif
