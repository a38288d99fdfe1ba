// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/guest/gfile.h"

#include <string.h>

#define SLOTS 64u        /* of a node [include/linux/xarray.h] */
#define FOLIO_MAX (1u << 18) /* pages */

bool xp_gfile_find(const struct xp_guser *u, uint64_t file, struct xp_gfile_key *key, uint64_t *mapping)
{
	const struct xp_guser_layout *l = u->l;
	struct xp_gmemory *m = u->kernel;
	uint64_t sb;

	memset(key, 0, sizeof(*key));
	return xp_gmemory_u64(m, file + l->file_inode, &key->inode) && key->inode &&
	       xp_gmemory_u64(m, key->inode + l->i_mapping, mapping) && xp_gmemory_u64(m, key->inode + l->i_ino, &key->ino) &&
	       xp_gmemory_u64(m, key->inode + l->i_size, &key->size) && xp_gmemory_u64(m, key->inode + l->i_sb, &sb) &&
	       xp_gmemory_read(m, sb + l->s_dev, &key->dev, sizeof(key->dev)) &&
	       xp_gmemory_read(m, key->inode + l->i_generation, &key->generation, sizeof(key->generation)) && !(key->size >> 48);
}

/* ---- the page cache ------------------------------------------------------*/

static bool is_node(uint64_t entry)
{
	return (entry & 3) == 2 && entry > 4096;
}

/* The slot of a node, whose entry may stand for several (a sibling says which is meant). */
static bool slot(const struct xp_guser *u, uint64_t node, uint64_t i, uint64_t *entry)
{
	if (!xp_gmemory_u64(u->kernel, node + u->l->xa_slots + 8 * i, entry))
		return false;
	if ((*entry & 3) == 2 && *entry >> 2 < SLOTS)
		return xp_gmemory_u64(u->kernel, node + u->l->xa_slots + 8 * (*entry >> 2), entry);
	return true;
}

/* The struct page (the first of its folio) in which the file's page `index` lies. 0: it is not in memory. */
static uint64_t cached(const struct xp_gfile *f, uint64_t index)
{
	const struct xp_guser *u = f->u;
	unsigned int last = 64;
	uint64_t entry;

	if (!f->mapping || !xp_gmemory_u64(u->kernel, f->mapping + u->l->xa_head, &entry))
		return 0;
	if (!is_node(entry))
		return index || (entry & 3) ? 0 : entry;
	while (is_node(entry)) {
		uint64_t node = entry & ~3ull;
		uint8_t shift;

		/* (each node below has a smaller one: this ends) */
		if (!xp_gmemory_read(u->kernel, node + u->l->xa_shift, &shift, 1) || shift >= last || shift > 58 ||
		    (last == 64 && shift + 6 < 64 && index >> (shift + 6)))
			return 0;
		last = shift;
		if (!slot(u, node, index >> shift & (SLOTS - 1), &entry))
			return 0;
	}
	return entry & 3 ? 0 : entry; /* a value is swapped out */
}

static bool cached_frame(const struct xp_gfile *f, uint64_t index, uint64_t *frame)
{
	const struct xp_guser *u = f->u;
	uint64_t page = cached(f, index), first, number;
	struct xp_gpage at;

	if (!page || !xp_gmemory_u64(u->kernel, page + u->l->page_index, &first) || first > index || index - first >= FOLIO_MAX ||
	    page < u->vmemmap || (page - u->vmemmap) % u->l->page_bytes)
		return false;
	number = (page - u->vmemmap) / u->l->page_bytes + (index - first);
	if (number >> 40 || !xp_gmemory_page(u->kernel, u->page_offset + number * XP_GPAGE, &at))
		return false;
	*frame = at.frame;
	return true;
}

/* ---- what the process maps -----------------------------------------------*/

/* A mapping that can be written may differ from the file. */
static bool mapped_frame(const struct xp_gfile *f, uint64_t offset, uint64_t *frame)
{
	for (size_t i = 0; i < f->nr_maps; i++) {
		const struct xp_gvma *v = &f->maps[i];
		struct xp_gpage page;

		if (v->file != f->file || (v->flags & XP_GVM_WRITE) || offset < v->offset || offset - v->offset >= v->end - v->start ||
		    !xp_gmemory_page(f->user, v->start + (offset - v->offset), &page))
			continue;
		*frame = page.frame;
		return true;
	}
	return false;
}

/* ---- bytes ---------------------------------------------------------------*/

/* nr pages from a page on, into a place for XP_GFRAMES_MAX. */
static bool read_pages(const struct xp_gfile *f, uint64_t index, size_t nr, uint8_t *pages)
{
	const struct xp_gframes *source = f->u->kernel->frames;
	uint64_t frames[XP_GFRAMES_MAX];
	bool bad[XP_GFRAMES_MAX];

	for (size_t i = 0; i < nr; i++) {
		if (!cached_frame(f, index + i, &frames[i]) && !mapped_frame(f, (index + i) * XP_GPAGE, &frames[i]))
			return false;
	}
	source->read(source->arg, frames, nr, pages, bad);
	for (size_t i = 0; i < nr; i++)
		if (bad[i])
			return false;
	return true;
}

bool xp_gfile_read(const struct xp_gfile *f, uint64_t offset, void *to, size_t len)
{
	static uint8_t pages[XP_GFRAMES_MAX * XP_GPAGE]; /* (too large for a stack) */
	uint8_t *at = to;

	if (offset > f->size || len > f->size - offset || len > *f->budget)
		return false;
	*f->budget -= len;
	while (len) {
		size_t skip = offset % XP_GPAGE, some = sizeof(pages) - skip;

		some = len < some ? len : some;
		if (!read_pages(f, offset / XP_GPAGE, (skip + some + XP_GPAGE - 1) / XP_GPAGE, pages))
			return false;
		memcpy(at, pages + skip, some);
		at += some;
		offset += some;
		len -= some;
	}
	return true;
}
