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
	free(space->programs);
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

/* The array with room for one more element of `size` bytes. NULL: no memory; the old one stays. */
static void *make_room(void *v, uint32_t nr, uint32_t *room, uint32_t first, size_t size)
{
	uint32_t more = *room ? 2 * *room : first;

	if (nr < *room)
		return v;
	v = realloc(v, more * size);
	if (v)
		*room = more;
	return v;
}

static bool add_program(struct xp_space *space, const struct xp_program *program)
{
	struct xp_program *programs;

	if (space->nr_programs >= XP_SPACE_MAX_PROGRAMS)
		return false;
	programs = make_room(space->programs, space->nr_programs, &space->room_programs, 2, sizeof(*programs));
	if (!programs)
		return false;
	space->programs = programs;
	programs[space->nr_programs++] = *program;
	return true;
}

/* The first mapping of the present program. */
static uint32_t first_of_present(const struct xp_space *space)
{
	return space->programs[space->nr_programs - 1].first;
}

struct xp_space *xp_spaces_get(struct xp_spaces *s, uint32_t tgid)
{
	struct xp_space *space = xp_spaces_find(s, tgid);

	if (space)
		return space;
	space = calloc(1, sizeof(*space));
	if (!space || !add_program(space, &(struct xp_program){ 0 })) {
		free(space);
		return NULL;
	}
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
	uint32_t i, looked, first = first_of_present(space);

	for (i = space->nr_maps, looked = 0; i > first && looked < LOOK_BACK; i--, looked++) {
		if (covers(&space->maps[i - 1], map))
			return is_same(&space->maps[i - 1], map);
	}
	return false;
}

static bool has_room(struct xp_spaces *s, struct xp_space *space)
{
	struct xp_mapping *maps;

	if (s->nr_maps >= s->max_maps || space->nr_maps >= XP_SPACE_MAX_MAPS)
		return false;
	maps = make_room(space->maps, space->nr_maps, &space->room_maps, 8, sizeof(*maps));
	if (maps)
		space->maps = maps;
	return maps;
}

void xp_space_map(struct xp_spaces *s, struct xp_space *space, const struct xp_mapping *map)
{
	if (is_on_top(space, map))
		return;
	if (!has_room(s, space)) {
		s->lost_maps++;
		return;
	}
	space->maps[space->nr_maps++] = *map;
	s->nr_maps++;
}

/*
 * /proc/PID/maps may have been read after this began, before we heard of it:
 * then what was read as the old program's is the new one's, of which we are
 * told by its own events. The old one is left without: rather that than wrong.
 */
static void drop_what_was_read_later(struct xp_spaces *s, struct xp_space *space, uint64_t tsc)
{
	uint32_t first = first_of_present(space);

	if (!space->read_tsc || tsc > space->read_tsc)
		return;
	s->nr_maps -= space->nr_maps - first;
	space->nr_maps = first;
}

static void begin(struct xp_spaces *s, struct xp_space *space, uint64_t tsc, bool exec, const char *comm)
{
	struct xp_program program = { .born = tsc, .exec = exec };

	drop_what_was_read_later(s, space, tsc);
	program.first = space->nr_maps;
	memcpy(program.comm, comm, strnlen(comm, sizeof(program.comm) - 1));
	if (!add_program(space, &program)) /* the last place then stands for all that follow */
		space->programs[space->nr_programs - 1] = program;
}

void xp_space_fork(struct xp_spaces *s, struct xp_space *space, const struct xp_space *parent, uint64_t tsc)
{
	uint32_t i;

	begin(s, space, tsc, false, "");
	for (i = parent ? first_of_present(parent) : 0; parent && parent != space && i < parent->nr_maps; i++) {
		struct xp_mapping map = parent->maps[i];

		map.tsc = tsc;
		xp_space_map(s, space, &map);
	}
}

void xp_space_exec(struct xp_spaces *s, struct xp_space *space, uint64_t tsc, const char *comm)
{
	begin(s, space, tsc, true, comm);
}

bool xp_space_root(struct xp_space *space, const struct xp_root *root)
{
	struct xp_root *roots = make_room(space->roots, space->nr_roots, &space->room_roots, 2, sizeof(*roots));

	if (!roots)
		return false;
	space->roots = roots;
	roots[space->nr_roots++] = *root;
	return true;
}

