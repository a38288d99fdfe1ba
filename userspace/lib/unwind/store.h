/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of rules that address spaces share: the same libc is read once, however
 * many processes have it. Known by a key, which is
 * whatever tells one from another.
 *
 * Bounded in bytes: when there is no room, tables that nobody uses go, the
 * least recently used first; those in use stay, and what is new is refused.
 *
 * Reading a file anew costs as much as reading its table from a disk would (libc: 1 ms), so nothing is
 * kept on one.
 */
#ifndef XP_UNWIND_STORE_H
#define XP_UNWIND_STORE_H

#include "lib/unwind/table.h"

#define XP_UNWIND_KEY_MAX 32u
#define XP_UNWIND_BUCKETS 1024u

struct xp_unwind_shared {
	struct xp_unwind_table table; /* may be empty: there are no rules, and nobody needs to look again */
	uint32_t users;
	uint8_t key_len, key[XP_UNWIND_KEY_MAX];
	struct xp_unwind_shared *next; /* in its bucket */
	struct xp_unwind_shared *older, *newer; /* among those without users */
};

struct xp_unwind_store {
	struct xp_unwind_shared **buckets;
	struct xp_unwind_shared *oldest, *newest;
	size_t bytes, max_bytes;
	size_t nr;
	uint64_t refused; /* tables that found no room */
};

/* False: no memory; *s needs no release then. */
bool xp_unwind_store_init(struct xp_unwind_store *s, size_t max_bytes);
void xp_unwind_store_release(struct xp_unwind_store *s); /* nobody uses any of it any more */

/* A table with one user more. NULL: it is not there (nothing is under a key of length 0). */
struct xp_unwind_shared *xp_unwind_store_get(struct xp_unwind_store *s, const void *key, size_t len);

/*
 * Puts a table under a key that is not there yet, with one user. The table is the store's then, or released:
 * NULL: no room. The key is cut to XP_UNWIND_KEY_MAX bytes; of length 0: nobody else will get it.
 */
struct xp_unwind_shared *xp_unwind_store_add(struct xp_unwind_store *s, const void *key, size_t len, struct xp_unwind_table *t);

/*
 * The table of such bytes (xp_unwind_table_encode(); any may be handed in), its base left out: its rules count from where the code
 * begins, and the caller knows where that is. Shared by what the bytes say, not by build-ids, which are what a kernel or a file says of
 * itself: so no guest's rules are ever taken for another's. With one user more. NULL: they are broken, or there is no room.
 */
struct xp_unwind_shared *xp_unwind_store_share(struct xp_unwind_store *s, const void *rules, size_t len);

/* One user less, or more, of a table that one has. NULL is fine. */
void xp_unwind_store_put(struct xp_unwind_store *s, struct xp_unwind_shared *shared);
void xp_unwind_store_hold(struct xp_unwind_shared *shared);

#endif
