// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Symbols of a file come from the guest's memory, as far as it was there; else from a file of the same build on this host;
 * else there are those that it exports.
 */
#include "lib/sym/guest-files.h"

#include <stdlib.h>
#include <string.h>

#include "lib/guest/kept.h"
#include "lib/sym/debugfile.h"
#include "lib/sym/seen.h"

struct source {
	struct xp_symtab syms;
	struct xp_buf symbols;      /* the names of syms lie here … */
	struct xp_debugfile host;   /* … or there */
	bool has_host;
	const char *why;
};

static void release_source(struct source *s)
{
	xp_symtab_release(&s->syms);
	xp_buf_release(&s->symbols);
	if (s->has_host)
		xp_debugfile_release(&s->host);
}

/* ---- symbols -------------------------------------------------------------*/

static bool load_kept(const struct xp_guest_file *f, const char *guest, struct xp_buf *to)
{
	struct xp_gkept_name name;
	struct xp_gkept kept;
	bool ok;

	if (!xp_gprograms_name(&name, guest, &f->info.program) || !xp_gkept_open(&kept, name.text))
		return false;
	ok = kept.body_crc == f->info.kept && xp_gkept_body(&kept, to);
	xp_gkept_release(&kept);
	return ok;
}

static unsigned int rank_of(const struct xp_gsymbol *s)
{
	unsigned int rank = s->bind == 0 ? XP_RANK_LOCAL : s->bind == 2 ? XP_RANK_WEAK : XP_RANK_GLOBAL;

	return rank + (s->notype ? XP_RANK_NOTYPE : 0) + (s->open ? XP_RANK_OPEN : 0);
}

static bool add_symbols(struct source *s)
{
	const uint8_t *at = s->symbols.data;
	size_t left = s->symbols.len;
	struct xp_gsymbol sym;
	const char *name;
	bool ok = true;

	while (ok && xp_gsymbol_next(&at, &left, &sym, &name))
		ok = sym.open ? xp_symtab_add_open(&s->syms, sym.start, sym.end, name, sym.len, rank_of(&sym)) :
				xp_symtab_add(&s->syms, sym.start, sym.end, name, sym.len, rank_of(&sym));
	return ok;
}

/* True: a file of this build is on this host, and has all its symbols. */
static bool load_from_host(struct source *s, const struct xp_guest_file *f, const char *root)
{
	struct xp_build_id id;
	struct xp_err ignored;

	xp_build_id_set(&id, f->info.program.build_id, f->info.program.build_id_len);
	if (!id.len || !xp_debugfile_of_build(&s->host, &id, root, f->path))
		return false;
	s->has_host = true;
	return xp_elf_symbols(&s->host.elf, XP_ELF_SYMTAB, &s->syms, &ignored) > 0;
}

static void open_source(struct source *s, const struct xp_guest_file *f, const char *guest, const char *root)
{
	const struct xp_gprogram *p = &f->info.program;
	bool ok;

	memset(s, 0, sizeof(*s));
	xp_symtab_init(&s->syms, XP_ELF_MAX_SYMBOLS);
	s->why = *p->why ? p->why : NULL;
	if (p->table != XP_GTABLE_ALL && load_from_host(s, f, root)) {
		s->why = NULL;
		ok = true;
	} else if (f->info.kept) {
		ok = load_kept(f, guest, &s->symbols) && add_symbols(s);
	} else {
		xp_buf_add(&s->symbols, f->symbols.data, f->symbols.len);
		ok = xp_buf_ok(&s->symbols) && add_symbols(s);
	}
	if (ok && xp_symtab_seal(&s->syms))
		return;
	s->why = "what was read of its symbols has gone, or there is no memory for them";
	xp_symtab_release(&s->syms);
	xp_symtab_init(&s->syms, XP_ELF_MAX_SYMBOLS);
}

/* ---- places --------------------------------------------------------------*/

struct resolving {
	struct xp_emit *e;
	const struct xp_guest_processes *p;
	uint16_t domid;
	const char *guest, *root;
	const struct xp_addrs *addrs;
	const struct xp_guest_map **used; /* by file */
	size_t nr;
};

static struct xp_addrs in_map(const struct resolving *r, const struct xp_guest_map *m)
{
	return xp_addrs_in(r->addrs, XP_SPACE_GUEST_USER(r->domid, r->p->lives[m->life].cr3), m->start, m->end);
}

