/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files that read a guest's program: its headers. (The sections' are too large for a stack.) */
#ifndef XP_GUEST_PROGRAM_IMPL_H
#define XP_GUEST_PROGRAM_IMPL_H

#include <elf.h>

#include "lib/guest/gfile.h"

#define XP_GPROGRAM_HEADERS 64u /* of segments */

/* False: it is not in memory, or none. */
bool xp_gprogram_header(const struct xp_gfile *f, Elf64_Ehdr *e);

/* The segments' headers; how many. 0: they are not in memory, or make no sense. */
size_t xp_gprogram_headers(const struct xp_gfile *f, const Elf64_Ehdr *e, Elf64_Phdr h[XP_GPROGRAM_HEADERS]);

#define XP_GPROGRAM_SECTIONS 1024u

struct xp_gsections { Elf64_Shdr v[XP_GPROGRAM_SECTIONS]; size_t nr; };

/* False, and none: they are not in memory (they lie at a file's end), or make no sense. */
bool xp_gprogram_sections(const struct xp_gfile *f, const Elf64_Ehdr *e, struct xp_gsections *s);

#endif
