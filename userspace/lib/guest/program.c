// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/guest/program.h"

#include <stdlib.h>
#include <string.h>

#include "lib/guest/program-impl.h"

#define NOTES_MAX 4096u

static bool because(struct xp_gprogram *p, const char *why)
{
	snprintf(p->why, sizeof(p->why), "%s", why);
	return false;
}

/* ---- headers -------------------------------------------------------------*/

static size_t padded(uint32_t size)
{
	return ((size_t)size + 3) & ~(size_t)3;
}

static void take_build_id(struct xp_gprogram *p, const uint8_t *at, size_t len)
{
	Elf64_Nhdr note;

	while (!p->build_id_len && len >= sizeof(note)) {
		size_t name, desc;

		memcpy(&note, at, sizeof(note));
		name = padded(note.n_namesz);
		desc = padded(note.n_descsz);
		at += sizeof(note);
		len -= sizeof(note);
		if (name > len || desc > len - name)
			return;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && !memcmp(at, "GNU", 4)) {
			p->build_id_len = note.n_descsz < XP_GBUILD_ID ? note.n_descsz : XP_GBUILD_ID;
			memcpy(p->build_id, at + name, p->build_id_len);
		}
		at += name + desc;
		len -= name + desc;
	}
}

static void take_header(struct xp_gprogram *p, const struct xp_gfile *f, const Elf64_Phdr *h)
{
	uint8_t notes[NOTES_MAX];

	if (h->p_type == PT_LOAD && p->nr_segments < XP_GPROGRAM_SEGMENTS)
		p->segments[p->nr_segments++] =
			(struct xp_gsegment){ h->p_offset, h->p_filesz, h->p_vaddr, h->p_flags & PF_X };
	if (h->p_type == PT_NOTE && h->p_filesz <= sizeof(notes) && xp_gfile_read(f, h->p_offset, notes, h->p_filesz))
		take_build_id(p, notes, h->p_filesz);
}

bool xp_gprogram_header(const struct xp_gfile *f, Elf64_Ehdr *e)
{
	return xp_gfile_read(f, 0, e, sizeof(*e)) && !memcmp(e->e_ident, ELFMAG, SELFMAG);
}

size_t xp_gprogram_headers(const struct xp_gfile *f, const Elf64_Ehdr *e, Elf64_Phdr h[XP_GPROGRAM_HEADERS])
{
	if (e->e_phentsize != sizeof(*h) || !e->e_phnum || e->e_phnum > XP_GPROGRAM_HEADERS ||
	    !xp_gfile_read(f, e->e_phoff, h, e->e_phnum * sizeof(*h)))
		return 0;
	return e->e_phnum;
}

bool xp_gprogram_open(struct xp_gprogram *p, const struct xp_gfile *f)
{
	Elf64_Phdr h[XP_GPROGRAM_HEADERS];
	Elf64_Ehdr e;
	size_t nr;

	memset(p, 0, sizeof(*p));
	if (!xp_gfile_read(f, 0, e.e_ident, sizeof(e.e_ident)))
		return because(p, "its first page is not in the guest's memory");
	if (memcmp(e.e_ident, ELFMAG, SELFMAG))
		return because(p, "not an ELF file");
	if (e.e_ident[EI_CLASS] != ELFCLASS64 || e.e_ident[EI_DATA] != ELFDATA2LSB)
		return because(p, "a 32-bit program: its symbols are not read");
	nr = xp_gprogram_header(f, &e) ? xp_gprogram_headers(f, &e, h) : 0;
	if (!nr)
		return because(p, "its program headers are not in the guest's memory, or broken");
	for (size_t i = 0; i < nr; i++)
		take_header(p, f, &h[i]);
	return true;
}

uint64_t xp_gprogram_base(const struct xp_gprogram *p)
{
	uint64_t base = UINT64_MAX;

	for (uint32_t i = 0; i < p->nr_segments; i++)
		base = p->segments[i].address < base ? p->segments[i].address : base;
	return base;
}

/* As xp_elf_address(). */
uint64_t xp_gprogram_address(const struct xp_gprogram *p, uint64_t offset)
{
	const struct xp_gsegment *found = NULL;

	for (uint32_t i = 0; i < p->nr_segments; i++) {
		const struct xp_gsegment *s = &p->segments[i];

		if (offset >= (s->offset & ~0xfffull) && offset < s->offset + s->size && (!found || (s->executable && !found->executable)))
			found = s;
	}
	return found ? found->address + (offset - found->offset) : offset;
}

/* ---- where tables are ----------------------------------------------------*/

struct table {
	uint64_t symbols, symbols_len, names, names_len; /* in the file */
};

