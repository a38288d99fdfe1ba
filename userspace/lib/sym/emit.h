/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts images, maps and the symbols of addresses that occur into the profile.
 */
#ifndef XP_SYM_EMIT_H
#define XP_SYM_EMIT_H

#include "lib/base/arena.h"
#include "lib/profile/profile.h"
#include "lib/sym/addrset.h"
#include "lib/sym/buildid.h"
#include "lib/sym/names.h"
#include "lib/sym/symtab.h"

struct xp_emit {
	struct xp_writer *w;          /* borrowed */
	struct xp_names_stats *stats; /* borrowed: counts what is written */
	uint32_t next_image;
};

/* Symbols that hold at least one of the addresses, each once. */
struct xp_found {
	struct xp_symbol *v;
	size_t nr;
	size_t named;         /* addresses that lie in one */
	struct xp_arena names;
};

/* addrs: sorted by ip, in the table's addresses. Release also after an error. */
int xp_found_init(struct xp_found *found, const struct xp_symtab *t, const struct xp_addr *addrs, size_t nr,
		  struct xp_err *err);
void xp_found_release(struct xp_found *found);

/* Writes the image and what was found in it (NULL: nothing); *image is its id. id may be NULL. */
int xp_emit_image(struct xp_emit *e, enum xp_image_kind kind, const char *name, const struct xp_build_id *id,
		  const char *why, const struct xp_found *found, uint32_t *image, struct xp_err *err);

int xp_emit_map(struct xp_emit *e, const struct xp_map *map, struct xp_err *err);

#endif
