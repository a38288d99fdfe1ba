/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What counting needs beside the public face of an aggregate. */
#ifndef XP_AGG_IMPL_H
#define XP_AGG_IMPL_H

#include "lib/agg/calls.h"
#include "lib/agg/filter.h"
#include "lib/agg/resolve.h"
#include "lib/agg/rows.h"
#include "lib/agg/weights.h"

struct xp_agg_impl {
	struct xp_resolver *resolver;
	struct xp_filter_set filter;
	struct xp_row_table rows;
	struct xp_calls calls;       /* of an aggregate with chains */
	struct xp_weights weights;
	uint32_t *comm_ids;          /* of each task: the first task with the same name */
	uint8_t *domain_taken;       /* by index: 0 not known yet, 1 no, 2 yes */
	size_t nr_domain_taken;
	/* the block at hand */
	const struct xp_packed *packed;
	uint64_t first, last;        /* its times, after the filter */
	uint64_t from, to;           /* what of its times is taken, [from, to): the filter's, or a slice's part of that */
	uint32_t slice;
	struct xp_span span;         /* of the recording, if anything needs it */
	uint32_t count[XP_BLOCK_MAX]; /* of each site */
	uint64_t weight[XP_BLOCK_MAX]; /* of each site whose event's period varies in the block */
	uint8_t slow[XP_BLOCK_MAX];
	uint32_t row[XP_BLOCK_MAX], call[XP_BLOCK_MAX]; /* of each site: where it was counted last; XP_NONE: it was not */
};

/* What tells code at a site, which resolves to r, apart by these keys. The site's address is that of its name or before it. */
void xp_agg_key(const struct xp_agg *a, unsigned int keys, struct xp_row_key *key, const struct xp_site *s,
		const struct xp_resolution *r);

/* A key as a row without counts; keys: those by which rows were told apart. */
void xp_agg_row(const struct xp_agg *a, struct xp_row *row, const struct xp_row_key *k, unsigned int keys);

/* make-rows.c: a->rows, of those that the limit leaves; needs the domains and the number of events. XP_E_NOMEM. */
int xp_agg_make_rows(struct xp_agg *a, struct xp_err *err);

#endif
