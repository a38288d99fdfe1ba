// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/store.h"

bool xp_unwind_store_init(struct xp_unwind_store *s, size_t max_bytes)
{
	*s = (struct xp_unwind_store){ .max_bytes = max_bytes };
	s->buckets = calloc(XP_UNWIND_BUCKETS, sizeof(struct xp_unwind_shared *));
	return s->buckets;
}

static void free_shared(struct xp_unwind_shared *x)
{
	xp_unwind_table_release(&x->table);
	free(x);
}

void xp_unwind_store_release(struct xp_unwind_store *s)
{
	size_t i;

	for (i = 0; s->buckets && i < XP_UNWIND_BUCKETS; i++) {
		while (s->buckets[i]) {
			struct xp_unwind_shared *x = s->buckets[i];

			s->buckets[i] = x->next;
			free_shared(x);
		}
	}
	free(s->buckets);
	*s = (struct xp_unwind_store){ 0 };
}

static size_t cut(size_t len)
{
	return len < XP_UNWIND_KEY_MAX ? len : XP_UNWIND_KEY_MAX;
}

static struct xp_unwind_shared **bucket_of(const struct xp_unwind_store *s, const void *key, size_t len)
{
	const uint8_t *b = key;
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ b[i]) * 16777619u;
	return &s->buckets[h % XP_UNWIND_BUCKETS];
}

static size_t bytes_of(const struct xp_unwind_shared *x)
{
	return sizeof(*x) + x->table.room * sizeof(*x->table.rules);
}

/* ---- those without users, the oldest first ---- */

static void unlink_idle(struct xp_unwind_store *s, struct xp_unwind_shared *x)
{
	*(x->older ? &x->older->newer : &s->oldest) = x->newer;
	*(x->newer ? &x->newer->older : &s->newest) = x->older;
	x->older = x->newer = NULL;
}

static void link_idle(struct xp_unwind_store *s, struct xp_unwind_shared *x)
{
	x->older = s->newest;
	*(s->newest ? &s->newest->newer : &s->oldest) = x;
	s->newest = x;
}

static void drop_oldest(struct xp_unwind_store *s)
{
	struct xp_unwind_shared *x = s->oldest, **link = bucket_of(s, x->key, x->key_len);

	unlink_idle(s, x);
	while (*link != x)
		link = &(*link)->next;
	*link = x->next;
	s->bytes -= bytes_of(x);
	s->nr--;
	free_shared(x);
}

/* ---- ---- */

struct xp_unwind_shared *xp_unwind_store_get(struct xp_unwind_store *s, const void *key, size_t len)
{
	struct xp_unwind_shared *x;

	len = cut(len);
	for (x = len ? *bucket_of(s, key, len) : NULL; x; x = x->next) {
		if (x->key_len != len || memcmp(x->key, key, len))
			continue;
		if (!x->users++)
			unlink_idle(s, x);
		return x;
	}
	return NULL;
}

/* Tables grow by doubling: what is not needed of that goes. */
static void shrink(struct xp_unwind_table *t)
{
	struct xp_rule *rules = t->nr ? realloc(t->rules, t->nr * sizeof(*rules)) : NULL;

	if (!rules)
		return;
	t->rules = rules;
	t->room = t->nr;
}

struct xp_unwind_shared *xp_unwind_store_add(struct xp_unwind_store *s, const void *key, size_t len, struct xp_unwind_table *t)
{
	struct xp_unwind_shared *x = calloc(1, sizeof(*x)), **bucket;

	if (!x) {
		xp_unwind_table_release(t);
		return NULL;
	}
	shrink(t);
	x->table = *t;
	xp_unwind_table_init(t, 0);
	while (s->oldest && s->bytes + bytes_of(x) > s->max_bytes)
		drop_oldest(s);
	if (s->bytes + bytes_of(x) > s->max_bytes) {
		s->refused++;
		free_shared(x);
		return NULL;
	}
	x->users = 1;
	x->key_len = (uint8_t)cut(len);
	if (x->key_len)
		memcpy(x->key, key, x->key_len);
	bucket = bucket_of(s, x->key, x->key_len);
	x->next = *bucket;
	*bucket = x;
	s->bytes += bytes_of(x);
	s->nr++;
	return x;
}

void xp_unwind_store_hold(struct xp_unwind_shared *x)
{
	if (x)
		x->users++;
}

void xp_unwind_store_put(struct xp_unwind_store *s, struct xp_unwind_shared *x)
{
	if (x && !--x->users)
		link_idle(s, x);
}
