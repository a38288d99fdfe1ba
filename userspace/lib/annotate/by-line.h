/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An aggregate's rows by source line: made by address (XP_KEY_LINE), they get
 * their lines here, and those that are then the same become one.
 */
#ifndef XP_ANNOTATE_BY_LINE_H
#define XP_ANNOTATE_BY_LINE_H

#include "lib/agg/agg.h"
#include "lib/base/arena.h"
#include "lib/lines/binary.h"

#define XP_BY_LINE_MAX_WHYS 16u

struct xp_by_line {
	struct xp_arena texts;       /* of rows' lines: they live as long as this */
	struct xp_err whys[XP_BY_LINE_MAX_WHYS]; /* why images have no lines */
	size_t nr_whys;
};

/* The line is that of the innermost frame: of inlined code, where that was written. 0 or XP_E_NOMEM. Release *b in any case. */
int xp_by_line(struct xp_by_line *b, struct xp_agg *a, const struct xp_binary_places *places, struct xp_err *err);
void xp_by_line_release(struct xp_by_line *b);

#endif
