// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/binary.h"

#include <dwarf.h>
#include <gelf.h>
#include <libelf.h>

#include "lib/base/cursor.h"
#include "lib/unwind/cfa.h"
#include "lib/unwind/cfi.h"

#define MAX_SECTIONS 65536u
#define MAX_SEGMENTS 4096u

struct file {
	Elf *elf;
	const char *name;
	struct xp_cfi_section found[2];
	size_t nr_found;
};

static void add_found(struct file *f, const char *name, uint64_t addr, const Elf_Data *data, bool debug)
{
	f->found[f->nr_found++] = (struct xp_cfi_section){ name, data->d_buf, data->d_size, addr, debug };
}

/* The contents of a section, without its compression. NULL: there are none, or too many. */
static Elf_Data *contents(Elf_Scn *scn, const GElf_Shdr *sh)
{
	GElf_Chdr ch;
	Elf_Data *data;

	if (sh->sh_type == SHT_NOBITS || !sh->sh_size || sh->sh_size > XP_CFI_MAX_BYTES)
		return NULL;
	if ((sh->sh_flags & SHF_COMPRESSED) &&
	    (!gelf_getchdr(scn, &ch) || ch.ch_size > XP_CFI_MAX_BYTES || elf_compress(scn, 0, 0) < 0))
		return NULL;
	/* As bytes: nothing is to be converted. */
	data = elf_rawdata(scn, NULL);
	return data && data->d_buf && data->d_size ? data : NULL;
}

static bool is_named(struct file *f, const GElf_Shdr *sh, const char *name)
{
	size_t strings;
	const char *s;

	if (elf_getshdrstrndx(f->elf, &strings))
		return false;
	s = elf_strptr(f->elf, strings, sh->sh_name);
	return s && !strcmp(s, name);
}

static bool find_section(struct file *f, const char *name, bool debug)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(f->elf, scn))) {
		Elf_Data *data;

		if (!gelf_getshdr(scn, &sh) || !is_named(f, &sh, name))
			continue;
		data = contents(scn, &sh);
		if (data)
			add_found(f, name, sh.sh_addr, data, debug);
		return data;
	}
	return false;
}

/* From an address to the end of the segment that has it. */
static Elf_Data *segment_from(struct file *f, uint64_t addr)
{
	size_t nr, i;

	if (elf_getphdrnum(f->elf, &nr))
		return NULL;
	for (i = 0; i < nr && i < MAX_SEGMENTS; i++) {
		GElf_Phdr ph;
		uint64_t skip;

		if (!gelf_getphdr(f->elf, (int)i, &ph) || ph.p_type != PT_LOAD || addr < ph.p_vaddr)
			continue;
		skip = addr - ph.p_vaddr;
		if (skip < ph.p_filesz && ph.p_filesz - skip <= XP_CFI_MAX_BYTES)
			return elf_getdata_rawchunk(f->elf, (int64_t)(ph.p_offset + skip), ph.p_filesz - skip, ELF_T_BYTE);
	}
	return NULL;
}

/* Without section headers: .eh_frame_hdr says where .eh_frame begins, its terminator where it ends. */
static void find_by_segment(struct file *f)
{
	size_t nr, i;

	if (elf_getphdrnum(f->elf, &nr))
		return;
	for (i = 0; i < nr && i < MAX_SEGMENTS; i++) {
		struct xp_cursor c;
		Elf_Data *data;
		GElf_Phdr ph;
		uint64_t addr;
		uint8_t encoding;

		if (!gelf_getphdr(f->elf, (int)i, &ph) || ph.p_type != PT_GNU_EH_FRAME || ph.p_filesz > XP_CFI_MAX_BYTES)
			continue;
		data = elf_getdata_rawchunk(f->elf, (int64_t)ph.p_offset, ph.p_filesz, ELF_T_BYTE);
		if (!data || !data->d_buf)
			continue;
		xp_cursor_init(&c, ".eh_frame_hdr", data->d_buf, data->d_size, NULL);
		if (xp_cursor_u8(&c) != 1)
			continue;
		encoding = xp_cursor_u8(&c);
		xp_cursor_u16(&c);
		addr = xp_dwarf_address(&c, encoding, ph.p_vaddr);
		data = xp_cursor_ok(&c) ? segment_from(f, addr) : NULL;
		if (data && data->d_buf) {
			add_found(f, ".eh_frame", addr, data, false);
			return;
		}
	}
}

/* The address of the first segment. False: there is none, so nothing of it is ever mapped. */
static bool find_base(struct file *f, uint64_t *base)
{
	size_t nr, i;

	*base = UINT64_MAX;
	if (elf_getphdrnum(f->elf, &nr))
		return false;
	for (i = 0; i < nr && i < MAX_SEGMENTS; i++) {
		GElf_Phdr ph;

		if (gelf_getphdr(f->elf, (int)i, &ph) && ph.p_type == PT_LOAD && ph.p_vaddr < *base)
			*base = ph.p_vaddr;
	}
	return *base != UINT64_MAX;
}

static int read_rules(struct file *f, struct xp_unwind_table *t, struct xp_err *err)
{
	size_t nr;
	GElf_Ehdr eh;
	uint64_t base;
	int rc;

	if (!f->elf || elf_kind(f->elf) != ELF_K_ELF || !gelf_getehdr(f->elf, &eh) || eh.e_machine != EM_X86_64 ||
	    eh.e_ident[EI_CLASS] != ELFCLASS64)
		return xp_fail(err, XP_E_FORMAT, "%s: not an ELF file of x86-64", f->name);
	if (elf_getshdrnum(f->elf, &nr) || nr > MAX_SECTIONS)
		return xp_fail(err, XP_E_FORMAT, "%s: broken section headers", f->name);
	if (!find_base(f, &base))
		return xp_fail(err, XP_E_ABSENT, "%s: has no segments: it is not linked", f->name);
	if (!find_section(f, ".eh_frame", false))
		find_by_segment(f);
	find_section(f, ".debug_frame", true);
	if (!f->nr_found)
		return xp_fail(err, XP_E_ABSENT, "%s: has neither .eh_frame nor .debug_frame", f->name);
	xp_unwind_table_init(t, base);
	rc = xp_cfi_rules(t, f->found, f->nr_found, err);
	if (!rc && !t->nr)
		rc = xp_fail(err, XP_E_ABSENT, "%s: nothing in its .eh_frame or .debug_frame tells how to unwind", f->name);
	return rc;
}

static int finish(struct file *f, struct xp_unwind_table *t, struct xp_err *err)
{
	int rc = read_rules(f, t, err);

	elf_end(f->elf);
	return rc;
}

int xp_binary_rules(struct xp_unwind_table *t, int fd, const char *name, struct xp_err *err)
{
	struct file f = { .name = name };

	elf_version(EV_CURRENT);
	f.elf = elf_begin(fd, ELF_C_READ, NULL);
	return finish(&f, t, err);
}

int xp_binary_rules_memory(struct xp_unwind_table *t, const void *data, size_t len, const char *name, struct xp_err *err)
{
	struct file f = { .name = name };

	elf_version(EV_CURRENT);
	f.elf = elf_memory((char *)(uintptr_t)data, len); /* does not write: we only read */
	return finish(&f, t, err);
}
