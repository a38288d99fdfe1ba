/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/agg/rows.h"

#define FIRST_SLOTS 4096u

int xp_row_table_init(struct xp_row_table *t, size_t nr_events, size_t slices, struct xp_err *err)
{
	memset(t, 0, sizeof(*t));
	t->nr_events = nr_events;
	t->slices = slices;
	t->mask = FIRST_SLOTS - 1;
	t->slots = calloc(FIRST_SLOTS, sizeof(*t->slots));
	return t->slots ? 0 : xp_fail(err, XP_E_NOMEM, "no memory to count samples");
}

void xp_row_table_release(struct xp_row_table *t)
{
	while (t->nr_parts)
		free(t->part[--t->nr_parts]);
	free(t->part);
	free(t->slots);
	memset(t, 0, sizeof(*t));
}

uint64_t xp_row_hash(const struct xp_row_key *k)
{
	uint64_t h = ((uint64_t)k->image << 32 | k->symbol) * 0x9e3779b97f4a7c15u;

	h = (h ^ h >> 32 ^ ((uint64_t)k->domain << 32 | k->process)) * 0xc2b2ae3d27d4eb4fu;
	h = (h ^ h >> 29 ^ k->address) * 0x165667b19e3779f9u;
	h = (h ^ h >> 32 ^ ((uint64_t)k->tgid << 32 | (k->mode + k->vcpu * 8))) * 0x9e3779b97f4a7c15u;
	h = (h ^ h >> 32 ^ k->cpu) * 0xc2b2ae3d27d4eb4fu;
	return h ^ h >> 32;
}

/* The slot of key (whose hash is h), or the free one where it would be. */
static uint64_t *find(const struct xp_row_table *t, const struct xp_row_key *key, uint64_t h)
{
	size_t i = xp_row_place(t, h);

	for (; t->slots[i]; i = (i + 1) & t->mask) {
		uint64_t slot = t->slots[i];

		if (slot >> 32 == h >> 32 && !memcmp(&xp_row_entry(t, (uint32_t)slot - 1)->key, key, sizeof(*key)))
			break;
	}
	return &t->slots[i];
}

static uint64_t slot_value(uint64_t h, size_t row)
{
	return h >> 32 << 32 | (row + 1);
}

static bool grow_slots(struct xp_row_table *t)
{
	size_t old = t->mask + 1, i;
	uint64_t *slots = calloc(old * 2, sizeof(*slots)), *from = t->slots;

	if (!slots)
		return false;
	t->slots = slots;
	t->mask = old * 2 - 1;
	for (i = 0; i < old; i++) {
		size_t at = xp_row_place(t, from[i]);

		if (!from[i])
			continue;
		while (slots[at])
			at = (at + 1) & t->mask;
		slots[at] = from[i];
	}
	free(from);
	return true;
}

/* Zeroed when they are used. */
static char *new_part(const struct xp_row_table *t)
{
	size_t size = XP_ROWS_IN_PART * xp_row_entry_size(t), line = 64;

	return aligned_alloc(line, (size + line - 1) / line * line);
}

static bool grow_entries(struct xp_row_table *t)
{
	char **part = realloc(t->part, (t->nr_parts + 1) * sizeof(*part));

	if (!part)
		return false;
	t->part = part;
	t->part[t->nr_parts] = new_part(t);
	t->nr_parts += t->part[t->nr_parts] != NULL;
	return t->nr_parts * XP_ROWS_IN_PART > t->nr;
}

static void widen_entry(const struct xp_row_table *from, const struct xp_row_table *to, size_t i)
{
	struct xp_row_entry *old = xp_row_entry(from, i), *new = xp_row_entry(to, i);
	size_t nr = from->nr_events;

	memset(new, 0, xp_row_entry_size(to));
	new->key = old->key;
	memcpy(new->counts, old->counts, nr * sizeof(*new->counts));
	memcpy(new->counts + to->nr_events, old->counts + nr, nr * sizeof(*new->counts));
	memcpy(xp_row_slices(to, new), xp_row_slices(from, old), nr * from->slices * sizeof(uint32_t));
}

bool xp_row_table_widen(struct xp_row_table *t, size_t nr_events)
{
	struct xp_row_table wide = *t;
	size_t i;

	wide.nr_events = nr_events;
	wide.part = calloc(t->nr_parts + 1, sizeof(*wide.part));
	if (!wide.part)
		return false;
	for (wide.nr_parts = 0; wide.nr_parts < t->nr_parts; wide.nr_parts++) {
		wide.part[wide.nr_parts] = new_part(&wide);
		if (wide.part[wide.nr_parts])
			continue;
		wide.slots = NULL; /* they stay */
		xp_row_table_release(&wide);
		return false;
	}
	for (i = 0; i < t->nr; i++)
		widen_entry(t, &wide, i);
	t->slots = NULL;
	xp_row_table_release(t);
	*t = wide;
	return true;
}

static bool add(struct xp_row_table *t, const struct xp_row_key *key)
{
	struct xp_row_entry *e;

	if (t->nr == t->nr_parts * XP_ROWS_IN_PART && !grow_entries(t))
		return false;
	if ((t->nr + 1) * 4 > t->mask * 3 && !grow_slots(t))
		return false;
	e = xp_row_entry(t, t->nr);
	memset(e, 0, xp_row_entry_size(t));
	e->key = *key;
	t->nr_addresses += key->address <= XP_ADDRESS_LAST;
	return true;
}

uint32_t xp_row_table_find_hashed(struct xp_row_table *t, struct xp_row_key *key, uint64_t h)
{
	uint64_t *slot = find(t, key, h);

	if (!*slot && key->address <= XP_ADDRESS_LAST && t->nr_addresses >= XP_AGG_MAX_ADDRESSES) {
		key->address = XP_ADDRESS_OTHERS;
		h = xp_row_hash(key);
		slot = find(t, key, h);
	}
	if (*slot)
		return (uint32_t)*slot - 1;
	if (!add(t, key))
		return XP_NONE;
	*find(t, key, h) = slot_value(h, t->nr); /* the slots may have moved */
	return (uint32_t)t->nr++;
}

uint32_t xp_row_table_find(struct xp_row_table *t, struct xp_row_key *key)
{
	return xp_row_table_find_hashed(t, key, xp_row_hash(key));
}
