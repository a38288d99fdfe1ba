/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows by key: an open-addressing hash, the keys as numbers. */
#ifndef XP_AGG_ROWS_H
#define XP_AGG_ROWS_H

#include "lib/agg/agg.h"

/* What tells rows apart; what is no key is the same number everywhere. */
struct xp_row_key {
	uint32_t domain, vcpu, cpu, mode;
	uint32_t process;       /* of comm: a number per name; of pid: XP_NONE */
	uint32_t tgid;
	uint32_t image;
	uint32_t symbol;        /* index in the image; XP_NONE: unresolved */
	uint64_t address;       /* unresolved and told apart; XP_ADDRESS_* else */
};
#define XP_ADDRESS_NONE   UINT64_MAX        /* not told apart */
#define XP_ADDRESS_OTHERS (UINT64_MAX - 1)  /* there were too many */
#define XP_ADDRESS_CUT    (UINT64_MAX - 2)  /* no address: who called where a chain ends early */
#define XP_ADDRESS_LAST   (UINT64_MAX - 3)  /* a higher one is no address */

/* A row as it lies in the table: its counts are beside its key, for the cache's sake. */
struct xp_row_entry {
	struct xp_row_key key;
	uint64_t counts[];       /* nr_events of them, then as many weights, then slices of each event (32 bits each) */
};

#define XP_ROWS_IN_PART 4096u

struct xp_row_table {
	char **part;             /* entries in order of appearance, XP_ROWS_IN_PART in each; in lines of the cache */
	size_t nr, nr_parts, nr_events, slices;
	size_t nr_addresses;     /* rows with an address of their own */
	uint64_t *slots;         /* 32 bits of the hash, which its place is made of, too; then row + 1 */
	size_t mask;
};

static inline size_t xp_row_entry_size(const struct xp_row_table *t)
{
	return sizeof(struct xp_row_entry) + (2 * t->nr_events + (t->slices * t->nr_events + 1) / 2) * sizeof(uint64_t);
}

static inline struct xp_row_entry *xp_row_entry(const struct xp_row_table *t, size_t i)
{
	return (struct xp_row_entry *)(void *)(t->part[i / XP_ROWS_IN_PART] + i % XP_ROWS_IN_PART * xp_row_entry_size(t));
}

static inline uint32_t *xp_row_slices(const struct xp_row_table *t, struct xp_row_entry *e)
{
	return (uint32_t *)(void *)(e->counts + 2 * t->nr_events);
}

/* slices: how many parts of time each event's samples are counted in, too; 0: none. */
int xp_row_table_init(struct xp_row_table *t, size_t nr_events, size_t slices, struct xp_err *err);
void xp_row_table_release(struct xp_row_table *t);

/* From now on there are so many events. False: no memory. */
bool xp_row_table_widen(struct xp_row_table *t, size_t nr_events);

/* The row of key, made if there is none: its index. XP_NONE: no memory. *key may become that of the other addresses. */
uint32_t xp_row_table_find(struct xp_row_table *t, struct xp_row_key *key);

/*
 * The same in steps, for whoever has many keys at hand: the table is larger than the cache, and waiting for one row at a
 * time is what counting takes longest at. First all slots are asked for, then all rows, then they are found.
 */
uint64_t xp_row_hash(const struct xp_row_key *key);
uint32_t xp_row_table_find_hashed(struct xp_row_table *t, struct xp_row_key *key, uint64_t hash);

/* Where a slot is looked for first, by the hash or by what it holds. */
static inline size_t xp_row_place(const struct xp_row_table *t, uint64_t hash)
{
	return (size_t)(hash >> 32) & t->mask;
}

static inline void xp_row_ask_slot(const struct xp_row_table *t, uint64_t hash)
{
	__builtin_prefetch(&t->slots[xp_row_place(t, hash)]);
}

static inline void xp_row_ask_row(const struct xp_row_table *t, uint64_t hash)
{
	uint64_t slot = t->slots[xp_row_place(t, hash)];
	const char *entry;

	if (!slot)
		return;
	entry = (const char *)xp_row_entry(t, (uint32_t)slot - 1);
	__builtin_prefetch(entry);
	__builtin_prefetch(entry + 64);
	if (t->slices)
		__builtin_prefetch(entry + 128);
}

#endif
