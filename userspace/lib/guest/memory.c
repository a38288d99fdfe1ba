// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/guest/memory.h"

#include <string.h>

/* A page table's entry [Intel SDM vol. 3A, 4.5, tables 4-14 to 4-20; AMD APM vol. 2, 5.3]. */
#define PRESENT    0x1ull
#define WRITABLE   0x2ull
#define LARGE      0x80ull
#define NO_EXECUTE (1ull << 63)
#define FRAME(entry) ((entry) >> 12 & 0xffffffffffull)

#define LEVEL_BITS 9u

void xp_gmemory_init(struct xp_gmemory *m, const struct xp_gframes *frames, uint64_t root, unsigned int levels)
{
	memset(m, 0, sizeof(*m));
	m->frames = frames;
	m->root = root;
	m->levels = levels;
}

/*
 * From the cache, or in place of what was not used for longest. (By a hash the tables of one walk could have one place
 * among them: each would be read again for each page, by hypercall.)
 */
static const struct xp_gtable *table_at(struct xp_gmemory *m, uint64_t frame)
{
	struct xp_gtable *t = &m->cache[0];
	bool bad = false;

	for (size_t i = 0; i < XP_GCACHE; i++) {
		if (m->cache[i].used && m->cache[i].frame == frame) {
			m->cache[i].used = ++m->uses;
			return &m->cache[i];
		}
		if (m->cache[i].used < t->used)
			t = &m->cache[i];
	}
	m->frames->read(m->frames->arg, &frame, 1, (uint8_t *)t->entry, &bad);
	t->frame = frame;
	t->used = bad ? 0 : ++m->uses;
	return bad ? NULL : t;
}

/* Bits of the address that one entry of this level (1: of 4 KiB pages) stands for. */
static unsigned int shift_of(unsigned int level)
{
	return 12 + LEVEL_BITS * (level - 1);
}

/*
 * The entry that maps the address, and on which level. False: none does, and *level is that of the entry that says so:
 * all that it stands for is unmapped.
 */
static bool walk(struct xp_gmemory *m, uint64_t address, unsigned int *level, struct xp_gpage *page)
{
	uint64_t frame = m->root;

	page->writable = page->executable = true;
	for (*level = m->levels;; --*level) {
		const struct xp_gtable *table = table_at(m, frame);
		uint64_t entry = table ? table->entry[address >> shift_of(*level) & 511] : 0;

		if (!(entry & PRESENT))
			return false;
		page->writable &= !!(entry & WRITABLE);
		page->executable &= !(entry & NO_EXECUTE);
		frame = FRAME(entry);
		if (*level > 1 && *level < 4 && (entry & LARGE)) {
			uint64_t within = (1ull << (shift_of(*level) - 12)) - 1; /* bit 12 is an attribute of a large page's */

			frame = (frame & ~within) | (address >> 12 & within);
			break;
		}
		if (*level == 1)
			break;
	}
	page->frame = frame;
	return true;
}

bool xp_gmemory_page(struct xp_gmemory *m, uint64_t address, struct xp_gpage *page)
{
	unsigned int level;

	return walk(m, address, &level, page);
}

bool xp_gmemory_next(struct xp_gmemory *m, uint64_t from, uint64_t to, uint64_t *address, struct xp_gpage *page)
{
	unsigned int level;

	while (from < to) {
		uint64_t size;

		if (walk(m, from, &level, page)) {
			*address = from;
			return true;
		}
		size = 1ull << shift_of(level);
		from = (from & -size) + size;
		if (from < size)
			break; /* the end of the address space */
	}
	return false;
}

/* As many pages as are asked for at once. */
static bool read_pages(struct xp_gmemory *m, uint64_t address, size_t nr, uint8_t *pages)
{
	uint64_t frames[XP_GFRAMES_MAX];
	bool mapped[XP_GFRAMES_MAX], bad[XP_GFRAMES_MAX] = { false }, all = true;
	struct xp_gpage page;
	size_t i, k = 0;

	for (i = 0; i < nr; i++) {
		mapped[i] = xp_gmemory_page(m, address + i * XP_GPAGE, &page);
		if (mapped[i])
			frames[k++] = page.frame;
		all &= mapped[i];
	}
	if (k)
		m->frames->read(m->frames->arg, frames, k, pages, bad);
	for (i = 0; i < k; i++)
		all &= !bad[i];
	/* From the last: each page goes to where it belongs, which is not before where it is. */
	for (i = nr; i-- > 0;) {
		if (!mapped[i])
			memset(pages + i * XP_GPAGE, 0, XP_GPAGE);
		else if (--k != i)
			memmove(pages + i * XP_GPAGE, pages + k * XP_GPAGE, XP_GPAGE);
	}
	return all;
}

/* Less than a page: many such reads are of one page. */
static bool read_part(struct xp_gmemory *m, uint64_t address, uint8_t *to, size_t len)
{
	struct xp_gpage page;
	const struct xp_gtable *t = xp_gmemory_page(m, address, &page) ? table_at(m, page.frame) : NULL;

	if (!t)
		memset(to, 0, len);
	else
		memcpy(to, (const uint8_t *)t->entry + address % XP_GPAGE, len);
	return t;
}

bool xp_gmemory_read(struct xp_gmemory *m, uint64_t address, void *buffer, size_t len)
{
	uint8_t *to = buffer;
	bool ok = true;

	while (len) {
		size_t offset = address % XP_GPAGE, some;

		if (offset || len < XP_GPAGE) {
			some = len < XP_GPAGE - offset ? len : XP_GPAGE - offset;
			ok &= read_part(m, address, to, some);
		} else {
			size_t nr = len / XP_GPAGE < XP_GFRAMES_MAX ? len / XP_GPAGE : XP_GFRAMES_MAX;

			some = nr * XP_GPAGE;
			ok &= read_pages(m, address, nr, to);
		}
		to += some;
		address += some;
		len -= some;
	}
	return ok;
}

bool xp_gmemory_u64(struct xp_gmemory *m, uint64_t address, uint64_t *value)
{
	return xp_gmemory_read(m, address, value, sizeof(*value));
}
