/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/PID/maps: the executable mappings of a process.
 */
#ifndef XP_SYM_PROCMAPS_H
#define XP_SYM_PROCMAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/sym/span.h"

#define XP_PROCMAPS_MAX_BYTES (16u << 20)
#define XP_MAP_NAME_MAX 4096u

struct xp_procmap {
	uint64_t start, end, offset;
	uint32_t major, minor;
	uint64_t inode;
	struct xp_span name; /* points into the text; empty: anonymous */
};

/* Takes lines off text up to the next executable mapping. False: none was left. Lines that are none are passed over. */
bool xp_procmaps_next(struct xp_span *text, struct xp_procmap *map);

/* What a mapping's name says that it is (enum xp_image_kind): a file, the vDSO, or memory without a file. */
unsigned int xp_map_kind(struct xp_span name);

/* Copies the name, without the kernel's " (deleted)"; one without name is "//anon". */
void xp_map_name(struct xp_span name, char out[XP_MAP_NAME_MAX]);

#endif