bool xp_gprogram_sections(const struct xp_gfile *f, const Elf64_Ehdr *e, struct xp_gsections *s)
{
	s->nr = 0;
	if (e->e_shentsize != sizeof(s->v[0]) || !e->e_shnum || e->e_shnum > XP_GPROGRAM_SECTIONS || !e->e_shoff ||
	    !xp_gfile_read(f, e->e_shoff, s->v, e->e_shnum * sizeof(s->v[0])))
		return false;
	s->nr = e->e_shnum;
	return true;
}

static bool by_section(const struct xp_gsections *s, uint32_t type, struct table *t)
{
	for (size_t i = 0; i < s->nr; i++) {
		const Elf64_Shdr *h = &s->v[i];

		if (h->sh_type != type || h->sh_link >= s->nr)
			continue;
		*t = (struct table){ h->sh_offset, h->sh_size, s->v[h->sh_link].sh_offset, s->v[h->sh_link].sh_size };
		return true;
	}
	return false;
}

static bool file_offset(const struct xp_gprogram *p, uint64_t address, uint64_t *offset)
{
	for (size_t i = 0; i < p->nr_segments; i++) {
		const struct xp_gsegment *s = &p->segments[i];

		if (address >= s->address && address - s->address < s->size) {
			*offset = s->offset + (address - s->address);
			return true;
		}
	}
	return false;
}

/* How many symbols a GNU hash table has: up to the end of the last chain. 0: not to be told. */
static uint64_t count_by_hash(const struct xp_gfile *f, uint64_t at)
{
	uint32_t head[4], *buckets, last = 0, hash = 0;
	uint64_t chains;

	if (!xp_gfile_read(f, at, head, sizeof(head)) || !head[0] || head[0] > XP_GPROGRAM_SYMBOLS || head[2] > XP_GPROGRAM_SYMBOLS)
		return 0;
	buckets = malloc(head[0] * sizeof(*buckets));
	at += sizeof(head) + 8 * (uint64_t)head[2];
	chains = at + 4 * (uint64_t)head[0];
	if (buckets && xp_gfile_read(f, at, buckets, head[0] * sizeof(*buckets)))
		for (uint32_t i = 0; i < head[0]; i++)
			last = buckets[i] > last ? buckets[i] : last;
	free(buckets);
	if (last < head[1])
		return last;
	while (last < XP_GPROGRAM_SYMBOLS && xp_gfile_read(f, chains + 4 * (uint64_t)(last - head[1]), &hash, sizeof(hash)) && !(hash & 1))
		last++;
	return hash & 1 ? (uint64_t)last + 1 : 0;
}

/* Where the section headers, at the file's end, are not in memory: by what the dynamic linker uses. */
static bool by_dynamic(const struct xp_gprogram *p, const struct xp_gfile *f, const Elf64_Ehdr *e, struct table *t)
{
	Elf64_Phdr h[XP_GPROGRAM_HEADERS];
	Elf64_Dyn dyn[128];
	uint64_t symbols = 0, names = 0, hash = 0;
	size_t nr = xp_gprogram_headers(f, e, h), i, n;

	memset(t, 0, sizeof(*t));
	for (i = 0; i < nr && h[i].p_type != PT_DYNAMIC; i++)
		;
	if (i == nr)
		return false;
	n = h[i].p_filesz / sizeof(*dyn) < 128 ? h[i].p_filesz / sizeof(*dyn) : 128;
	if (!xp_gfile_read(f, h[i].p_offset, dyn, n * sizeof(*dyn)))
		return false;
	for (i = 0; i < n && dyn[i].d_tag != DT_NULL; i++) {
		symbols = dyn[i].d_tag == DT_SYMTAB ? dyn[i].d_un.d_ptr : symbols;
		names = dyn[i].d_tag == DT_STRTAB ? dyn[i].d_un.d_ptr : names;
		hash = dyn[i].d_tag == DT_GNU_HASH ? dyn[i].d_un.d_ptr : hash;
		t->names_len = dyn[i].d_tag == DT_STRSZ ? dyn[i].d_un.d_val : t->names_len;
	}
	if (!file_offset(p, symbols, &t->symbols) || !file_offset(p, names, &t->names) || !file_offset(p, hash, &hash))
		return false;
	t->symbols_len = count_by_hash(f, hash) * sizeof(Elf64_Sym);
	return t->symbols_len && t->names_len;
}

/* ---- symbols -------------------------------------------------------------*/

