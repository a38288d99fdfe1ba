// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/lines/unlinked.h"

#include <elfutils/libdwfl.h>
#include <string.h>
#include <unistd.h>

#include "lib/sym/elf.h"

#define NAME "unlinked"

struct unlinked {
	struct xp_elf elf;
	int fd;
};

static struct unlinked *of_module(void **userdata)
{
	return *userdata;
}

static int give_file(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base, char **path, Elf **elf)
{
	(void)module;
	(void)name;
	(void)base;
	(void)elf;
	*path = strdup(NAME);
	return dup(of_module(userdata)->fd);
}

/* It has its debug data itself, or none. */
static int no_other_file(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base, const char *file,
			 const char *link, GElf_Word crc, char **path)
{
	(void)module;
	(void)userdata;
	(void)name;
	(void)base;
	(void)file;
	(void)link;
	(void)crc;
	(void)path;
	return -1;
}

/* Data are nowhere: nobody asks for lines there. */
static int give_section(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base, const char *section,
			GElf_Word index, const GElf_Shdr *header, Dwarf_Addr *addr)
{
	const struct xp_elf *e = &of_module(userdata)->elf;

	(void)module;
	(void)name;
	(void)base;
	(void)section;
	(void)header;
	*addr = index < e->nr_sections && e->sections[index].exec ? e->sections[index].addr : (Dwarf_Addr)-1;
	return DWARF_CB_OK;
}

static Dwarf *open_unlinked(struct unlinked *u)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = give_file, .find_debuginfo = no_other_file, .section_address = give_section,
	};
	uint64_t size = xp_elf_place_sections(&u->elf, XP_ELF_UNLINKED);
	Dwfl *dwfl = dwfl_begin(&callbacks);
	Dwfl_Module *module;
	Dwarf_Addr bias;
	void **userdata;
	Dwarf *dwarf;

	if (!dwfl)
		return NULL;
	dwfl_report_begin(dwfl);
	module = dwfl_report_module(dwfl, NAME, XP_ELF_UNLINKED, XP_ELF_UNLINKED + size + 1);
	if (!module || !dwfl_module_info(module, &userdata, NULL, NULL, NULL, NULL, NULL, NULL))
		return NULL;
	*userdata = u;
	dwfl_report_end(dwfl, NULL, NULL);
	dwarf = dwfl_module_getdwarf(module, &bias);
	return bias ? NULL : dwarf;
}

Dwarf *xp_dwarf_open(int fd)
{
	static struct unlinked u;
	struct xp_err ignored;

	u.fd = fd;
	if (!xp_elf_open(&u.elf, fd, NAME, &ignored) && u.elf.relocatable)
		return open_unlinked(&u);
	return dwarf_begin(fd, DWARF_C_READ);
}
