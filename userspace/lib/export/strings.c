// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/export/strings.h"

#include "lib/base/hash.h"

#define FIRST_SLOTS 1024u

void xp_strings_init(struct xp_strings *s)
{
	*s = (struct xp_strings){ .mask = FIRST_SLOTS - 1 };
	xp_arena_init(&s->arena, SIZE_MAX);
	s->slots = calloc(FIRST_SLOTS, sizeof(*s->slots));
	s->failed = !s->slots;
	xp_strings_add(s, "");
}

void xp_strings_release(struct xp_strings *s)
{
	free(s->v);
	free(s->slots);
	xp_arena_release(&s->arena);
	*s = (struct xp_strings){ 0 };
}

static size_t slot_of(const struct xp_strings *s, const char *text)
{
	size_t i;

	for (i = xp_hash_text(text) & s->mask; s->slots[i] && strcmp(s->v[s->slots[i] - 1], text); i = (i + 1) & s->mask)
		;
	return i;
}

static bool grow(struct xp_strings *s)
{
	size_t nr = (s->mask + 1) * 2, i;
	uint32_t *slots = calloc(nr, sizeof(*slots));

	if (!slots)
		return false;
	free(s->slots);
	s->slots = slots;
	s->mask = nr - 1;
	for (i = 0; i < s->nr; i++)
		s->slots[slot_of(s, s->v[i])] = (uint32_t)i + 1;
	return true;
}

static bool has_room(struct xp_strings *s)
{
	size_t room = s->room ? 2 * s->room : 256;
	const char **v;

	if ((s->nr + 1) * 2 > s->mask && !grow(s))
		return false;
	if (s->nr < s->room)
		return true;
	v = realloc(s->v, room * sizeof(*v));
	if (!v)
		return false;
	s->v = v;
	s->room = room;
	return true;
}

uint32_t xp_strings_add(struct xp_strings *s, const char *text)
{
	size_t slot;

	text = text ? text : "";
	if (s->failed || !has_room(s)) {
		s->failed = true;
		return 0;
	}
	slot = slot_of(s, text);
	if (s->slots[slot])
		return s->slots[slot] - 1;
	s->v[s->nr] = xp_arena_string(&s->arena, text, strlen(text));
	if (!s->v[s->nr]) {
		s->failed = true;
		return 0;
	}
	s->slots[slot] = (uint32_t)++s->nr;
	return (uint32_t)s->nr - 1;
}
