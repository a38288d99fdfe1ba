// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/guest-processes.h"

#include <stdlib.h>
#include <string.h>

void xp_guest_processes_release(struct xp_guest_processes *p)
{
	for (size_t i = 0; i < p->nr_files; i++) {
		free(p->files[i].path);
		xp_buf_release(&p->files[i].symbols);
		xp_buf_release(&p->files[i].rules);
	}
	free(p->roots);
	free(p->lives);
	free(p->maps);
	free(p->keys);
	free(p->files);
	memset(p, 0, sizeof(*p));
}

/* Room for one more. NULL: no memory. */
static void *grown(void *v, size_t nr, size_t *room, size_t size)
{
	size_t more = *room ? 2 * *room : 64;
	void *p = v;

	if (nr < *room)
		return v;
	p = realloc(v, more * size);
	if (p)
		*room = more;
	return p;
}

/* ---- what is asked for ---------------------------------------------------*/

/* *is_new: it is made. NULL: no room. */
static struct xp_guest_root *root_of(struct xp_guest_processes *p, uint64_t cr3, bool *is_new)
{
	*is_new = false;
	if (!p->roots)
		p->roots = calloc(XP_GUEST_ROOTS, sizeof(*p->roots));
	for (size_t i = p->nr_roots; i-- > 0;)
		if (p->roots[i].cr3 == cr3)
			return &p->roots[i];
	if (!p->roots || p->nr_roots == XP_GUEST_ROOTS)
		return NULL;
	*is_new = true;
	p->roots[p->nr_roots] = (struct xp_guest_root){ .cr3 = cr3 };
	return &p->roots[p->nr_roots++];
}

static bool is_mapped(const struct xp_guest_processes *p, uint64_t cr3, uint64_t ip)
{
	for (size_t i = p->nr_maps; i-- > 0;) {
		const struct xp_guest_map *m = &p->maps[i];

		if (ip >= m->start && ip < m->end && p->lives[m->life].cr3 == cr3)
			return true;
	}
	return false;
}

bool xp_guest_processes_sampled(struct xp_guest_processes *p, uint64_t cr3, uint64_t ip)
{
	bool is_new;
	struct xp_guest_root *root = root_of(p, cr3, &is_new);

	if (!root || root->wanted)
		return root;
	if (!is_new && (root->asked >= XP_GUEST_ASKED || p->checks++ >= XP_GUEST_CHECKS || is_mapped(p, cr3, ip)))
		return false;
	root->wanted = true;
	return true;
}

int xp_guest_processes_ask(struct xp_guest_processes *p, bool all, struct xp_gask *ask, uint64_t **roots, struct xp_err *err)
{
	size_t nr = 0;

	*roots = calloc(p->nr_roots + 1, sizeof(**roots));
	if (!*roots)
		return xp_fail(err, XP_E_NOMEM, "no memory for a guest's %zu processes", p->nr_roots);
	for (size_t i = 0; i < p->nr_roots; i++) {
		struct xp_guest_root *root = &p->roots[i];

		if (!root->wanted && !all)
			continue;
		root->asked += root->wanted;
		root->wanted = false;
		(*roots)[nr++] = root->cr3;
	}
	*ask = (struct xp_gask){ .roots = *roots, .nr_roots = nr, .known = p->keys, .nr_known = p->nr_files };
	return 0;
}

/* ---- what was read -------------------------------------------------------*/

static struct xp_guest_file *room_for_file(struct xp_guest_processes *p)
{
	size_t room = p->room_files;
	void *keys = grown(p->keys, p->nr_files, &room, sizeof(*p->keys));
	void *files;

	if (!keys)
		return NULL;
	p->keys = keys;
	files = grown(p->files, p->nr_files, &p->room_files, sizeof(*p->files));
	if (!files)
		return NULL;
	p->files = files;
	return &p->files[p->nr_files];
}

static int add_file(struct xp_guest_processes *p, const struct xp_gfile_info *info, const char *path, const struct xp_cursor *symbols,
		    const struct xp_cursor *rules, struct xp_err *err)
{
	struct xp_guest_file *f = room_for_file(p);

	if (f) {
		*f = (struct xp_guest_file){ .info = *info, .path = strdup(path) };
		xp_buf_add(&f->symbols, symbols->pos, symbols->left);
		xp_buf_add(&f->rules, rules->pos, rules->left);
		p->keys[p->nr_files] = info->key;
		if (f->path && xp_buf_ok(&f->symbols) && xp_buf_ok(&f->rules)) {
			p->nr_files++;
			return 0;
		}
		free(f->path);
		xp_buf_release(&f->symbols);
		xp_buf_release(&f->rules);
	}
	return xp_fail(err, XP_E_NOMEM, "no memory for %zu files of a guest", p->nr_files);
}

