/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a sample to names: domain, process, image, symbol, exactly as
 * profile.h says, from the profile alone.
 *
 * Answers hold for an interval of time, so that whoever counts asks once per
 * site and block. Two small caches (direct-mapped, by context and by address)
 * make the second question about the same thing cheap.
 */
#ifndef XP_AGG_RESOLVE_H
#define XP_AGG_RESOLVE_H

#include "lib/agg/domains.h"
#include "lib/agg/maps.h"
#include "lib/agg/tasks.h"

struct xp_resolution {
	uint64_t from, to;      /* so it is in [from, to) */
	uint32_t domain;        /* index in the resolver's domains */
	uint32_t task;          /* of the profile's tasks: whose address space it was; XP_NONE */
	enum xp_mode mode;
	uint32_t image;         /* XP_NONE: no map holds the address */
	const struct xp_symbol *symbol; /* NULL: unresolved */
	uint64_t address;       /* in the image if there is one, else as sampled */
};

struct xp_resolver;

int xp_resolver_new(struct xp_resolver **out, const struct xp_profile *p, struct xp_err *err);
void xp_resolver_free(struct xp_resolver *r);
struct xp_domain_index *xp_resolver_domains(struct xp_resolver *r);

/* The caches are larger than the CPU's: whoever is to resolve many sites asks for each, first for its context, then for its place. */
void xp_resolver_ask_context(const struct xp_resolver *r, const struct xp_site *site);
void xp_resolver_ask_place(const struct xp_resolver *r, const struct xp_site *site);

/* 0 or XP_E_NOMEM. */
int xp_resolve(struct xp_resolver *r, const struct xp_site *site, uint64_t tsc, struct xp_resolution *out);

#endif
