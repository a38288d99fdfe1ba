// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One pass over the samples: those whose symbol is meant become hits, one for
 * each site and block, which are summed up at the end.
 */
#include "lib/annotate/annotate.h"

#include <inttypes.h>

#include "lib/agg/filter.h"
#include "lib/agg/resolve.h"
#include "lib/agg/weights.h"
#include "lib/base/nearest.h"

struct pass {
	struct xp_hits *h;
	struct xp_profile *p;
	struct xp_filter filter;
	struct xp_resolver *resolver;
	struct xp_weights weights;
	struct xp_candidate *known;  /* symbols that are meant, by place in memory */
	size_t nr_known, room_known;
	/* the block at hand */
	struct { bool valid, taken; struct xp_resolution r; uint32_t hit; } sites[XP_BLOCK_MAX]; /* hit: its number + 1 */
};

/* ---- which symbols are meant ---- */

static bool image_is(const struct xp_image *image, const char *want)
{
	const char *slash = strrchr(image->name, '/');
	char hex[2 * XP_BUILD_ID_MAX + 1];
	struct xp_build_id id;

	if (!want || !strcmp(image->name, want) || (slash && !strcmp(slash + 1, want)))
		return true;
	xp_build_id_set(&id, image->build_id, image->build_id_len);
	xp_build_id_hex(&id, hex);
	return strlen(want) >= 4 && !strncmp(hex, want, strlen(want));
}

static bool symbol_is(const struct xp_symbol *s, const char *want)
{
	uint64_t addr;
	char *end;

	if (strncmp(want, "0x", 2))
		return !strcmp(s->name, want);
	addr = strtoull(want, &end, 16);
	return !*end && s->start <= addr && addr < s->end;
}

static bool keep(struct pass *x, const struct xp_image *image, const struct xp_symbol *symbol)
{
	if (x->nr_known == x->room_known) {
		size_t room = x->room_known ? 2 * x->room_known : 16;
		struct xp_candidate *known = realloc(x->known, room * sizeof(*known));

		if (!known)
			return false;
		x->known = known;
		x->room_known = room;
	}
	x->known[x->nr_known++] = (struct xp_candidate){ .image = image, .symbol = symbol };
	return true;
}

static int compare_known(const void *a, const void *b)
{
	const struct xp_candidate *x = a, *y = b;

	return x->symbol < y->symbol ? -1 : x->symbol > y->symbol;
}

static int find_known(struct pass *x, const struct xp_annotate_wanted *w, struct xp_err *err)
{
	struct xp_nearest near;
	size_t i, j;

	xp_nearest_init(&near, w->symbol);
	for (i = 0; i < x->p->nr_images; i++) {
		const struct xp_image *image = &x->p->images[i];

		for (j = 0; image_is(image, w->image) && j < image->nr_symbols; j++) {
			if (!symbol_is(&image->symbols[j], w->symbol))
				xp_nearest_offer(&near, image->symbols[j].name);
			else if (!keep(x, image, &image->symbols[j]))
				return xp_fail(err, XP_E_NOMEM, "no memory for symbols");
		}
	}
	if (!x->nr_known)
		return xp_fail(err, XP_E_ABSENT, "the profile has no samples of a symbol '%.200s'%s%.100s%s%.200s%s", w->symbol,
			       w->image ? " in an image " : "", w->image ? w->image : "",
			       near.best ? ": did you mean '" : ": 'xprof report' lists those it has",
			       near.best ? near.best : "", near.best ? "'?" : "");
	qsort(x->known, x->nr_known, sizeof(*x->known), compare_known);
	return 0;
}

static const struct xp_candidate *known_of(const struct pass *x, const struct xp_symbol *symbol)
{
	const struct xp_candidate key = { .symbol = symbol };

	return bsearch(&key, x->known, x->nr_known, sizeof(*x->known), compare_known);
}

/* ---- one sample ---- */

static bool add_hit(struct xp_hits *h, const struct xp_hit *hit)
{
	if (h->nr == h->room) {
		size_t room = h->room ? 2 * h->room : 256;
		struct xp_hit *v = realloc(h->v, room * sizeof(*v));

		if (!v)
			return false;
		h->v = v;
		h->room = room;
	}
	h->v[h->nr++] = *hit;
	return true;
}

/* Whose it is at its time, and a hit to count it in if it is meant. False: no memory. */
static bool resolve(struct pass *x, size_t site, const struct xp_site *s, uint64_t tsc)
{
	struct xp_resolution *r = &x->sites[site].r;
	const struct xp_candidate *c;
	struct xp_hit hit;

	if (xp_resolve(x->resolver, s, tsc, r))
		return false;
	x->sites[site].valid = true;
	x->sites[site].hit = 0;
	x->sites[site].taken = r->mode != XP_MODE_IDLE &&
		xp_filter_takes_domain(&x->filter, &xp_resolver_domains(x->resolver)->domains[r->domain]);
	c = x->sites[site].taken && r->symbol ? known_of(x, r->symbol) : NULL;
	if (!c)
		return true;
	hit = (struct xp_hit){ .symbol = (uint32_t)(c - x->known), .domain = r->domain, .address = r->address, .event = s->event };
	if (x->h->nr >= UINT32_MAX - 1 || !add_hit(x->h, &hit))
		return false;
	x->sites[site].hit = (uint32_t)x->h->nr;
	return true;
}

