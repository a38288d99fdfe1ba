/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of an image's own addresses, wherever its file has them. */
#ifndef XP_LINES_IMAGE_H
#define XP_LINES_IMAGE_H

#include "lib/lines/lines.h"
#include "lib/lines/place.h"

struct xp_image_lines {
	struct xp_lines lines; /* by the file's addresses */
	struct xp_place place;
};

/* As xp_lines_find(); addrs (in any order, some may be the same) are the image's. Release *l in any case. */
int xp_image_lines_find(struct xp_image_lines *l, const struct xp_profile *p, const struct xp_image *image,
			const struct xp_binary_places *places, const uint64_t *addrs, size_t nr, struct xp_err *err);
void xp_image_lines_release(struct xp_image_lines *l);

/* NULL: nothing is known of that address. */
const struct xp_line *xp_image_lines_at(const struct xp_image_lines *l, uint64_t addr);

#endif
