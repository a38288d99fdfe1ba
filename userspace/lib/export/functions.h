/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions as most formats know them: a symbol of an image, whoever executed it. Numbered from 0 as they come. What has no
 * symbol is one function of its image; what has not even an image one of its mode; and there is "[truncated]".
 */
#ifndef XP_EXPORT_FUNCTIONS_H
#define XP_EXPORT_FUNCTIONS_H

#include "lib/export/stacks.h"

struct xp_functions {
	const struct xp_agg *agg;
	uint64_t *image_base;       /* of each image: place of its first symbol */
	uint32_t *number;           /* by place: number + 1 */
	uint32_t *of_row;           /* by row: number + 1 */
	struct xp_row *rows;        /* by number: one of its rows */
	size_t nr, room;
};

/* 0 or XP_E_NOMEM. Release it in any case. */
int xp_functions_init(struct xp_functions *f, const struct xp_agg *agg, struct xp_err *err);
void xp_functions_release(struct xp_functions *f);

/* XP_NONE: no memory. */
uint32_t xp_function_of(struct xp_functions *f, const struct xp_row *row);

#endif
