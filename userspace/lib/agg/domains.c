/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/agg/domains.h"

static uint32_t append(struct xp_domain_index *x, uint16_t domid, const struct xp_domain *info, uint64_t from)
{
	struct xp_agg_domain *d;
	char *name = NULL;

	if (x->nr == x->cap) {
		size_t cap = x->cap ? x->cap * 2 : 16;
		struct xp_agg_domain *domains = realloc(x->domains, cap * sizeof(*domains));
		uint64_t *froms;

		if (!domains)
			return XP_NONE;
		x->domains = domains;
		froms = realloc(x->from, cap * sizeof(*froms));
		if (!froms)
			return XP_NONE;
		x->from = froms;
		x->cap = cap;
	}
	if (domid == XPROF_DOMID_IDLE)
		name = strdup("[idle]");
	else if (info && info->name[0])
		name = strdup(info->name);
	else if (asprintf(&name, "d%u", domid) < 0)
		name = NULL;
	if (!name)
		return XP_NONE;
	d = &x->domains[x->nr];
	*d = (struct xp_agg_domain){ .domid = domid, .name = name, .info = info };
	x->from[x->nr] = from;
	return (uint32_t)x->nr++;
}

static bool same_domain(const struct xp_domain *a, const struct xp_domain *b)
{
	return a->domid == b->domid && !memcmp(a->uuid, b->uuid, sizeof(a->uuid));
}

/* The name may have been learnt later than the rest. */
static bool take_name(struct xp_agg_domain *d, const struct xp_domain *later)
{
	char *name;

	if (!later->name[0])
		return true;
	name = strdup(later->name);
	if (!name)
		return false;
	free((char *)d->name);
	d->name = name;
	return true;
}

int xp_domain_index_init(struct xp_domain_index *x, const struct xp_profile *p, struct xp_err *err)
{
	size_t i;
	bool ok = true;

	memset(x, 0, sizeof(*x));
	for (i = 0; i < p->nr_domains && ok; i++) {
		const struct xp_domain *d = &p->domains[i];

		if (d->domid == XPROF_DOMID_IDLE)
			continue;
		if (i && x->nr && same_domain(&p->domains[i - 1], d))
			ok = take_name(&x->domains[x->nr - 1], d);
		else
			ok = append(x, d->domid, d, d->from) != XP_NONE;
	}
	if (!ok) {
		xp_domain_index_release(x);
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu domains", p->nr_domains);
	}
	x->nr_known = x->nr;
	return 0;
}

void xp_domain_index_release(struct xp_domain_index *x)
{
	size_t i;

	for (i = 0; i < x->nr; i++)
		free((char *)x->domains[i].name);
	free(x->domains);
	free(x->from);
	memset(x, 0, sizeof(*x));
}

/* The first known domain that comes after (domid, tsc). */
static size_t after(const struct xp_domain_index *x, uint16_t domid, uint64_t tsc)
{
	size_t lo = 0, hi = x->nr_known;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const struct xp_agg_domain *d = &x->domains[mid];

		if (d->domid < domid || (d->domid == domid && x->from[mid] <= tsc))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static uint32_t unknown(struct xp_domain_index *x, uint16_t domid)
{
	size_t i;

	for (i = x->nr_known; i < x->nr; i++)
		if (x->domains[i].domid == domid)
			return (uint32_t)i;
	return append(x, domid, NULL, 0);
}

uint32_t xp_domain_at(struct xp_domain_index *x, uint16_t domid, uint64_t tsc, uint64_t *from, uint64_t *to)
{
	size_t next = after(x, domid, tsc), at;

	*from = 0;
	*to = UINT64_MAX;
	if (next && x->domains[next - 1].domid == domid)
		at = next - 1; /* it had the domid by then */
	else if (next < x->nr_known && x->domains[next].domid == domid)
		at = next;     /* it is the first that is known to */
	else
		return unknown(x, domid);
	if (at && x->domains[at - 1].domid == domid)
		*from = x->from[at];
	if (at + 1 < x->nr_known && x->domains[at + 1].domid == domid)
		*to = x->from[at + 1];
	return (uint32_t)at;
}
