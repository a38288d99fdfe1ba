// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/addrset.h"

#include <stdbool.h>
#include <stdlib.h>

#define FIRST_BITS 12

void xp_addrset_init(struct xp_addrset *set, size_t max)
{
	*set = (struct xp_addrset){ .max = max };
}

void xp_addrset_release(struct xp_addrset *set)
{
	free(set->slots);
	xp_addrset_init(set, set->max);
}

/* Fibonacci hashing: the high bits of a product depend on all bits of its factors. */
static size_t first_slot(uint64_t space, uint64_t ip, unsigned int bits)
{
	uint64_t h = (ip ^ space * 0xff51afd7ed558ccdULL) * 0x9e3779b97f4a7c15ULL;

	return h >> (64 - bits);
}

/* The slot that holds the pair, or the free one where it belongs. */
static struct xp_addr *find_slot(struct xp_addr *slots, unsigned int bits, uint64_t space, uint64_t ip)
{
	size_t mask = ((size_t)1 << bits) - 1;
	size_t i = first_slot(space, ip, bits);

	while (slots[i].space && (slots[i].space != space || slots[i].ip != ip))
		i = (i + 1) & mask;
	return &slots[i];
}

static bool is_full(const struct xp_addrset *set)
{
	return !set->slots || set->nr >= ((size_t)2 << set->bits) / 3;
}

static bool grow(struct xp_addrset *set)
{
	unsigned int bits = set->slots ? set->bits + 1 : FIRST_BITS;
	struct xp_addr *slots = calloc((size_t)1 << bits, sizeof(*slots));
	size_t i;

	if (!slots)
		return false;
	for (i = 0; set->slots && i < (size_t)1 << set->bits; i++) {
		const struct xp_addr *a = &set->slots[i];

		if (a->space)
			*find_slot(slots, bits, a->space, a->ip) = *a;
	}
	free(set->slots);
	set->slots = slots;
	set->bits = bits;
	return true;
}

enum xp_addrset_result xp_addrset_add(struct xp_addrset *set, uint64_t space, uint64_t ip)
{
	struct xp_addr *slot;

	if (set->slots) {
		slot = find_slot(set->slots, set->bits, space, ip);
		if (slot->space)
			return XP_ADDR_KNOWN;
	}
	if (set->nr >= set->max || (is_full(set) && !grow(set)))
		return XP_ADDR_NO_ROOM;
	slot = find_slot(set->slots, set->bits, space, ip);
	*slot = (struct xp_addr){ space, ip };
	set->nr++;
	return XP_ADDR_NEW;
}

static int compare(const void *a, const void *b)
{
	const struct xp_addr *x = a, *y = b;

	if (x->space != y->space)
		return x->space < y->space ? -1 : 1;
	return x->ip < y->ip ? -1 : x->ip > y->ip;
}

void xp_addr_sort(struct xp_addr *addrs, size_t nr)
{
	if (nr)
		qsort(addrs, nr, sizeof(*addrs), compare);
}

struct xp_addr *xp_addrset_sorted(const struct xp_addrset *set, size_t *nr)
{
	struct xp_addr *sorted;
	size_t i;

	*nr = 0;
	if (!set->nr)
		return NULL;
	sorted = malloc(set->nr * sizeof(*sorted));
	if (!sorted)
		return NULL;
	for (i = 0; i < (size_t)1 << set->bits; i++) {
		if (set->slots[i].space)
			sorted[(*nr)++] = set->slots[i];
	}
	xp_addr_sort(sorted, *nr);
	return sorted;
}

size_t xp_addr_lower_bound(const struct xp_addr *sorted, size_t nr, uint64_t space, uint64_t ip)
{
	struct xp_addr key = { space, ip };
	size_t low = 0;

	while (nr > low) {
		size_t mid = low + (nr - low) / 2;

		if (compare(&sorted[mid], &key) < 0)
			low = mid + 1;
		else
			nr = mid;
	}
	return low;
}
