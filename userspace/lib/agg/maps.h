/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an owner (Xen, a kernel, a process) has mapped at an address at a time.
 *
 * The newest map at or before the time that covers the address; if there is
 * none, the oldest after it: maps are learnt a little late. Only maps of the
 * owner's present life count (tasks.h); the caller says from when to when.
 */
#ifndef XP_AGG_MAPS_H
#define XP_AGG_MAPS_H

#include "lib/agg/agg.h"

struct xp_map_index {
	struct xp_map *maps;    /* by domid, tgid, start */
	uint64_t *reach;        /* the highest end of this map and those of its owner before it */
	size_t nr;
};

struct xp_map_range { size_t first, last; }; /* last exclusive */

int xp_map_index_init(struct xp_map_index *x, const struct xp_profile *p, struct xp_err *err);
void xp_map_index_release(struct xp_map_index *x);

struct xp_map_range xp_maps_of(const struct xp_map_index *x, uint16_t domid, uint32_t tgid);

/* Of maps made in [born, died). NULL: none. The answer holds in [*from, *to). */
const struct xp_map *xp_map_at(const struct xp_map_index *x, struct xp_map_range range, uint64_t addr,
			       uint64_t tsc, uint64_t born, uint64_t died, uint64_t *from, uint64_t *to);

/*
 * The symbol of the image that holds addr, or NULL. Sites of a block come in the order of their addresses, so the answer is
 * often that of the question before, or soon behind it, where it is looked for first. *below, for each image: how many
 * symbols started below that; 0 at first.
 */
const struct xp_symbol *xp_symbol_at(const struct xp_image *image, uint64_t addr, size_t *below);

#endif
