/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dom0's kernel's own memory, by /proc/kcore: an ELF core whose segments say
 * which addresses are where in the file. (CONFIG_PROC_KCORE and no lockdown.)
 */
#ifndef XP_SYM_KCORE_H
#define XP_SYM_KCORE_H

#include "lib/base/error.h"
#include "lib/guest/orc.h"

#define XP_KCORE_MAX_SEGMENTS 1024u

struct xp_kcore {
	int fd;
	struct xp_kcore_segment { uint64_t addr, size, offset; } *segments;
	size_t nr;
	struct xp_kmemory memory; /* its arg is this struct: do not move it */
};

/* root is put before the path. *k needs no xp_kcore_close() after an error. */
int xp_kcore_open(struct xp_kcore *k, const char *root, struct xp_err *err);
void xp_kcore_close(struct xp_kcore *k);

#endif
