/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opens debug data, also those of a file that is not linked (ET_REL): there
 * they refer to sections by relocations, which libdwfl applies as if code were
 * where xp_elf_place_sections() puts it.
 */
#ifndef XP_LINES_UNLINKED_H
#define XP_LINES_UNLINKED_H

#include <elfutils/libdw.h>

/* NULL: there are none. For the child that reads debug data: what is opened stays so until it ends. */
Dwarf *xp_dwarf_open(int fd);

#endif
