// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/lines/place.h"

#define WITNESSES 256u /* symbols that are asked */

bool xp_place_needs_file(const struct xp_image *image)
{
	return image->kind == XP_IMAGE_KERNEL || image->kind == XP_IMAGE_MODULE ||
	       (image->kind == XP_IMAGE_XEN && strcmp(image->name, "xen"));
}

void xp_place_whole(struct xp_place *p, uint64_t slide)
{
	p->v[0].from = 0;
	p->v[0].to = UINT64_MAX;
	p->v[0].slide = slide;
	p->nr = 1;
}

/* The only symbol of that name in the table; NULL: there is none, or another one. */
static const struct xp_sym *only_one(const struct xp_symtab *t, const char *name)
{
	const struct xp_sym *found = NULL;
	size_t len = strlen(name), i;

	for (i = 0; i < t->nr; i++) {
		if (t->syms[i].len != len || memcmp(t->syms[i].name, name, len))
			continue;
		if (found)
			return NULL;
		found = &t->syms[i];
	}
	return found;
}

/* The section of a file that is not linked. */
static const struct xp_elf_section *section_at(const struct xp_elf *e, uint64_t addr)
{
	size_t i;

	for (i = 0; i < e->nr_sections; i++)
		if (e->sections[i].exec && addr >= e->sections[i].addr && addr - e->sections[i].addr < e->sections[i].size)
			return &e->sections[i];
	return NULL;
}

/* Xen puts a live patch's sections one behind the other, as xp_elf_place_sections() does. */
static bool is_moved_as_a_whole(const struct xp_image *image)
{
	return image->kind != XP_IMAGE_MODULE;
}

/* One symbol says how far something was moved. False: another one has said something else. */
static bool hear_whole(struct xp_place *p, uint64_t slide)
{
	if (p->nr)
		return p->v[0].slide == slide;
	xp_place_whole(p, slide);
	return true;
}

static bool hear_section(struct xp_place *p, const struct xp_elf_section *s, uint64_t slide)
{
	size_t i;

	for (i = 0; i < p->nr; i++)
		if (p->v[i].from - p->v[i].slide == s->addr)
			return p->v[i].slide == slide;
	if (p->nr == XP_PLACE_MAX)
		return false;
	p->v[p->nr].from = s->addr + slide;
	p->v[p->nr].to = s->addr + slide + s->size;
	p->v[p->nr++].slide = slide;
	return true;
}

/* False: they contradict each other. */
static bool hear_witnesses(struct xp_place *p, const struct xp_elf *e, const struct xp_symtab *t, const struct xp_image *image)
{
	const struct xp_elf_section *section;
	uint64_t slide;
	size_t i;

	for (i = 0; i < image->nr_symbols && i < WITNESSES; i++) {
		const struct xp_sym *s = only_one(t, image->symbols[i].name);

		if (!s)
			continue;
		slide = image->symbols[i].start - s->start;
		section = is_moved_as_a_whole(image) ? NULL : section_at(e, s->start);
		if (section ? !hear_section(p, section, slide) : !hear_whole(p, slide))
			return false;
	}
	return true;
}

int xp_place_find(struct xp_place *p, struct xp_binary *b, const struct xp_image *image, struct xp_err *err)
{
	bool agree = false;
	struct xp_symtab t;
	int nr;

	p->nr = 0;
	if (!xp_place_needs_file(image)) {
		xp_place_whole(p, 0);
		return 0;
	}
	xp_symtab_init(&t, XP_ELF_MAX_SYMBOLS);
	nr = xp_elf_symbols(&b->elf, XP_ELF_SYMTAB, &t, err);
	if (nr > 0)
		agree = hear_witnesses(p, &b->elf, &t, image);
	xp_symtab_release(&t);
	if (nr < 0)
		return nr;
	if (!agree || !p->nr)
		return xp_fail(err, XP_E_FORMAT, "%s: cannot tell from its symbols where %s was when it ran", b->path,
			       image->kind == XP_IMAGE_KERNEL ? "the kernel" : image->name);
	return 0;
}

bool xp_place_in_file(const struct xp_place *p, uint64_t addr, uint64_t *in_file)
{
	size_t i;

	for (i = 0; i < p->nr; i++) {
		if (addr < p->v[i].from || addr >= p->v[i].to)
			continue;
		*in_file = addr - p->v[i].slide;
		return true;
	}
	return false;
}

bool xp_place_in_image(const struct xp_place *p, uint64_t in_file, uint64_t *addr)
{
	uint64_t there;
	size_t i;

	for (i = 0; i < p->nr; i++) {
		there = in_file + p->v[i].slide;
		if (there < p->v[i].from || there >= p->v[i].to)
			continue;
		*addr = there;
		return true;
	}
	return false;
}
