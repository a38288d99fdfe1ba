// SPDX-License-Identifier: GPL-2.0-or-later
/* A process' mappings: the maple tree since 6.1 [include/linux/maple_tree.h], the list before. */
#include "lib/guest/user.h"

#define USER_END (1ull << 56)
#define NODE_BYTES 256u
#define NODES_MAX 2048u /* of one tree */
#define LEAF_SLOTS 16u
#define INNER_SLOTS 10u
#define LEAF_SLOT_AT 16u  /* words from the node's start: parent, 15 pivots, slots */
#define INNER_SLOT_AT 10u /* parent, 9 pivots, slots */
#define DEPTH 8

enum { TYPE_LEAF = 1, TYPE_RANGE = 2, TYPE_ARANGE = 3 };

struct maps {
	const struct xp_guser *u;
	struct xp_gvma *to;
	size_t nr, max;
	unsigned int nodes; /* that may still be read */
};

static bool is_node(uint64_t entry)
{
	return (entry & 3) == 2 && entry > 4096;
}

static bool read_area(const struct xp_guser *u, uint64_t at, struct xp_gvma *v)
{
	const struct xp_guser_layout *l = u->l;
	bool ok = xp_gmemory_u64(u->kernel, at + l->vm_start, &v->start) && xp_gmemory_u64(u->kernel, at + l->vm_end, &v->end) &&
		  xp_gmemory_u64(u->kernel, at + l->vm_flags, &v->flags) && xp_gmemory_u64(u->kernel, at + l->vm_pgoff, &v->offset) &&
		  xp_gmemory_u64(u->kernel, at + l->vm_file, &v->file);

	if (!ok || v->start >= v->end || v->end > USER_END || (v->start | v->end) % XP_GPAGE || v->offset >> 52)
		return false;
	v->offset *= XP_GPAGE;
	return true;
}

/* The tree says which addresses it is: another one has taken its place if it does not say so itself. */
static void add_area(struct maps *maps, uint64_t at, uint64_t first, uint64_t last)
{
	struct xp_gvma v;

	if (at && !(at & 7) && maps->nr < maps->max && read_area(maps->u, at, &v) && v.start == first && v.end - 1 == last)
		maps->to[maps->nr++] = v;
}

/* entry: a node with its type; it stands for [first, last]. */
static void read_node(struct maps *maps, uint64_t entry, uint64_t first, uint64_t last, int depth)
{
	unsigned int type = entry >> 3 & 15;
	unsigned int slots = type == TYPE_ARANGE ? INNER_SLOTS : LEAF_SLOTS;
	unsigned int slot_at = type == TYPE_ARANGE ? INNER_SLOT_AT : LEAF_SLOT_AT;
	uint64_t word[NODE_BYTES / 8];

	if (!depth || !maps->nodes || type < TYPE_LEAF || type > TYPE_ARANGE ||
	    !xp_gmemory_read(maps->u->kernel, entry & ~0xffull, word, sizeof(word)))
		return;
	maps->nodes--;
	for (unsigned int i = 0; i < slots; i++) {
		uint64_t pivot = i + 1 < slots ? word[1 + i] : 0, end = pivot || !i ? pivot : last;

		if (end > last || end < first)
			return;
		if (type == TYPE_LEAF)
			add_area(maps, word[slot_at + i], first, end);
		else if (word[slot_at + i])
			read_node(maps, word[slot_at + i], first, end, depth - 1);
		if (end == last)
			return;
		first = end + 1;
	}
}

static void read_list(struct maps *maps, uint64_t at)
{
	while (at && maps->nr < maps->max && read_area(maps->u, at, &maps->to[maps->nr])) {
		/* in the order of addresses */
		if (maps->nr && maps->to[maps->nr].start < maps->to[maps->nr - 1].end)
			return;
		maps->nr++;
		if (!xp_gmemory_u64(maps->u->kernel, at + maps->u->l->vm_next, &at))
			return;
	}
}

size_t xp_gvmas_read(const struct xp_guser *u, uint64_t mm, struct xp_gvma *to, size_t max)
{
	struct maps maps = { .u = u, .to = to, .max = max, .nodes = NODES_MAX };
	uint64_t first;

	if (!xp_gmemory_u64(u->kernel, mm + u->l->mm_maps, &first))
		return 0;
	if (!u->l->maple)
		read_list(&maps, first);
	else if (is_node(first))
		read_node(&maps, first, 0, ~0ull, DEPTH);
	return maps.nr;
}
