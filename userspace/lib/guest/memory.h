/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's memory, by its virtual addresses: its page tables, walked by us.
 *
 * Everything in it is the guest's, who may change it meanwhile or lie. An
 * address that cannot be read is told so; nothing here loops or grows by what
 * is found.
 */
#ifndef XP_GUEST_MEMORY_H
#define XP_GUEST_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XP_GPAGE 4096u
#define XP_GFRAMES_MAX 256u /* that are asked for at once */

/*
 * Where frames come from.  What a frame number is follows from the guest: what
 * its page tables have (an MFN in a PV guest, a GFN otherwise).
 */
struct xp_gframes {
	void *arg;
	/* Copies nr frames, at most XP_GFRAMES_MAX, one behind the other. One that is not there: zeroes, and bad[i]. */
	void (*read)(void *arg, const uint64_t *frames, size_t nr, uint8_t *pages, bool *bad);
};

#define XP_GCACHE 64u /* pages: of page tables, and of whatever is read in parts */

struct xp_gmemory {
	const struct xp_gframes *frames; /* borrowed */
	uint64_t root;                   /* frame of the top page table */
	unsigned int levels;             /* 4 or 5 */
	uint64_t uses;
	struct xp_gtable {
		uint64_t frame;
		uint64_t used; /* when last; 0: it holds nothing */
		uint64_t entry[XP_GPAGE / 8];
	} cache[XP_GCACHE];
};

void xp_gmemory_init(struct xp_gmemory *m, const struct xp_gframes *frames, uint64_t root, unsigned int levels);

struct xp_gpage {
	uint64_t frame;
	bool writable, executable;
};

/* The page at an address. False: nothing is mapped there, or its tables cannot be read. */
bool xp_gmemory_page(struct xp_gmemory *m, uint64_t address, struct xp_gpage *page);

/* The first mapped page in [from, to), which begin at pages: its address. False: there is none. */
bool xp_gmemory_next(struct xp_gmemory *m, uint64_t from, uint64_t to, uint64_t *address, struct xp_gpage *page);

/* Copies [address, address + len). False: some of it is not there; the buffer has zeroes for that. */
bool xp_gmemory_read(struct xp_gmemory *m, uint64_t address, void *to, size_t len);

bool xp_gmemory_u64(struct xp_gmemory *m, uint64_t address, uint64_t *value);

#endif
