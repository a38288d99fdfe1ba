// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables that come as bytes, from a reader of a guest's memory say. */
#include <nettle/sha2.h>

#include "lib/unwind/store.h"

struct xp_unwind_shared *xp_unwind_store_share(struct xp_unwind_store *store, const void *rules, size_t len)
{
	const uint8_t *bytes = rules;
	struct xp_unwind_shared *shared;
	uint8_t key[SHA256_DIGEST_SIZE];
	struct sha256_ctx sha;
	struct xp_unwind_table t;
	struct xp_err ignored;

	if (len < XP_UNWIND_TABLE_HEAD)
		return NULL;
	sha256_init(&sha);
	sha256_update(&sha, len - XP_UNWIND_TABLE_HEAD, bytes + XP_UNWIND_TABLE_HEAD);
	sha256_digest(&sha, sizeof(key), key);
	shared = xp_unwind_store_get(store, key, sizeof(key));
	if (shared || xp_unwind_table_decode(&t, bytes, len, &ignored))
		return shared;
	t.base = 0;
	return xp_unwind_store_add(store, key, sizeof(key), &t);
}
