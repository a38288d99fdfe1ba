// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/space.h"

#define BUCKETS 16384u
#define LOOK_BACK 256u /* mappings that are searched for a repetition: bounds what a JIT costs */

bool xp_spaces_init(struct xp_spaces *s, size_t max_maps)
{
	*s = (struct xp_spaces){ .max_maps = max_maps };
	s->buckets = calloc(BUCKETS, sizeof(struct xp_space *));
	return s->buckets;
}

static void free_space(struct xp_space *space)
{
	free(space->maps);
	free(space->roots);
	free(space);
}

void xp_spaces_release(struct xp_spaces *s)
{
	size_t i;

	for (i = 0; s->buckets && i < BUCKETS; i++) {
		while (s->buckets[i]) {
			struct xp_space *space = s->buckets[i];

			s->buckets[i] = space->next;
			free_space(space);
		}
	}
	free(s->buckets);
	*s = (struct xp_spaces){ 0 };
}

struct xp_space *xp_spaces_find(const struct xp_spaces *s, uint32_t tgid)
{
	struct xp_space *space = s->buckets[tgid % BUCKETS];

	while (space && space->tgid != tgid)
		space = space->next;
	return space;
}

struct xp_space *xp_spaces_get(struct xp_spaces *s, uint32_t tgid)
{
	struct xp_space *space = xp_spaces_find(s, tgid);

	if (space)
		return space;
	space = calloc(1, sizeof(*space));
	if (!space)
		return NULL;
	space->tgid = tgid;
	space->next = s->buckets[tgid % BUCKETS];
	s->buckets[tgid % BUCKETS] = space;
	return space;
}

void xp_spaces_each(const struct xp_spaces *s, void (*fn)(struct xp_space *space, void *arg), void *arg)
{
	struct xp_space *space;
	size_t i;

	for (i = 0; i < BUCKETS; i++) {
		for (space = s->buckets[i]; space; space = space->next)
			fn(space, arg);
	}
}

static bool covers(const struct xp_mapping *m, const struct xp_mapping *n)
{
	return m->start < n->end && n->start < m->end;
}

static bool is_same(const struct xp_mapping *m, const struct xp_mapping *n)
{
	return m->start == n->start && m->end == n->end && m->offset == n->offset && m->image == n->image;
}

/* The same mapping is there and nothing newer covers it. */
static bool is_on_top(const struct xp_space *space, const struct xp_mapping *map)
{
	size_t i, looked;

	for (i = space->nr_maps, looked = 0; i > space->gen && looked < LOOK_BACK; i--, looked++) {
		if (covers(&space->maps[i - 1], map))
			return is_same(&space->maps[i - 1], map);
	}
	return false;
}

static bool has_room(struct xp_spaces *s, struct xp_space *space)
{
	size_t room = space->room_maps ? 2 * space->room_maps : 8;
	struct xp_mapping *maps;

	if (s->nr_maps >= s->max_maps || space->nr_maps >= XP_SPACE_MAX_MAPS)
		return false;
	if (space->nr_maps < space->room_maps)
		return true;
	maps = realloc(space->maps, room * sizeof(*maps));
	if (!maps)
		return false;
	space->maps = maps;
	space->room_maps = room;
	return true;
}

void xp_space_map(struct xp_spaces *s, struct xp_space *space, const struct xp_mapping *map)
{
	if (is_on_top(space, map))
		return;
	if (!has_room(s, space)) {
		s->lost_maps++;
		return;
	}
	space->maps[space->nr_maps] = *map;
	space->maps[space->nr_maps++].born = space->born;
	s->nr_maps++;
}

void xp_space_fork(struct xp_spaces *s, struct xp_space *space, const struct xp_space *parent, uint64_t tsc)
{
	size_t i;

	xp_space_exec(space, tsc);
	for (i = parent ? parent->gen : 0; parent && parent != space && i < parent->nr_maps; i++) {
		struct xp_mapping map = parent->maps[i];

		map.tsc = tsc;
		xp_space_map(s, space, &map);
	}
}

/*
 * /proc/PID/maps may have been read after this exec, before we heard of it:
 * then what was read is the new program's, but only from now on.
 */
static bool was_read_later(const struct xp_space *space, uint64_t tsc)
{
	return space->read_tsc && tsc <= space->read_tsc;
}

void xp_space_exec(struct xp_space *space, uint64_t tsc)
{
	size_t i;

	space->born = tsc;
	if (!was_read_later(space, tsc)) {
		space->gen = space->nr_maps;
		return;
	}
	for (i = space->gen; i < space->nr_maps; i++) {
		space->maps[i].born = tsc;
		if (space->maps[i].tsc < tsc)
			space->maps[i].tsc = tsc;
	}
}

bool xp_space_root(struct xp_space *space, uint64_t cr3, uint64_t tsc)
{
	struct xp_root *roots;

	if (space->nr_roots == space->room_roots) {
		size_t room = space->room_roots ? 2 * space->room_roots : 2;

		roots = realloc(space->roots, room * sizeof(*roots));
		if (!roots)
			return false;
		space->roots = roots;
		space->room_roots = room;
	}
	space->roots[space->nr_roots++] = (struct xp_root){ cr3, tsc };
	return true;
}

uint64_t xp_space_map_tsc(const struct xp_space *space, const struct xp_mapping *map, uint64_t slack)
{
	size_t i;

	for (i = 0; map->born && i < space->nr_roots; i++) {
		uint64_t record = space->roots[i].tsc;

		if (record < map->born)
			continue;
		return record > map->tsc && record - map->born <= slack ? record : map->tsc;
	}
	return map->tsc;
}

const struct xp_mapping *xp_space_find(const struct xp_space *space, uint64_t addr)
{
	size_t i;

	for (i = space->nr_maps; i > space->gen; i--) {
		const struct xp_mapping *map = &space->maps[i - 1];

		if (map->start <= addr && addr < map->end)
			return map;
	}
	return NULL;
}

static void forget_maps(struct xp_spaces *s, struct xp_space *space, uint64_t tsc)
{
	size_t i, nr = 0, gen = 0;

	for (i = 0; i < space->nr_maps; i++) {
		if (space->maps[i].tsc <= tsc)
			continue;
		if (i < space->gen)
			gen++;
		space->maps[nr++] = space->maps[i];
	}
	s->nr_maps -= space->nr_maps - nr;
	space->nr_maps = nr;
	space->gen = gen;
}

static void forget_roots(struct xp_space *space, uint64_t tsc)
{
	size_t i, nr = 0;

	for (i = 0; i < space->nr_roots; i++) {
		if (space->roots[i].tsc > tsc)
			space->roots[nr++] = space->roots[i];
	}
	space->nr_roots = nr;
}

void xp_spaces_forget(struct xp_spaces *s, struct xp_space *space, uint64_t tsc)
{
	struct xp_space **link = &s->buckets[space->tgid % BUCKETS];

	forget_maps(s, space, tsc);
	forget_roots(space, tsc);
	if (space->nr_maps || space->nr_roots)
		return;
	while (*link != space)
		link = &(*link)->next;
	*link = space->next;
	free_space(space);
}
