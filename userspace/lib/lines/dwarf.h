/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads debug data, by libdw, which is not made for hostile ones: runs in a
 * child (lib/base/isolate.h) and answers in bytes (answer.h).
 */
#ifndef XP_LINES_DWARF_H
#define XP_LINES_DWARF_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

struct xp_dwarf_work {
	int fd;                 /* of the file with debug data */
	const uint64_t *addrs;  /* in the file's addresses, sorted, all different */
	size_t nr;
};

/* arg is a struct xp_dwarf_work. Leaves memory behind: the child ends. Nothing is added to answer if nothing can be read. */
void xp_dwarf_lines(void *arg, struct xp_buf *answer);

#endif
