// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dom0's processes: which mappings samples lie in, which files those are,
 * and what the files call the addresses.
 */
#include "lib/sym/resolve.h"

#include "lib/sym/debugfile.h"
#include "lib/sym/elf.h"
#include "lib/sym/seen.h"
#include "lib/sym/vdso.h"

#define MAX_PLACES XP_NAMES_MAX_ADDRESSES

/* One mapping in which samples lie. */
struct used_map { const struct xp_space *space; const struct xp_mapping *map; };

struct processes {
	struct xp_emit *e;
	struct xp_follow *f;
	const struct xp_addrs *addrs;
	struct used_map *maps; /* sorted by image */
	size_t nr_maps, room_maps;
	struct xp_addrset places; /* space: image + 1; ip: offset in the file */
	bool failed;              /* no memory */
};

/* ---- which mappings and places are used ---- */

static void keep_map(struct processes *p, const struct xp_space *space, const struct xp_mapping *map)
{
	if (p->nr_maps == p->room_maps) {
		size_t room = p->room_maps ? 2 * p->room_maps : 64;
		struct used_map *maps = realloc(p->maps, room * sizeof(*maps));

		if (!maps) {
			p->failed = true;
			return;
		}
		p->maps = maps;
		p->room_maps = room;
	}
	p->maps[p->nr_maps++] = (struct used_map){ space, map };
}

static void use_map(struct processes *p, const struct xp_space *space, struct xp_mapping *map, uint64_t cr3)
{
	struct xp_addrs in = xp_addrs_in(p->addrs, XP_SPACE_USER(cr3), map->start, map->end);
	struct xp_image_place place = { space->tgid, map->start, map->end };

	if (!in.nr)
		return;
	if (!map->used)
		keep_map(p, space, map);
	map->used = 1;
	p->f->images.v[map->image].used = true;
	xp_images_pin(&p->f->images, map->image, &place);
}

static void use_space(struct xp_space *space, void *arg)
{
	struct processes *p = arg;
	size_t i, j;

	xp_space_date(space, xp_follow_second(p->f));
	for (i = 0; i < space->nr_roots; i++) {
		if (!xp_addrs_in(p->addrs, XP_SPACE_USER(space->roots[i].cr3), 0, UINT64_MAX).nr)
			continue;
		for (j = 0; j < space->nr_maps; j++)
			use_map(p, space, &space->maps[j], space->roots[i].cr3);
	}
}

/* Only when `same` is known can places of one file, mapped by two names of it, come together. */
static void add_places(struct processes *p, const struct used_map *used)
{
	uint32_t image = p->f->images.v[used->map->image].same;
	size_t i, j;

	for (i = 0; i < used->space->nr_roots; i++) {
		struct xp_addrs in = xp_addrs_in(p->addrs, XP_SPACE_USER(used->space->roots[i].cr3),
						 used->map->start, used->map->end);

		for (j = 0; j < in.nr; j++)
			xp_addrset_add(&p->places, (uint64_t)image + 1,
				       in.v[j].ip - used->map->start + used->map->offset);
	}
}

/* ---- one image ---- */

/* A file that is being read, with the names that belong to it. */
struct source {
	struct xp_elf elf;
	int fd;
	struct xp_debugfile debug;
	bool has_elf, has_debug;
	struct xp_symtab syms;
	const char *why;
};

static void release_source(struct source *s, struct xp_images *images, uint32_t image)
{
	xp_symtab_release(&s->syms);
	if (s->has_debug)
		xp_debugfile_release(&s->debug);
	if (s->has_elf)
		xp_elf_release(&s->elf);
	xp_images_close(images, image, s->fd);
}

/* The symbol table, else that of its debug file, else what it exports. */
static int load_symbols(struct source *s, const char *root, const char *path, struct xp_err *err)
{
	int nr = xp_elf_symbols(&s->elf, XP_ELF_SYMTAB, &s->syms, err);

	if (!nr && xp_debugfile_open(&s->debug, &s->elf, root, path)) {
		s->has_debug = true;
		nr = xp_elf_symbols(&s->debug.elf, XP_ELF_SYMTAB, &s->syms, err);
	}
	if (!nr)
		nr = xp_elf_symbols(&s->elf, XP_ELF_DYNSYM, &s->syms, err);
	if (nr >= 0 && !xp_symtab_seal(&s->syms))
		nr = xp_fail(err, XP_E_NOMEM, "%s: no memory for its symbols", path);
	if (!nr)
		s->why = "stripped, and no debug file with its build-id";
	return nr < 0 ? nr : 0;
}

static const char *open_file(struct source *s, struct xp_follow *f, uint32_t image)
{
	struct xp_file_image *file = &f->images.v[image];
	struct xp_err ignored;

	s->fd = xp_images_open(&f->images, image);
	if (s->fd < 0)
		return file->why ? file->why : "the file has gone";
	if (xp_elf_open(&s->elf, s->fd, file->key.name, &ignored))
		return "not an ELF file, or a broken one";
	s->has_elf = true;
	if (load_symbols(s, f->root, file->key.name, &ignored) < 0) {
		xp_symtab_release(&s->syms);
		return "too many symbols for the memory there is";
	}
	return s->why;
}

