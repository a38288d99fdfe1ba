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

struct xp_row_table {
	struct xp_row_key *keys; /* of each row, in order of appearance */
	uint64_t *counts;        /* nr_events of each row */
	size_t nr, cap, nr_events;
	size_t nr_addresses;     /* rows with an address of their own */
	uint32_t *slots;         /* row + 1 */
	size_t mask;
};

int xp_row_table_init(struct xp_row_table *t, size_t nr_events, struct xp_err *err);
void xp_row_table_release(struct xp_row_table *t);

/* From now on there are so many events. False: no memory. */
bool xp_row_table_widen(struct xp_row_table *t, size_t nr_events);

/* The row of key, made if there is none; its counts. NULL: no memory. The pointer lives until the next call. */
uint64_t *xp_row_table_counts(struct xp_row_table *t, struct xp_row_key *key);

#endif
