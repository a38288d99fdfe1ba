/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/agg/maps.h"

#include "lib/base/sort.h"

static int compare_owner(const struct xp_map *a, const struct xp_map *b)
{
	if (a->domid != b->domid)
		return a->domid < b->domid ? -1 : 1;
	return a->tgid < b->tgid ? -1 : a->tgid > b->tgid;
}

static int compare(const void *pa, const void *pb)
{
	const struct xp_map *a = pa, *b = pb;
	int c = compare_owner(a, b);

	return c ? c : a->start < b->start ? -1 : a->start > b->start;
}

int xp_map_index_init(struct xp_map_index *x, const struct xp_profile *p, struct xp_err *err)
{
	size_t i;

	x->nr = p->nr_maps;
	x->maps = calloc(x->nr + 1, sizeof(*x->maps));
	x->reach = calloc(x->nr + 1, sizeof(*x->reach));
	if (!x->maps || !x->reach) {
		xp_map_index_release(x);
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu maps", p->nr_maps);
	}
	if (x->nr)
		memcpy(x->maps, p->maps, x->nr * sizeof(*x->maps));
	xp_stable_sort(x->maps, x->nr, sizeof(*x->maps), compare);
	for (i = 0; i < x->nr; i++) {
		x->reach[i] = x->maps[i].end;
		if (i && !compare_owner(&x->maps[i - 1], &x->maps[i]) && x->reach[i - 1] > x->reach[i])
			x->reach[i] = x->reach[i - 1];
	}
	return 0;
}

void xp_map_index_release(struct xp_map_index *x)
{
	free(x->maps);
	free(x->reach);
	memset(x, 0, sizeof(*x));
}

/* The first map that is not before what is wanted. */
static size_t lower_bound(const struct xp_map_index *x, uint16_t domid, uint32_t tgid, uint64_t start)
{
	const struct xp_map wanted = { .domid = domid, .tgid = tgid, .start = start };
	size_t lo = 0, hi = x->nr;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (compare(&x->maps[mid], &wanted) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct xp_map_range xp_maps_of(const struct xp_map_index *x, uint16_t domid, uint32_t tgid)
{
	struct xp_map_range range;

	range.first = lower_bound(x, domid, tgid, 0);
	for (range.last = range.first; range.last < x->nr; range.last++)
		if (x->maps[range.last].domid != domid || x->maps[range.last].tgid != tgid)
			break;
	return range;
}

/* How many maps of the range start at or below addr. */
static size_t starting_below(const struct xp_map_index *x, struct xp_map_range range, uint64_t addr)
{
	size_t lo = range.first, hi = range.last;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (x->maps[mid].start <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct xp_map *xp_map_at(const struct xp_map_index *x, struct xp_map_range range, uint64_t addr,
			       uint64_t tsc, uint64_t born, uint64_t died, uint64_t *from, uint64_t *to)
{
	const struct xp_map *now = NULL, *later = NULL;
	size_t i = starting_below(x, range, addr);

	while (i > range.first && x->reach[i - 1] > addr) {
		const struct xp_map *m = &x->maps[--i];

		if (m->end <= addr || m->tsc < born || m->tsc >= died)
			continue;
		if (m->tsc <= tsc && (!now || m->tsc > now->tsc))
			now = m;
		if (m->tsc > tsc && (!later || m->tsc < later->tsc))
			later = m;
	}
	*from = now ? now->tsc : 0;
	*to = later ? later->tsc : UINT64_MAX;
	return now ? now : later;
}

/* How many symbols start at or below addr. */
static size_t symbols_below(const struct xp_image *image, uint64_t addr)
{
	size_t lo = 0, hi = image->nr_symbols;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (image->symbols[mid].start <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

#define NEAR 8u /* symbols that are looked at before all are searched */

const struct xp_symbol *xp_symbol_at(const struct xp_image *image, uint64_t addr, size_t *below)
{
	const struct xp_symbol *s = image->symbols;
	size_t most = *below + NEAR < image->nr_symbols ? *below + NEAR : image->nr_symbols;

	if (!*below || s[*below - 1].start > addr) {
		*below = symbols_below(image, addr);
	} else {
		while (*below < most && s[*below].start <= addr)
			++*below;
		if (*below < image->nr_symbols && s[*below].start <= addr)
			*below = symbols_below(image, addr);
	}
	return *below && addr < s[*below - 1].end ? &s[*below - 1] : NULL;
}