const struct xp_mapping *xp_space_find(const struct xp_space *space, uint64_t addr)
{
	uint32_t i, first = first_of_present(space);

	for (i = space->nr_maps; i > first; i--) {
		const struct xp_mapping *map = &space->maps[i - 1];

		if (map->start <= addr && addr < map->end)
			return map;
	}
	return NULL;
}

/* ---- dates ---- */

static bool is_record_of(const struct xp_root *root, const struct xp_program *program, uint64_t slack)
{
	uint64_t away = root->tsc > program->born ? root->tsc - program->born : program->born - root->tsc;

	if (root->exec != program->exec || away > slack)
		return false;
	return !root->exec || !*root->comm || !*program->comm ||
	       !strncmp(root->comm, program->comm, sizeof(root->comm) - 1);
}

void xp_space_date(struct xp_space *space, uint64_t slack)
{
	uint32_t i, r = 0;

	for (i = 0; i < space->nr_programs; i++) {
		struct xp_program *program = &space->programs[i];
		uint32_t found = r;

		program->start = program->born;
		if (!program->born)
			continue;
		while (found < space->nr_roots && !is_record_of(&space->roots[found], program, slack))
			found++;
		if (found == space->nr_roots)
			continue;
		program->start = space->roots[found].tsc;
		r = found + 1;
	}
}

/* The program of mapping i: the last one that begins at or before it. */
static uint32_t program_of(const struct xp_space *space, uint32_t i)
{
	uint32_t p = space->nr_programs - 1;

	while (p && space->programs[p].first > i)
		p--;
	return p;
}

static bool covers_another(const struct xp_space *space, uint32_t first, uint32_t i)
{
	uint32_t j;

	for (j = first; j < i; j++) {
		if (covers(&space->maps[j], &space->maps[i]))
			return true;
	}
	return false;
}

uint64_t xp_space_map_tsc(const struct xp_space *space, const struct xp_mapping *map)
{
	uint32_t i = (uint32_t)(map - space->maps), p = program_of(space, i);
	const struct xp_program *program = &space->programs[p];
	uint64_t end = p + 1 < space->nr_programs ? space->programs[p + 1].start : UINT64_MAX;

	if (!covers_another(space, program->first, i) || map->tsc < program->start)
		return program->start;
	return map->tsc < end || !end ? map->tsc : end - 1;
}

/* ---- the end ---- */

/* The first program of a process that was given this number after tsc; nr_programs if there is none. */
static uint32_t next_owner(const struct xp_space *space, uint64_t tsc)
{
	uint32_t i;

	for (i = 1; i < space->nr_programs; i++) {
		if (!space->programs[i].exec && space->programs[i].born > tsc)
			break;
	}
	return i;
}

static void forget_programs(struct xp_spaces *s, struct xp_space *space, uint32_t nr)
{
	uint32_t i, maps = space->programs[nr].first;

	memmove(space->maps, space->maps + maps, (space->nr_maps - maps) * sizeof(*space->maps));
	space->nr_maps -= maps;
	s->nr_maps -= maps;
	memmove(space->programs, space->programs + nr, (space->nr_programs - nr) * sizeof(*space->programs));
	space->nr_programs -= nr;
	for (i = 0; i < space->nr_programs; i++)
		space->programs[i].first -= maps;
}

static void forget_roots(struct xp_space *space, uint64_t tsc)
{
	uint32_t i, nr = 0;

	for (i = 0; i < space->nr_roots; i++) {
		if (space->roots[i].tsc > tsc)
			space->roots[nr++] = space->roots[i];
	}
	space->nr_roots = nr;
}

void xp_spaces_forget(struct xp_spaces *s, struct xp_space *space, uint64_t tsc)
{
	struct xp_space **link = &s->buckets[space->tgid % BUCKETS];
	uint32_t next = next_owner(space, tsc);

	if (next < space->nr_programs) {
		forget_programs(s, space, next);
		forget_roots(space, tsc);
		return;
	}
	s->nr_maps -= space->nr_maps;
	while (*link != space)
		link = &(*link)->next;
	*link = space->next;
	free_space(space);
}
