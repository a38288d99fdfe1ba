/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/agg/rows.h"

#define FIRST_SLOTS 4096u

int xp_row_table_init(struct xp_row_table *t, size_t nr_events, struct xp_err *err)
{
	memset(t, 0, sizeof(*t));
	t->nr_events = nr_events;
	t->mask = FIRST_SLOTS - 1;
	t->slots = calloc(FIRST_SLOTS, sizeof(*t->slots));
	return t->slots ? 0 : xp_fail(err, XP_E_NOMEM, "no memory to count samples");
}

void xp_row_table_release(struct xp_row_table *t)
{
	free(t->keys);
	free(t->counts);
	free(t->slots);
	memset(t, 0, sizeof(*t));
}

static size_t hash(const struct xp_row_key *k)
{
	uint64_t h = ((uint64_t)k->image << 32 | k->symbol) * 0x9e3779b97f4a7c15u;

	h = (h ^ h >> 32 ^ ((uint64_t)k->domain << 32 | k->process)) * 0xc2b2ae3d27d4eb4fu;
	h = (h ^ h >> 29 ^ k->address) * 0x165667b19e3779f9u;
	h = (h ^ h >> 32 ^ ((uint64_t)k->tgid << 32 | (k->mode + k->vcpu * 8))) * 0x9e3779b97f4a7c15u;
	h = (h ^ h >> 32 ^ k->cpu) * 0xc2b2ae3d27d4eb4fu;
	return (size_t)(h >> 20);
}

/* The slot of key, or the free one where it would be. */
static uint32_t *find(const struct xp_row_table *t, const struct xp_row_key *key)
{
	size_t i = hash(key) & t->mask;

	while (t->slots[i] && memcmp(&t->keys[t->slots[i] - 1], key, sizeof(*key)))
		i = (i + 1) & t->mask;
	return &t->slots[i];
}

static bool grow_slots(struct xp_row_table *t)
{
	size_t nr_slots = (t->mask + 1) * 2, i;
	uint32_t *slots = calloc(nr_slots, sizeof(*slots));

	if (!slots)
		return false;
	free(t->slots);
	t->slots = slots;
	t->mask = nr_slots - 1;
	for (i = 0; i < t->nr; i++)
		*find(t, &t->keys[i]) = (uint32_t)i + 1;
	return true;
}

static bool grow_rows(struct xp_row_table *t)
{
	size_t cap = t->cap ? t->cap * 2 : 1024;
	struct xp_row_key *keys = realloc(t->keys, cap * sizeof(*keys));
	uint64_t *counts;

	if (!keys)
		return false;
	t->keys = keys;
	counts = realloc(t->counts, cap * t->nr_events * sizeof(*counts));
	if (!counts)
		return false;
	t->counts = counts;
	t->cap = cap;
	return true;
}

bool xp_row_table_widen(struct xp_row_table *t, size_t nr_events)
{
	uint64_t *counts = calloc(t->cap ? t->cap * nr_events : 1, sizeof(*counts));
	size_t i;

	if (!counts)
		return false;
	for (i = 0; i < t->nr; i++)
		memcpy(&counts[i * nr_events], &t->counts[i * t->nr_events], t->nr_events * sizeof(*counts));
	free(t->counts);
	t->counts = counts;
	t->nr_events = nr_events;
	return true;
}

static bool add(struct xp_row_table *t, uint32_t *slot, const struct xp_row_key *key)
{
	if (t->nr == t->cap && !grow_rows(t))
		return false;
	t->keys[t->nr] = *key;
	memset(&t->counts[t->nr * t->nr_events], 0, t->nr_events * sizeof(*t->counts));
	*slot = (uint32_t)++t->nr;
	t->nr_addresses += key->address < XP_ADDRESS_OTHERS;
	return t->nr * 2 <= t->mask || grow_slots(t);
}

uint64_t *xp_row_table_counts(struct xp_row_table *t, struct xp_row_key *key)
{
	uint32_t *slot = find(t, key);

	if (!*slot && key->address < XP_ADDRESS_OTHERS && t->nr_addresses >= XP_AGG_MAX_ADDRESSES) {
		key->address = XP_ADDRESS_OTHERS;
		slot = find(t, key);
	}
	if (!*slot) {
		if (!add(t, slot, key))
			return NULL;
		return &t->counts[(t->nr - 1) * t->nr_events];
	}
	return &t->counts[(*slot - 1) * t->nr_events];
}
