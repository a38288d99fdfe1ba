// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/annotate/relocs.h"

#include <gelf.h>
#include <libelf.h>

struct reader {
	struct xp_relocs *r;
	const struct xp_elf *e;
	uint64_t start, end;
	size_t room;
	/* the relocations of the section at hand */
	uint64_t section;        /* its address */
	Elf_Data *entries, *symbols;
	size_t strings;          /* the section with the symbols' names */
};

void xp_relocs_release(struct xp_relocs *r)
{
	free(r->v);
	*r = (struct xp_relocs){ 0 };
}

static Elf_Data *data_of(Elf_Scn *scn)
{
	GElf_Shdr sh;
	Elf_Data *data;

	if (!scn || !gelf_getshdr(scn, &sh) || sh.sh_type == SHT_NOBITS || sh.sh_size > XP_ELF_MAX_TABLE)
		return NULL;
	data = elf_getdata(scn, NULL);
	return data && data->d_buf ? data : NULL;
}

static const char *section_name(const struct xp_elf *e, size_t i)
{
	Elf_Scn *scn = elf_getscn(e->elf, i);
	size_t names;
	GElf_Shdr sh;

	if (!scn || !gelf_getshdr(scn, &sh) || elf_getshdrstrndx(e->elf, &names))
		return NULL;
	return elf_strptr(e->elf, names, sh.sh_name);
}

/* What a symbol is: a place in this file's code, or a name. False: neither. */
static bool resolve(const struct reader *x, size_t i, struct xp_reloc *r)
{
	bool is_section;
	GElf_Sym sym;

	if (i > INT32_MAX || !gelf_getsym(x->symbols, (int)i, &sym))
		return false;
	is_section = GELF_ST_TYPE(sym.st_info) == STT_SECTION;
	if (sym.st_shndx && sym.st_shndx < x->e->nr_sections && x->e->sections[sym.st_shndx].exec) {
		r->target = x->e->sections[sym.st_shndx].addr + sym.st_value;
		return true;
	}
	r->name = is_section ? section_name(x->e, sym.st_shndx) : elf_strptr(x->e->elf, x->strings, sym.st_name);
	return r->name && *r->name;
}

static bool is_relative(uint64_t type)
{
	switch (type) {
	case R_X86_64_PC32:
	case R_X86_64_PC64:
	case R_X86_64_PLT32:
	case R_X86_64_GOTPCREL:
	case R_X86_64_GOTPCRELX:
	case R_X86_64_REX_GOTPCRELX:
		return true;
	default:
		return false;
	}
}

static bool add(struct reader *x, const struct xp_reloc *reloc)
{
	if (x->r->nr == x->room) {
		size_t room = x->room ? 2 * x->room : 64;
		struct xp_reloc *v = realloc(x->r->v, room * sizeof(*v));

		if (!v)
			return false;
		x->r->v = v;
		x->room = room;
	}
	x->r->v[x->r->nr++] = *reloc;
	return true;
}

static bool read_entries(struct reader *x)
{
	size_t size = gelf_fsize(x->e->elf, ELF_T_RELA, 1, EV_CURRENT), nr = size ? x->entries->d_size / size : 0, i;
	GElf_Rela rela;

	for (i = 0; i < nr && i < XP_RELOCS_MAX; i++) {
		struct xp_reloc reloc = { .at = 0 };

		if (!gelf_getrela(x->entries, (int)i, &rela))
			break;
		reloc.at = x->section + rela.r_offset;
		reloc.addend = rela.r_addend;
		reloc.relative = is_relative(GELF_R_TYPE(rela.r_info));
		if (reloc.at < x->start || reloc.at >= x->end || !resolve(x, GELF_R_SYM(rela.r_info), &reloc))
			continue;
		if (!add(x, &reloc))
			return false;
	}
	return true;
}

/* Is it the table of relocations of the code that is wanted? */
static bool open_table(struct reader *x, Elf_Scn *scn)
{
	const struct xp_elf_section *of;
	Elf_Scn *symbols;
	GElf_Shdr sh, syms;

	if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_RELA || sh.sh_info >= x->e->nr_sections)
		return false;
	of = &x->e->sections[sh.sh_info];
	if (!of->exec || x->start < of->addr || x->start - of->addr >= of->size)
		return false;
	symbols = elf_getscn(x->e->elf, sh.sh_link);
	if (!symbols || !gelf_getshdr(symbols, &syms) || syms.sh_type != SHT_SYMTAB)
		return false;
	x->section = of->addr;
	x->entries = data_of(scn);
	x->symbols = data_of(symbols);
	x->strings = syms.sh_link;
	return x->entries && x->symbols;
}

static int by_address(const void *pa, const void *pb)
{
	const struct xp_reloc *a = pa, *b = pb;

	return a->at < b->at ? -1 : a->at > b->at;
}

int xp_relocs_read(struct xp_relocs *r, const struct xp_binary *b, uint64_t start, uint64_t end, struct xp_err *err)
{
	struct reader x = { .r = r, .e = &b->elf, .start = start, .end = end };
	Elf_Scn *scn = NULL;

	*r = (struct xp_relocs){ 0 };
	if (!b->elf.relocatable)
		return 0;
	while ((scn = elf_nextscn(b->elf.elf, scn)))
		if (open_table(&x, scn) && !read_entries(&x))
			return xp_fail(err, XP_E_NOMEM, "%s: no memory for its relocations", b->path);
	if (r->nr)
		qsort(r->v, r->nr, sizeof(*r->v), by_address);
	return 0;
}

const struct xp_reloc *xp_relocs_find(const struct xp_relocs *r, uint64_t start, uint64_t end)
{
	size_t low = 0, high = r->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (r->v[mid].at < start)
			low = mid + 1;
		else
			high = mid;
	}
	return low < r->nr && r->v[low].at < end ? &r->v[low] : NULL;
}
