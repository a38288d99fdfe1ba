// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/elf.h"

#include <gelf.h>
#include <libelf.h>
#include <limits.h>

static int fail_elf(struct xp_elf *e, struct xp_err *err, const char *what)
{
	const char *why = elf_errmsg(-1);

	return xp_fail(err, XP_E_FORMAT, "%s: %s: %s", e->name, what, why ? why : "malformed");
}

/* start + size, at most the last address. */
static uint64_t end_of(uint64_t start, uint64_t size)
{
	uint64_t end;

	return __builtin_add_overflow(start, size, &end) ? UINT64_MAX : end;
}

static int load_segments(struct xp_elf *e, struct xp_err *err)
{
	size_t nr, i;

	if (elf_getphdrnum(e->elf, &nr) || nr > XP_ELF_MAX_SEGMENTS)
		return fail_elf(e, err, "program headers");
	if (!nr)
		return 0;
	e->segments = calloc(nr, sizeof(*e->segments));
	if (!e->segments)
		return xp_fail(err, XP_E_NOMEM, "%s: no memory for its program headers", e->name);
	for (i = 0; i < nr; i++) {
		GElf_Phdr ph;

		if (!gelf_getphdr(e->elf, (int)i, &ph))
			return fail_elf(e, err, "program headers");
		if (ph.p_type == PT_LOAD)
			e->segments[e->nr_segments++] = (struct xp_elf_segment){
				ph.p_offset, ph.p_filesz, ph.p_vaddr, ph.p_flags & PF_X };
	}
	return 0;
}

static bool is_code(const GElf_Shdr *sh)
{
	return (sh->sh_flags & SHF_ALLOC) && (sh->sh_flags & SHF_EXECINSTR);
}

static int load_sections(struct xp_elf *e, struct xp_err *err)
{
	Elf_Scn *scn = NULL;
	size_t nr;

	if (elf_getshdrnum(e->elf, &nr) || nr > XP_ELF_MAX_SECTIONS)
		return fail_elf(e, err, "section headers");
	if (!nr)
		return 0;
	e->sections = calloc(nr, sizeof(*e->sections));
	if (!e->sections)
		return xp_fail(err, XP_E_NOMEM, "%s: no memory for its section headers", e->name);
	e->nr_sections = nr;
	while ((scn = elf_nextscn(e->elf, scn))) {
		size_t i = elf_ndxscn(scn);
		GElf_Shdr sh;

		if (i >= nr || !gelf_getshdr(scn, &sh))
			return fail_elf(e, err, "section headers");
		e->sections[i] = (struct xp_elf_section){ sh.sh_addr, sh.sh_size, is_code(&sh) };
	}
	return 0;
}

static bool build_id_in_segments(struct xp_elf *e)
{
	size_t nr = 0, i;

	elf_getphdrnum(e->elf, &nr);
	for (i = 0; i < nr; i++) {
		GElf_Phdr ph;
		Elf_Data *data;

		if (!gelf_getphdr(e->elf, (int)i, &ph) || ph.p_type != PT_NOTE || ph.p_filesz > XP_ELF_MAX_TABLE)
			continue;
		/* As bytes: the kernel reads them so, and alignment does not matter then. */
		data = elf_getdata_rawchunk(e->elf, (int64_t)ph.p_offset, ph.p_filesz, ELF_T_BYTE);
		if (data && data->d_buf && xp_build_id_from_notes(&e->build_id, data->d_buf, data->d_size))
			return true;
	}
	return false;
}

static void load_build_id(struct xp_elf *e)
{
	Elf_Scn *scn = NULL;

	/* Debug files have program headers whose contents are not in the file: sections first. */
	while ((scn = elf_nextscn(e->elf, scn))) {
		GElf_Shdr sh;
		Elf_Data *data;

		if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_NOTE || sh.sh_size > XP_ELF_MAX_TABLE)
			continue;
		data = elf_rawdata(scn, NULL);
		if (data && data->d_buf && xp_build_id_from_notes(&e->build_id, data->d_buf, data->d_size))
			return;
	}
	build_id_in_segments(e);
}

static int load(struct xp_elf *e, struct xp_err *err)
{
	GElf_Ehdr eh;
	int rc;

	if (!e->elf || elf_kind(e->elf) != ELF_K_ELF || !gelf_getehdr(e->elf, &eh))
		return xp_fail(err, XP_E_FORMAT, "%s: not an ELF file", e->name);
	e->relocatable = eh.e_type == ET_REL;
	rc = load_segments(e, err);
	if (!rc)
		rc = load_sections(e, err);
	if (!rc)
		load_build_id(e);
	return rc;
}

static int finish_open(struct xp_elf *e, struct xp_err *err)
{
	int rc = load(e, err);

	if (rc)
		xp_elf_release(e);
	return rc;
}

