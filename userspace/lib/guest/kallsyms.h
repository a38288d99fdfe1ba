/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A Linux kernel's own table of symbols, found in its memory by its shape.
 *
 * The table is what scripts/kallsyms.c of Linux writes into the kernel (since
 * 4.6: addresses relative to a base): names compressed with 256 tokens, a
 * marker for each 256th of them, offsets.  The order of its parts changed in
 * 6.4, the length of a name may have two bytes since 6.1, and the sense of the offsets
 * changed in 6.15; all are told apart by what fits, and all that is read is
 * checked, as it is a guest's.
 */
#ifndef XP_GUEST_KALLSYMS_H
#define XP_GUEST_KALLSYMS_H

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/guest/memory.h"

/* Where x86-64 Linux maps its image: __START_KERNEL_map, up to where modules begin [Documentation/x86/x86_64/mm.rst]. */
#define XP_GIMAGE_START 0xffffffff80000000ull
#define XP_GIMAGE_END   0xffffffffc0000000ull

#define XP_GKALLSYMS_MIN 1000u          /* symbols: no kernel has fewer */
#define XP_GKALLSYMS_MAX (1u << 20)
#define XP_GKALLSYMS_TEXT_MAX (64u << 20) /* bytes of text */

/*
 * text: lines as in /proc/kallsyms ("ffffffff81000000 T _text").
 * XP_E_ABSENT: no such table was found, and the text says so.
 */
int xp_gkallsyms_read(struct xp_gmemory *m, struct xp_buf *text, struct xp_err *err);

/* The address of a symbol in such a text. False: it has none of this name. */
bool xp_gkallsyms_find(const struct xp_buf *text, const char *name, uint64_t *address);

#endif