/* The code in which the symbol lies: its section or, where these are not known, a segment. */
static bool code_of(const struct xp_gprogram *p, const struct xp_gsections *s, const Elf64_Sym *sym, uint64_t *start, uint64_t *end)
{
	if (!sym->st_shndx || sym->st_shndx >= SHN_LORESERVE || (s->nr && sym->st_shndx >= s->nr))
		return false;
	if (s->nr) {
		const Elf64_Shdr *h = &s->v[sym->st_shndx];

		*start = h->sh_addr;
		*end = h->sh_addr + h->sh_size;
		return (h->sh_flags & SHF_EXECINSTR) && *end > *start;
	}
	for (size_t i = 0; i < p->nr_segments; i++) {
		*start = p->segments[i].address;
		*end = *start + p->segments[i].size;
		if (p->segments[i].executable && sym->st_value >= *start && sym->st_value < *end)
			return true;
	}
	return false;
}

static bool is_function(const Elf64_Sym *sym)
{
	unsigned int type = ELF64_ST_TYPE(sym->st_info);

	return type == STT_FUNC || type == STT_GNU_IFUNC || (type == STT_NOTYPE && ELF64_ST_BIND(sym->st_info) != STB_LOCAL);
}

static void add_symbol(const struct xp_gprogram *p, const struct xp_gsections *s, const Elf64_Sym *sym, const char *names, size_t len,
		       struct xp_buf *to)
{
	struct xp_gsymbol out = { .start = sym->st_value };
	uint64_t start, end, last;
	size_t n;

	if (!is_function(sym) || sym->st_name >= len || !code_of(p, s, sym, &start, &end) || sym->st_value < start || sym->st_value >= end)
		return;
	n = strnlen(names + sym->st_name, len - sym->st_name);
	if (!n || n == len - sym->st_name)
		return;
	out.end = end;
	if (sym->st_size && !__builtin_add_overflow(sym->st_value, sym->st_size, &last) && last < end)
		out.end = last;
	out.open = !sym->st_size;
	out.bind = ELF64_ST_BIND(sym->st_info);
	out.notype = ELF64_ST_TYPE(sym->st_info) == STT_NOTYPE;
	out.len = (uint32_t)n;
	xp_buf_add(to, &out, sizeof(out));
	xp_buf_add(to, names + sym->st_name, n);
}

/* False: its bytes are not in memory, or are too many. */
static bool read_table(const struct xp_gprogram *p, const struct xp_gfile *f, const struct xp_gsections *s, const struct table *t,
		       struct xp_buf *symbols)
{
	size_t nr = t->symbols_len / sizeof(Elf64_Sym), len = t->names_len;
	Elf64_Sym *syms;
	char *names;
	bool ok;

	if (!nr || nr > XP_GPROGRAM_SYMBOLS || t->symbols_len > XP_GPROGRAM_TABLE || !len || len > XP_GPROGRAM_TABLE)
		return false;
	syms = malloc(nr * sizeof(*syms));
	names = malloc(len);
	ok = syms && names && xp_gfile_read(f, t->symbols, syms, nr * sizeof(*syms)) && xp_gfile_read(f, t->names, names, len);
	for (size_t i = 1; ok && i < nr; i++)
		add_symbol(p, s, &syms[i], names, len, symbols);
	free(syms);
	free(names);
	return ok;
}

void xp_gprogram_symbols(struct xp_gprogram *p, const struct xp_gfile *f, struct xp_buf *symbols)
{
	static struct xp_gsections s;
	struct table t;
	Elf64_Ehdr e;
	bool known;

	if (!xp_gprogram_header(f, &e))
		return;
	known = xp_gprogram_sections(f, &e, &s);
	if (known && by_section(&s, SHT_SYMTAB, &t) && read_table(p, f, &s, &t, symbols)) {
		p->table = XP_GTABLE_ALL;
		return;
	}
	because(p, known && !by_section(&s, SHT_SYMTAB, &t) ? "stripped, and no debug file with its build-id on this host" :
		   "its table of symbols is not in the guest's memory");
	if (known ? by_section(&s, SHT_DYNSYM, &t) && read_table(p, f, &s, &t, symbols) :
		    by_dynamic(p, f, &e, &t) && read_table(p, f, &s, &t, symbols))
		p->table = XP_GTABLE_DYNAMIC;
}

bool xp_gsymbol_next(const uint8_t **at, size_t *left, struct xp_gsymbol *s, const char **name)
{
	if (*left < sizeof(*s))
		return false;
	memcpy(s, *at, sizeof(*s));
	if (!s->len || s->len > *left - sizeof(*s))
		return false;
	*name = (const char *)*at + sizeof(*s);
	*at += sizeof(*s) + s->len;
	*left -= sizeof(*s) + s->len;
	return true;
}
