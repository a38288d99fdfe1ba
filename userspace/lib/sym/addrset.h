/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set of (space, ip) pairs: which addresses occur.
 *
 * Open addressing, doubled when two thirds full, never larger than `max`
 * pairs. What a space is, the user says; it must not be 0.
 */
#ifndef XP_SYM_ADDRSET_H
#define XP_SYM_ADDRSET_H

#include <stddef.h>
#include <stdint.h>

struct xp_addr {
	uint64_t space; /* 0: a free slot */
	uint64_t ip;
};

struct xp_addrset {
	struct xp_addr *slots; /* 1 << bits of them */
	unsigned int bits;
	size_t nr, max;
};

enum xp_addrset_result { XP_ADDR_KNOWN = 0, XP_ADDR_NEW = 1, XP_ADDR_NO_ROOM = -1 };

void xp_addrset_init(struct xp_addrset *set, size_t max); /* allocates nothing */
void xp_addrset_release(struct xp_addrset *set);

/* NO_ROOM: max is reached, or memory. The set stays as it was. */
enum xp_addrset_result xp_addrset_add(struct xp_addrset *set, uint64_t space, uint64_t ip);

/* All pairs, sorted by space, then ip. NULL: no memory (or nothing in it: *nr is 0). Free with free(). */
struct xp_addr *xp_addrset_sorted(const struct xp_addrset *set, size_t *nr);

/* Sorts by space, then ip. */
void xp_addr_sort(struct xp_addr *addrs, size_t nr);

/* First of the sorted pairs that is not below (space, ip): index, nr if there is none. */
size_t xp_addr_lower_bound(const struct xp_addr *sorted, size_t nr, uint64_t space, uint64_t ip);

#endif
