/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where an image's addresses lie in a file of its build. Most are where they
 * were linked. A kernel may have been moved as a whole when it booted; modules
 * and live patches are not linked, and whoever loads them puts each section
 * where there is room. Symbols that profile and file both have once tell.
 */
#ifndef XP_LINES_PLACE_H
#define XP_LINES_PLACE_H

#include "lib/lines/binary.h"

#define XP_PLACE_MAX 64u /* sections with code */

struct xp_place {
	struct { uint64_t from, to, slide; } v[XP_PLACE_MAX]; /* [from, to) of the image lies at address - slide in the file */
	size_t nr;
};

/* False: the image is always where it was linked. */
bool xp_place_needs_file(const struct xp_image *image);
/* All of it lies `slide` above where it was linked. */
void xp_place_whole(struct xp_place *p, uint64_t slide);

/*
 * Fills *p in for an open file. 0; XP_E_FORMAT: the symbols do not tell, or contradict each other. XP_E_NOMEM.
 * A section of which the profile has no symbol is nowhere.
 */
int xp_place_find(struct xp_place *p, struct xp_binary *b, const struct xp_image *image, struct xp_err *err);

/* False: the file has nothing that was loaded there. */
bool xp_place_in_file(const struct xp_place *p, uint64_t addr, uint64_t *in_file);
bool xp_place_in_image(const struct xp_place *p, uint64_t in_file, uint64_t *addr);

#endif