static int add_files(struct xp_guest_processes *p, const struct xp_buf *files, struct xp_err *err)
{
	struct xp_cursor c, symbols, rules;
	struct xp_gfile_info info;
	char path[XP_GPATH_MAX];
	int rc = 0;

	xp_cursor_init(&c, "files of a guest", files->data, files->len, NULL);
	while (!rc && p->nr_files < XP_GPROGRAMS_MAX && xp_gprograms_next(&c, &info, path, &symbols, &rules))
		rc = add_file(p, &info, path, &symbols, &rules, err);
	return rc;
}

static const struct xp_gtask *task_of(const struct xp_gresult *r, const struct xp_gmap *m)
{
	const struct xp_gtask *tasks = (const struct xp_gtask *)(const void *)r->tasks.data;

	for (size_t i = 0; i < r->tasks.len / sizeof(*tasks); i++)
		if (tasks[i].cr3 == m->cr3 && tasks[i].tgid == m->tgid)
			return &tasks[i];
	return NULL;
}

/* The life that this is, made if it is new. XP_GNO_FILE: no memory, or too many. */
static uint32_t life_of(struct xp_guest_processes *p, const struct xp_gtask *t)
{
	struct xp_guest_life *lives;

	for (size_t i = p->nr_lives; i-- > 0;) {
		const struct xp_guest_life *l = &p->lives[i];

		if (l->tgid == t->tgid && l->cr3 == t->cr3 && l->started == t->started && !memcmp(l->comm, t->comm, XP_GCOMM))
			return (uint32_t)i;
	}
	lives = p->nr_lives < XP_GUEST_LIVES ? grown(p->lives, p->nr_lives, &p->room_lives, sizeof(*lives)) : NULL;
	if (!lives)
		return XP_GNO_FILE;
	p->lives = lives;
	p->lives[p->nr_lives] = (struct xp_guest_life){ .cr3 = t->cr3, .started = t->started, .tgid = t->tgid };
	memcpy(p->lives[p->nr_lives].comm, t->comm, XP_GCOMM);
	return (uint32_t)p->nr_lives++;
}

static bool is_known(const struct xp_guest_processes *p, const struct xp_guest_map *map)
{
	for (size_t i = p->nr_maps; i-- > 0;) {
		const struct xp_guest_map *m = &p->maps[i];

		if (m->life == map->life && m->start < map->end && map->start < m->end) /* the last that was there */
			return m->start == map->start && m->end == map->end && m->offset == map->offset && m->file == map->file;
	}
	return false;
}

static int add_map(struct xp_guest_processes *p, const struct xp_guest_map *map, struct xp_err *err)
{
	struct xp_guest_map *maps;

	if (is_known(p, map) || p->nr_maps >= XP_GUEST_MAPS)
		return 0;
	maps = grown(p->maps, p->nr_maps, &p->room_maps, sizeof(*maps));
	if (!maps)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu mappings of a guest's processes", p->nr_maps);
	p->maps = maps;
	p->maps[p->nr_maps++] = *map;
	return 0;
}

int xp_guest_processes_note(struct xp_guest_processes *p, const struct xp_gresult *result, uint64_t tsc, struct xp_err *err)
{
	int rc = add_files(p, &result->programs.files, err);

	for (size_t at = 0; !rc && at < result->programs.maps.len; at += sizeof(struct xp_gmap)) {
		const struct xp_gtask *t;
		struct xp_guest_map map;
		struct xp_gmap m;

		memcpy(&m, result->programs.maps.data + at, sizeof(m));
		t = task_of(result, &m);
		if (!t || m.start >= m.end || (m.file != XP_GNO_FILE && m.file >= p->nr_files))
			continue;
		/* (Just before the reading: what is dated when a life ends is not of it.) */
		map = (struct xp_guest_map){ m.start, m.end, m.offset, tsc - 1, life_of(p, t), m.file };
		if (map.life != XP_GNO_FILE)
			rc = add_map(p, &map, err);
	}
	return rc;
}