static int begin_open(struct xp_elf *e, const char *name, struct xp_err *err)
{
	*e = (struct xp_elf){ .name = strdup(name) };
	if (!e->name)
		return xp_fail(err, XP_E_NOMEM, "%s: no memory", name);
	elf_version(EV_CURRENT);
	return 0;
}

int xp_elf_open(struct xp_elf *e, int fd, const char *name, struct xp_err *err)
{
	if (begin_open(e, name, err))
		return XP_E_NOMEM;
	e->elf = elf_begin(fd, ELF_C_READ, NULL);
	return finish_open(e, err);
}

int xp_elf_open_memory(struct xp_elf *e, const void *data, size_t len, const char *name, struct xp_err *err)
{
	if (begin_open(e, name, err))
		return XP_E_NOMEM;
	e->elf = elf_memory((char *)data, len); /* does not write: we only read */
	return finish_open(e, err);
}

void xp_elf_release(struct xp_elf *e)
{
	if (e->elf)
		elf_end(e->elf);
	free(e->segments);
	free(e->sections);
	free(e->name);
	*e = (struct xp_elf){ 0 };
}

/* Mappings begin at page boundaries: up to a page before the segment's own bytes. */
static bool segment_shows(const struct xp_elf_segment *seg, uint64_t offset)
{
	return offset >= (seg->offset & ~0xfffULL) && offset < end_of(seg->offset, seg->size);
}

bool xp_elf_address(const struct xp_elf *e, uint64_t offset, uint64_t *addr)
{
	const struct xp_elf_segment *found = NULL;
	size_t i;

	for (i = 0; i < e->nr_segments; i++) {
		const struct xp_elf_segment *seg = &e->segments[i];

		if (segment_shows(seg, offset) && (!found || (seg->exec && !found->exec)))
			found = seg;
	}
	if (!found)
		return false;
	*addr = found->addr + (offset - found->offset);
	return true;
}

/* One symbol table with its strings, both checked. */
struct table {
	Elf_Data *syms, *strings, *indexes; /* indexes: section numbers beyond 16 bits, or NULL */
	size_t nr;
	const struct xp_elf *elf;
};

static Elf_Data *bounded_data(Elf_Scn *scn)
{
	GElf_Shdr sh;
	Elf_Data *data;

	if (!scn || !gelf_getshdr(scn, &sh) || sh.sh_type == SHT_NOBITS || sh.sh_size > XP_ELF_MAX_TABLE)
		return NULL;
	data = elf_getdata(scn, NULL);
	return data && data->d_buf ? data : NULL;
}

static bool symbol_is_function(const GElf_Sym *sym)
{
	unsigned int type = GELF_ST_TYPE(sym->st_info);

	return type == STT_FUNC || type == STT_GNU_IFUNC ||
	       (type == STT_NOTYPE && GELF_ST_BIND(sym->st_info) != STB_LOCAL);
}

static unsigned int symbol_rank(const GElf_Sym *sym)
{
	unsigned int bind = GELF_ST_BIND(sym->st_info);
	unsigned int rank = bind == STB_LOCAL ? XP_RANK_LOCAL : bind == STB_WEAK ? XP_RANK_WEAK : XP_RANK_GLOBAL;

	if (GELF_ST_TYPE(sym->st_info) == STT_NOTYPE)
		rank += XP_RANK_NOTYPE;
	return sym->st_size ? rank : rank + XP_RANK_OPEN;
}

/* The code section in which the symbol says it lies, or NULL. */
static const struct xp_elf_section *symbol_section(const struct table *t, const GElf_Sym *sym, Elf32_Word xindex)
{
	size_t i = sym->st_shndx == SHN_XINDEX ? xindex : sym->st_shndx;

	if (sym->st_shndx >= SHN_LORESERVE && sym->st_shndx != SHN_XINDEX)
		return NULL;
	return i && i < t->elf->nr_sections && t->elf->sections[i].exec ? &t->elf->sections[i] : NULL;
}

/* The name, if it ends within the string table. */
static const char *symbol_name(const struct table *t, const GElf_Sym *sym, size_t *len)
{
	const char *name;

	if (sym->st_name >= t->strings->d_size)
		return NULL;
	name = (const char *)t->strings->d_buf + sym->st_name;
	*len = strnlen(name, t->strings->d_size - sym->st_name);
	return *len && *len < t->strings->d_size - sym->st_name ? name : NULL;
}

/* 1: added, 0: not a function of ours, -1: no room. */
static int add_symbol(struct table *t, size_t i, struct xp_symtab *out)
{
	const struct xp_elf_section *section;
	Elf32_Word xindex = 0;
	uint64_t start, limit;
	const char *name;
	GElf_Sym sym;
	size_t len;
	bool ok;

	if (!gelf_getsymshndx(t->syms, t->indexes, (int)i, &sym, &xindex) || !symbol_is_function(&sym))
		return 0;
	section = symbol_section(t, &sym, xindex);
	name = symbol_name(t, &sym, &len);
	if (!section || !name)
		return 0;
	start = t->elf->relocatable ? end_of(section->addr, sym.st_value) : sym.st_value;
	limit = end_of(section->addr, section->size);
	if (start < section->addr || start >= limit)
		return 0;
	if (sym.st_size && end_of(start, sym.st_size) < limit)
		limit = end_of(start, sym.st_size);
	if (sym.st_size)
		ok = xp_symtab_add(out, start, limit, name, len, symbol_rank(&sym));
	else
		ok = xp_symtab_add_open(out, start, limit, name, len, symbol_rank(&sym));
	return ok ? 1 : -1;
}