/* Addresses in the file, of all mappings of it that are used, sorted. NULL: no memory. */
static struct xp_addr *places_of(const struct resolving *r, const struct xp_guest_map *const *maps, size_t nr_maps,
				 const struct xp_gprogram *program, size_t *nr)
{
	struct xp_addr *places;
	size_t room = 0;

	for (size_t i = 0; i < nr_maps; i++)
		room += in_map(r, maps[i]).nr;
	places = calloc(room + 1, sizeof(*places));
	*nr = 0;
	for (size_t i = 0; places && i < nr_maps; i++) {
		struct xp_addrs in = in_map(r, maps[i]);

		for (size_t k = 0; k < in.nr; k++)
			places[(*nr)++] = (struct xp_addr){ 1, xp_gprogram_address(program, in.v[k].ip - maps[i]->start + maps[i]->offset) };
	}
	if (places)
		xp_addr_sort(places, *nr);
	return places;
}

/* ---- one file ------------------------------------------------------------*/

static int emit_maps(const struct resolving *r, const struct xp_guest_map *const *maps, size_t nr, const struct xp_gprogram *program,
		     uint32_t image, struct xp_err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < nr; i++) {
		struct xp_map map = {
			.tsc = maps[i]->tsc, .domid = r->domid, .tgid = r->p->lives[maps[i]->life].tgid,
			.start = maps[i]->start, .end = maps[i]->end,
			.image_addr = xp_gprogram_address(program, maps[i]->offset), .image = image,
		};

		rc = xp_emit_map(r->e, &map, err);
	}
	return rc;
}

static int emit_file(const struct resolving *r, const struct xp_guest_map *const *maps, size_t nr_maps, struct xp_err *err)
{
	const struct xp_guest_file *f = &r->p->files[maps[0]->file];
	const struct xp_gprogram *program = &f->info.program;
	struct xp_found found = { 0 };
	struct xp_build_id id;
	struct source s;
	uint32_t image;
	size_t nr;
	struct xp_addr *places = places_of(r, maps, nr_maps, program, &nr);
	int rc;

	if (!places)
		return xp_fail(err, XP_E_NOMEM, "no memory for addresses in %s", f->path);
	xp_build_id_set(&id, program->build_id, program->build_id_len);
	open_source(&s, f, r->guest, r->root);
	rc = xp_found_init(&found, &s.syms, places, nr, err);
	if (!rc)
		rc = xp_emit_image(r->e, f->info.key.inode ? XP_IMAGE_FILE : XP_IMAGE_VDSO, f->path, &id, s.why, &found, &image, err);
	if (!rc)
		rc = emit_maps(r, maps, nr_maps, program, image, err);
	xp_found_release(&found);
	release_source(&s);
	free(places);
	return rc;
}

static int emit_anonymous(const struct resolving *r, const struct xp_guest_map *const *maps, size_t nr, struct xp_err *err)
{
	static const struct xp_gprogram none;
	uint32_t image;
	int rc = xp_emit_image(r->e, XP_IMAGE_ANON, "//anon", NULL, "code made at run time, in memory without a file", NULL, &image, err);

	return rc ? rc : emit_maps(r, maps, nr, &none, image, err);
}

/* ---- all of them ---------------------------------------------------------*/

static int by_file(const void *pa, const void *pb)
{
	const struct xp_guest_map *a = *(const struct xp_guest_map *const *)pa, *b = *(const struct xp_guest_map *const *)pb;

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	return a < b ? -1 : a > b;
}

static int emit_all(const struct resolving *r, struct xp_err *err)
{
	int rc = 0;

	for (size_t i = 0, j; !rc && i < r->nr; i = j) {
		for (j = i; j < r->nr && r->used[j]->file == r->used[i]->file; j++)
			;
		rc = r->used[i]->file == XP_GNO_FILE ? emit_anonymous(r, r->used + i, j - i, err) : emit_file(r, r->used + i, j - i, err);
	}
	return rc;
}

int xp_resolve_guest_processes(struct xp_emit *e, const struct xp_guest_processes *p, uint16_t domid, const char *guest,
			       const char *root, const struct xp_addrs *addrs, struct xp_err *err)
{
	struct resolving r = { .e = e, .p = p, .domid = domid, .guest = guest, .root = root, .addrs = addrs };
	int rc;

	r.used = calloc(p->nr_maps + 1, sizeof(*r.used));
	if (!r.used)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu mappings of a guest's processes", p->nr_maps);
	for (size_t i = 0; i < p->nr_maps; i++)
		if (in_map(&r, &p->maps[i]).nr)
			r.used[r.nr++] = &p->maps[i];
	qsort(r.used, r.nr, sizeof(*r.used), by_file);
	rc = emit_all(&r, err);
	free(r.used);
	return rc;
}
