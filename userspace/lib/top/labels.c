// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/top/labels.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hash.h"

void xp_labels_init(struct xp_labels *l)
{
	*l = (struct xp_labels){ 0 };
	xp_arena_init(&l->texts, XP_LABELS_MAX_BYTES);
}

void xp_labels_release(struct xp_labels *l)
{
	free(l->v);
	free(l->table);
	xp_arena_release(&l->texts);
	xp_labels_init(l);
}

/* Each text with its end, so that "a", "bc" is not "ab", "c". */
static uint64_t hash(const struct xp_label *label)
{
	uint64_t h = xp_hash_bytes(XP_HASH_FIRST, label->comm, strlen(label->comm) + 1);

	h = xp_hash_bytes(h, label->image, strlen(label->image) + 1);
	return xp_hash_end(xp_hash_bytes(h, label->symbol, strlen(label->symbol) + 1));
}

static bool is_same(const struct xp_label *a, const struct xp_label *b)
{
	return !strcmp(a->symbol, b->symbol) && !strcmp(a->comm, b->comm) && !strcmp(a->image, b->image);
}

static uint32_t *find(const struct xp_labels *l, const struct xp_label *label)
{
	size_t i = hash(label) & l->mask;

	while (l->table[i] && !is_same(&l->v[l->table[i]], label))
		i = (i + 1) & l->mask;
	return &l->table[i];
}

/* Room for one more, of which 0 is none. */
static bool make_room(struct xp_labels *l)
{
	size_t room = l->room ? 2 * l->room : 256;
	uint32_t *table;
	struct xp_label *v;

	if (l->nr + 1 < l->room)
		return true;
	v = realloc(l->v, room * sizeof(*v));
	if (!v)
		return false;
	l->v = v;
	table = calloc(2 * room, sizeof(*table));
	if (!table)
		return false;
	free(l->table);
	l->table = table;
	l->mask = 2 * room - 1;
	l->room = room;
	for (uint32_t i = 1; i <= l->nr; i++)
		*find(l, &l->v[i]) = i;
	return true;
}

static bool copy(struct xp_labels *l, const char **text)
{
	*text = xp_arena_string(&l->texts, *text, strlen(*text));
	return *text;
}

uint32_t xp_labels_get(struct xp_labels *l, const struct xp_label *label)
{
	struct xp_label own = *label;
	uint32_t *slot;

	if (!make_room(l))
		return 0;
	slot = find(l, label);
	if (*slot)
		return *slot;
	if (!copy(l, &own.comm) || !copy(l, &own.image) || !copy(l, &own.symbol))
		return 0;
	l->v[++l->nr] = own;
	*slot = (uint32_t)l->nr;
	return *slot;
}