static Elf_Scn *find_section(struct xp_elf *e, GElf_Word type, GElf_Word link)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(e->elf, scn))) {
		if (gelf_getshdr(scn, &sh) && sh.sh_type == type && (!link || sh.sh_link == link))
			return scn;
	}
	return NULL;
}

/* False: there is no such table, or it is not usable. */
static bool open_table(struct table *t, struct xp_elf *e, GElf_Word type)
{
	Elf_Scn *scn = find_section(e, type, 0);
	size_t entry = gelf_fsize(e->elf, ELF_T_SYM, 1, EV_CURRENT);
	GElf_Shdr sh;

	*t = (struct table){ .elf = e };
	if (!scn || !gelf_getshdr(scn, &sh))
		return false;
	t->syms = bounded_data(scn);
	t->strings = bounded_data(elf_getscn(e->elf, sh.sh_link));
	t->indexes = bounded_data(find_section(e, SHT_SYMTAB_SHNDX, (GElf_Word)elf_ndxscn(scn)));
	if (!t->syms || !t->strings || !entry)
		return false;
	t->nr = t->syms->d_size / entry;
	return t->nr <= INT_MAX;
}

int xp_elf_symbols(struct xp_elf *e, enum xp_elf_table which, struct xp_symtab *out, struct xp_err *err)
{
	struct table t;
	int nr = 0;
	size_t i;

	if (!open_table(&t, e, which == XP_ELF_SYMTAB ? SHT_SYMTAB : SHT_DYNSYM))
		return 0;
	for (i = 1; i < t.nr; i++) {
		int rc = add_symbol(&t, i, out);

		if (rc < 0)
			return xp_fail(err, XP_E_NOMEM, "%s: no room for its symbols (%zu)", e->name, t.nr);
		nr += rc;
	}
	return nr;
}

static bool section_is_named(struct xp_elf *e, Elf_Scn *scn, const char *name)
{
	GElf_Shdr sh;
	const char *s;
	size_t strings;

	if (elf_getshdrstrndx(e->elf, &strings) || !gelf_getshdr(scn, &sh))
		return false;
	s = elf_strptr(e->elf, strings, sh.sh_name);
	return s && !strcmp(s, name);
}

const char *xp_elf_debuglink(struct xp_elf *e, uint32_t *crc)
{
	Elf_Scn *scn = NULL;
	Elf_Data *data;
	size_t len;

	while ((scn = elf_nextscn(e->elf, scn)) && !section_is_named(e, scn, ".gnu_debuglink"))
		;
	data = bounded_data(scn);
	if (!data)
		return NULL;
	len = strnlen(data->d_buf, data->d_size);
	len = (len + 4) & ~(size_t)3; /* its NUL and padding */
	if (len + sizeof(*crc) > data->d_size)
		return NULL;
	memcpy(crc, (const char *)data->d_buf + len, sizeof(*crc));
	return data->d_buf;
}

/* As Xen's loader does (calc_section). */
uint64_t xp_elf_place_sections(struct xp_elf *e, uint64_t text)
{
	Elf_Scn *scn = NULL;
	uint64_t size = 0;

	while ((scn = elf_nextscn(e->elf, scn))) {
		size_t i = elf_ndxscn(scn);
		GElf_Shdr sh;

		if (i >= e->nr_sections || !gelf_getshdr(scn, &sh) || !e->sections[i].exec || (sh.sh_flags & SHF_WRITE))
			continue;
		if (sh.sh_addralign > 1 && !(sh.sh_addralign & (sh.sh_addralign - 1)) && sh.sh_addralign <= 1u << 20)
			size = (size + sh.sh_addralign - 1) & ~(sh.sh_addralign - 1);
		e->sections[i].addr = text + size;
		size = end_of(size, sh.sh_size);
	}
	return size;
}

int xp_elf_place_text(struct xp_elf *e, uint64_t text, uint64_t size, struct xp_err *err)
{
	uint64_t own = xp_elf_place_sections(e, text);

	if (!e->relocatable)
		return xp_fail(err, XP_E_FORMAT, "%s: not a live patch (ET_REL)", e->name);
	if (own != size)
		return xp_fail(err, XP_E_FORMAT, "%s: has %llu bytes of code, Xen loaded %llu: another build", e->name,
			       (unsigned long long)own, (unsigned long long)size);
	return 0;
}