static const char *open_source(struct source *s, struct xp_follow *f, uint32_t image)
{
	*s = (struct source){ .fd = -1 };
	xp_symtab_init(&s->syms, XP_ELF_MAX_SYMBOLS);
	switch (f->images.v[image].key.kind) {
	case XP_IMAGE_FILE:
		return open_file(s, f, image);
	case XP_IMAGE_VDSO:
		if (!strcmp(f->images.v[image].key.name, XP_VDSO32))
			return "the vDSO of 32-bit processes is not read";
		s->has_elf = xp_vdso_open(&s->elf) == 0;
		if (!s->has_elf)
			return "our own vDSO cannot be read";
		return load_symbols(s, f->root, "", &(struct xp_err){ "" }) < 0 ? "our own vDSO is broken" : s->why;
	default:
		return "code made at run time, in memory without a file";
	}
}

/* An image's address for a place in the file: the ELF's, or the offset itself when there is none. */
static uint64_t image_address(const struct source *s, uint64_t offset)
{
	uint64_t addr;

	return s->has_elf && xp_elf_address(&s->elf, offset, &addr) ? addr : offset;
}

/* Places become addresses, in place; a file's segments may be in another order than its addresses. */
static void to_addresses(const struct source *s, struct xp_addr *places, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		places[i].ip = image_address(s, places[i].ip);
	xp_addr_sort(places, nr);
}

static int emit_maps(struct processes *p, const struct source *s, const struct used_map *maps, size_t nr,
		     uint32_t image, struct xp_err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < nr; i++) {
		const struct xp_mapping *m = maps[i].map;
		struct xp_map map = {
			.tsc = xp_space_map_tsc(maps[i].space, m),
			.tgid = maps[i].space->tgid, .start = m->start, .end = m->end,
			.image_addr = image_address(s, m->offset), .image = image,
		};

		rc = xp_emit_map(p->e, &map, err);
	}
	return rc;
}

static int emit_file(struct processes *p, uint32_t image, struct xp_addr *places, size_t nr_places,
		     const struct used_map *maps, size_t nr_maps, struct xp_err *err)
{
	struct xp_file_image *file = &p->f->images.v[image];
	struct source s;
	struct xp_found found;
	const char *why = open_source(&s, p->f, image);
	uint32_t id;
	int rc;

	to_addresses(&s, places, nr_places);
	rc = xp_found_init(&found, &s.syms, places, nr_places, err);
	if (!rc)
		rc = xp_emit_image(p->e, file->key.kind, file->key.name, &file->key.build_id, why, &found, &id, err);
	if (!rc)
		rc = emit_maps(p, &s, maps, nr_maps, id, err);
	xp_found_release(&found);
	release_source(&s, &p->f->images, image);
	return rc;
}

/* ---- all of them ---- */

static uint32_t image_of(const struct processes *p, const struct used_map *used)
{
	return p->f->images.v[used->map->image].same;
}

static int compare_maps(const void *a, const void *b, void *arg)
{
	uint32_t x = image_of(arg, a), y = image_of(arg, b);

	return x < y ? -1 : x > y;
}

static int emit_all(struct processes *p, struct xp_addr *places, size_t nr, struct xp_err *err)
{
	size_t i, j;
	int rc = 0;

	for (i = 0; !rc && i < p->nr_maps; i = j) {
		uint32_t image = image_of(p, &p->maps[i]);
		size_t first = xp_addr_lower_bound(places, nr, (uint64_t)image + 1, 0);
		size_t end = xp_addr_lower_bound(places, nr, (uint64_t)image + 2, 0);

		for (j = i; j < p->nr_maps && image_of(p, &p->maps[j]) == image; j++)
			;
		rc = emit_file(p, image, places + first, end - first, p->maps + i, j - i, err);
	}
	return rc;
}

/* What an earlier call has marked. */
static void unmark(struct xp_space *space, void *arg)
{
	(void)arg;
	for (size_t i = 0; i < space->nr_maps; i++)
		space->maps[i].used = 0;
}

static void unmark_all(struct processes *p)
{
	xp_spaces_each(&p->f->spaces, unmark, NULL);
	for (uint32_t i = 0; i < p->f->images.nr; i++)
		p->f->images.v[i].used = false;
}

static int resolve(struct processes *p, struct xp_err *err)
{
	struct xp_addr *places;
	size_t i, nr;
	int rc;

	unmark_all(p);
	xp_spaces_each(&p->f->spaces, use_space, p);
	xp_images_unite(&p->f->images);
	for (i = 0; i < p->nr_maps; i++)
		add_places(p, &p->maps[i]);
	if (!p->nr_maps)
		return 0;
	qsort_r(p->maps, p->nr_maps, sizeof(*p->maps), compare_maps, p);
	places = xp_addrset_sorted(&p->places, &nr);
	if (p->failed || !places)
		rc = xp_fail(err, XP_E_NOMEM, "no memory for the places in %zu mappings", p->nr_maps);
	else
		rc = emit_all(p, places, nr, err);
	free(places);
	return rc;
}

int xp_resolve_processes(struct xp_emit *e, struct xp_follow *f, const struct xp_addrs *addrs, struct xp_err *err)
{
	struct processes p = { .e = e, .f = f, .addrs = addrs };
	int rc;

	xp_addrset_init(&p.places, MAX_PLACES);
	rc = resolve(&p, err);
	xp_addrset_release(&p.places);
	free(p.maps);
	return rc;
}
