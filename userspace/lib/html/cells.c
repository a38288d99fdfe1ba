// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/html/cells.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 16384u

bool xp_html_cells_init(struct xp_html_cells *c, size_t max)
{
	*c = (struct xp_html_cells){ .max = max, .room = FIRST_ROOM, .mask = 4 * FIRST_ROOM - 1 };
	c->v = malloc(c->room * sizeof(*c->v));
	c->slots = calloc(c->mask + 1, sizeof(*c->slots));
	return c->v && c->slots;
}

void xp_html_cells_release(struct xp_html_cells *c)
{
	free(c->v);
	free(c->slots);
	*c = (struct xp_html_cells){ 0 };
}

static bool same(const struct xp_html_entry *a, const struct xp_html_entry *b)
{
	return a->call == b->call && a->slice == b->slice && a->cpu == b->cpu && a->event == b->event;
}

/* The slot of e's like, or the free one where it would be. */
static uint32_t *find(const struct xp_html_cells *c, const struct xp_html_entry *e)
{
	uint64_t h = ((uint64_t)e->slice << 40 ^ (uint64_t)e->cpu << 32 ^ (uint64_t)e->event << 28 ^ e->call) * 0x9e3779b97f4a7c15u;
	size_t i = (size_t)(h ^ h >> 32) & c->mask;

	while (c->slots[i] && !same(&c->v[c->slots[i] - 1], e))
		i = (i + 1) & c->mask;
	return &c->slots[i];
}

static void put_in(struct xp_html_cells *c, const struct xp_html_entry *e)
{
	uint32_t *slot = find(c, e);

	if (*slot) {
		c->v[*slot - 1].samples += e->samples;
		c->v[*slot - 1].weight += e->weight;
		return;
	}
	c->v[c->nr] = *e;
	*slot = (uint32_t)++c->nr;
}

/* All anew, in slots that are empty. What is read is never behind what is written. */
static void put_all_in(struct xp_html_cells *c)
{
	size_t nr = c->nr, i;

	c->nr = 0;
	for (i = 0; i < nr; i++) {
		struct xp_html_entry e = c->v[i];

		put_in(c, &e);
	}
}

static void halve(struct xp_html_cells *c)
{
	size_t i;

	for (i = 0; i < c->nr; i++)
		c->v[i].slice /= 2;
	c->halvings++;
	memset(c->slots, 0, (c->mask + 1) * sizeof(*c->slots));
	put_all_in(c);
}

static bool grow(struct xp_html_cells *c)
{
	size_t room = 2 * c->room;
	struct xp_html_entry *v = realloc(c->v, room * sizeof(*v));
	uint32_t *slots;

	if (!v)
		return false;
	c->v = v;
	slots = calloc(4 * room, sizeof(*slots));
	if (!slots)
		return false;
	free(c->slots);
	c->slots = slots;
	c->mask = 4 * room - 1;
	c->room = room;
	put_all_in(c);
	return true;
}

bool xp_html_cells_add(struct xp_html_cells *c, const struct xp_html_entry *e)
{
	struct xp_html_entry in = *e;

	while (c->nr >= c->max && c->halvings < XP_HTML_SLICE_BITS)
		halve(c);
	if (c->nr == c->room && !grow(c))
		return false;
	in.slice >>= c->halvings;
	put_in(c, &in);
	return true;
}

static int compare(const void *pa, const void *pb)
{
	const struct xp_html_entry *a = pa, *b = pb;

	if (a->event != b->event)
		return a->event < b->event ? -1 : 1;
	if (a->slice != b->slice)
		return a->slice < b->slice ? -1 : 1;
	if (a->cpu != b->cpu)
		return a->cpu < b->cpu ? -1 : 1;
	return a->call < b->call ? -1 : a->call > b->call;
}

void xp_html_cells_sort(struct xp_html_cells *c)
{
	size_t nr = 0, i;

	qsort(c->v, c->nr, sizeof(*c->v), compare);
	for (i = 0; i < c->nr; i++) {
		if (nr && same(&c->v[nr - 1], &c->v[i])) {
			c->v[nr - 1].samples += c->v[i].samples;
			c->v[nr - 1].weight += c->v[i].weight;
		} else {
			c->v[nr++] = c->v[i];
		}
	}
	c->nr = nr;
}
