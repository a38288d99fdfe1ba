// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/code.h"

#include <gelf.h>
#include <libelf.h>

static int fail(const char *name, struct xp_err *err, const char *what)
{
	return xp_fail(err, XP_E_FORMAT, "%s: %s", name, what);
}

static const char *string_of(Elf *elf, size_t table, size_t offset)
{
	const char *s = elf_strptr(elf, table, offset);

	return s ? s : "";
}

static bool take_section(struct xp_unwind_code *i, Elf_Scn *scn, const GElf_Shdr *sh, size_t names)
{
	Elf_Data *data;

	if (!(sh->sh_flags & SHF_ALLOC) || sh->sh_type == SHT_NOBITS || !sh->sh_size ||
	    sh->sh_size > XP_UNWIND_CODE_MAX_BYTES)
		return true;
	data = elf_rawdata(scn, NULL);
	if (!data || !data->d_buf || data->d_size < sh->sh_size)
		return false;
	i->sections[i->nr_sections++] = (struct xp_unwind_code_section){ sh->sh_addr, sh->sh_size, data->d_buf,
		string_of(i->elf, names, sh->sh_name), sh->sh_flags & SHF_EXECINSTR };
	return true;
}

static int load_sections(struct xp_unwind_code *i, const char *name, struct xp_err *err)
{
	Elf_Scn *scn = NULL;
	size_t nr, names;

	if (elf_getshdrnum(i->elf, &nr) || elf_getshdrstrndx(i->elf, &names) || nr > XP_UNWIND_CODE_MAX_SECTIONS)
		return fail(name, err, "broken section headers");
	i->sections = calloc(nr + 1, sizeof(*i->sections));
	if (!i->sections)
		return xp_fail(err, XP_E_NOMEM, "%s: no memory for its sections", name);
	while ((scn = elf_nextscn(i->elf, scn))) {
		GElf_Shdr sh;

		if (!gelf_getshdr(scn, &sh) || i->nr_sections == nr || !take_section(i, scn, &sh, names))
			return fail(name, err, "a section lies outside of the file");
	}
	return 0;
}

static const struct xp_unwind_code_section *section_at(const struct xp_unwind_code *i, uint64_t addr)
{
	size_t n;

	for (n = 0; n < i->nr_sections; n++)
		if (addr >= i->sections[n].addr && addr - i->sections[n].addr < i->sections[n].len)
			return &i->sections[n];
	return NULL;
}

/* Labels in code, and the ends of tables that the code's author marked: what a compiler calls an object is neither. */
static bool is_label(const struct xp_unwind_code *i, const GElf_Sym *sym)
{
	int type = GELF_ST_TYPE(sym->st_info);
	const struct xp_unwind_code_section *in;

	if (sym->st_shndx == SHN_UNDEF || (type != STT_FUNC && type != STT_NOTYPE))
		return false;
	in = section_at(i, sym->st_value);
	return type == STT_NOTYPE || (in && in->exec);
}

static int load_labels(struct xp_unwind_code *i, Elf_Scn *scn, const GElf_Shdr *sh, const char *name, struct xp_err *err)
{
	size_t nr = sh->sh_entsize ? sh->sh_size / sh->sh_entsize : 0, n;
	Elf_Data *data = nr && nr <= XP_UNWIND_CODE_MAX_LABELS ? elf_getdata(scn, NULL) : NULL;

	if (!nr)
		return 0;
	if (!data)
		return fail(name, err, "broken symbol table");
	i->labels = calloc(nr, sizeof(*i->labels));
	if (!i->labels)
		return xp_fail(err, XP_E_NOMEM, "%s: no memory for its symbols", name);
	for (n = 0; n < nr; n++) {
		GElf_Sym sym;

		if (!gelf_getsym(data, (int)n, &sym))
			return fail(name, err, "broken symbol table");
		if (is_label(i, &sym))
			i->labels[i->nr_labels++] = (struct xp_unwind_code_label){ sym.st_value,
				string_of(i->elf, sh->sh_link, sym.st_name), GELF_ST_TYPE(sym.st_info) == STT_FUNC };
	}
	return 0;
}

static int load_symtab(struct xp_unwind_code *i, const char *name, struct xp_err *err)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(i->elf, scn)))
		if (gelf_getshdr(scn, &sh) && sh.sh_type == SHT_SYMTAB)
			return load_labels(i, scn, &sh, name, err);
	return 0;
}

int xp_unwind_code_load(struct xp_unwind_code *i, const void *data, size_t len, const char *name, struct xp_err *err)
{
	GElf_Ehdr eh;
	int rc;

	*i = (struct xp_unwind_code){ 0 };
	elf_version(EV_CURRENT);
	/* libelf does not write to it: nothing is updated. */
	i->elf = elf_memory((char *)(uintptr_t)data, len);
	if (!i->elf || elf_kind(i->elf) != ELF_K_ELF || !gelf_getehdr(i->elf, &eh) || eh.e_machine != EM_X86_64) {
		xp_unwind_code_release(i);
		return fail(name, err, "not an ELF file of x86-64");
	}
	rc = load_sections(i, name, err);
	if (!rc)
		rc = load_symtab(i, name, err);
	if (rc)
		xp_unwind_code_release(i);
	return rc;
}

void xp_unwind_code_release(struct xp_unwind_code *i)
{
	free(i->sections);
	free(i->labels);
	elf_end(i->elf);
	*i = (struct xp_unwind_code){ 0 };
}

const uint8_t *xp_unwind_code_at(const struct xp_unwind_code *i, uint64_t addr, size_t len)
{
	const struct xp_unwind_code_section *s = section_at(i, addr);

	return s && s->len - (addr - s->addr) >= len ? s->bytes + (addr - s->addr) : NULL;
}

const struct xp_unwind_code_label *xp_unwind_code_label(const struct xp_unwind_code *i, const char *name)
{
	size_t n;

	for (n = 0; n < i->nr_labels; n++)
		if (!strcmp(i->labels[n].name, name))
			return &i->labels[n];
	return NULL;
}

const struct xp_unwind_code_section *xp_unwind_code_section(const struct xp_unwind_code *i, const char *name)
{
	size_t n;

	for (n = 0; n < i->nr_sections; n++)
		if (!strcmp(i->sections[n].name, name))
			return &i->sections[n];
	return NULL;
}