static int count_block(const struct xp_packed *b, void *arg)
{
	struct pass *x = arg;
	size_t i;

	for (i = 0; i < b->nr_sites; i++)
		x->sites[i].valid = false;
	if (b->nr)
		xp_weights_block(&x->weights, b->cpu, b->tsc[0], b->tsc[b->nr - 1]);
	for (i = 0; i < b->nr; i++) {
		size_t site = b->site[i];
		const struct xp_site *s = &b->sites[site];
		const struct xp_resolution *r = &x->sites[site].r;
		uint64_t weight;

		if ((!x->sites[site].valid || b->tsc[i] < r->from || b->tsc[i] >= r->to) && !resolve(x, site, s, b->tsc[i]))
			return XP_E_NOMEM;
		if (!x->sites[site].taken)
			continue;
		weight = xp_weight_at(&x->weights, s->event, b->tsc[i]);
		x->h->busy[s->event] += weight;
		if (s->event >= x->h->nr_events)
			x->h->nr_events = s->event + 1u;
		if (x->sites[site].hit) {
			x->h->v[x->sites[site].hit - 1].samples++;
			x->h->v[x->sites[site].hit - 1].weight += weight;
		}
	}
	return 0;
}

/* ---- the sums ---- */

static int compare_hits(const void *a, const void *b)
{
	const struct xp_hit *x = a, *y = b;

	if (x->symbol != y->symbol)
		return x->symbol < y->symbol ? -1 : 1;
	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->event < y->event ? -1 : x->event > y->event;
}

/* Another domain's name behind those that are there, or "…" behind as many as there is room for. */
static void add_domain(char *text, size_t size, const char *name)
{
	size_t used = strlen(text);

	if (used + strlen(name) + 8 < size)
		snprintf(text + used, size - used, "%s%s", used ? ", " : "", name);
	else if (!strstr(text, "…"))
		snprintf(text + used, size - used, "…");
}

static bool note_domains(struct pass *x)
{
	const struct xp_domain_index *domains = xp_resolver_domains(x->resolver);
	bool *seen = calloc(x->nr_known, domains->nr ? domains->nr : 1);
	size_t i;

	for (i = 0; seen && i < x->h->nr; i++) {
		const struct xp_hit *hit = &x->h->v[i];
		bool *mine = &seen[hit->symbol * domains->nr + hit->domain];
		struct xp_candidate *c = &x->known[hit->symbol];

		c->samples += hit->samples;
		if (!*mine)
			add_domain(c->domains, sizeof(c->domains), domains->domains[hit->domain].name);
		*mine = true;
	}
	free(seen);
	return seen != NULL;
}

static void merge(struct xp_hits *h)
{
	size_t i, nr = 0;

	if (h->nr)
		qsort(h->v, h->nr, sizeof(*h->v), compare_hits);
	for (i = 0; i < h->nr; i++) {
		if (nr && !compare_hits(&h->v[nr - 1], &h->v[i])) {
			h->v[nr - 1].samples += h->v[i].samples;
			h->v[nr - 1].weight += h->v[i].weight;
		} else {
			h->v[nr++] = h->v[i];
		}
	}
	h->nr = nr;
}

static int compare_candidates(const void *a, const void *b)
{
	const struct xp_candidate *x = a, *y = b;

	if (x->samples != y->samples)
		return x->samples > y->samples ? -1 : 1;
	return x->symbol < y->symbol ? -1 : x->symbol > y->symbol;
}

static void take_candidates(struct pass *x)
{
	struct xp_hits *h = x->h;
	size_t i, nr = 0;

	for (i = 0; i < h->nr; i++) {
		struct xp_candidate *c = &x->known[h->v[i].symbol];

		if (!c->nr)
			c->first = i;
		c->nr++;
	}
	for (i = 0; i < x->nr_known; i++)
		if (x->known[i].nr)
			x->known[nr++] = x->known[i];
	qsort(x->known, nr, sizeof(*x->known), compare_candidates);
	h->candidates = x->known;
	h->nr_candidates = nr;
	x->known = NULL;
}

static int run(struct pass *x, const struct xp_annotate_wanted *w, struct xp_err *err)
{
	int rc = find_known(x, w, err);

	if (!rc)
		rc = xp_resolver_new(&x->resolver, x->p, err);
	if (rc)
		return rc;
	xp_weights_init(&x->weights, x->p);
	xp_fail(err, XP_E_NOMEM, "no memory to count samples"); /* count_block() has no text of its own */
	rc = xp_profile_each_packed(x->p, count_block, x, err);
	if (rc)
		return rc;
	if (!note_domains(x))
		return xp_fail(err, XP_E_NOMEM, "no memory to count samples");
	merge(x->h);
	take_candidates(x);
	if (!x->h->nr_candidates)
		return xp_fail(err, XP_E_ABSENT, "'%.200s' has no samples in the domains that were asked for", w->symbol);
	return 0;
}

int xp_hits_find(struct xp_hits *h, struct xp_profile *p, const struct xp_annotate_wanted *w, struct xp_err *err)
{
	struct pass *x = calloc(1, sizeof(*x));
	int rc;

	*h = (struct xp_hits){ .nr_events = p->nr_events ? p->nr_events : 1 };
	if (!x)
		return xp_fail(err, XP_E_NOMEM, "no memory to count samples");
	x->h = h;
	x->p = p;
	x->filter = (struct xp_filter){ .domains = w->domains, .nr_domains = w->nr_domains };
	rc = run(x, w, err);
	xp_resolver_free(x->resolver);
	free(x->known);
	free(x);
	return rc;
}

void xp_hits_release(struct xp_hits *h)
{
	free(h->candidates);
	free(h->v);
	*h = (struct xp_hits){ 0 };
}
