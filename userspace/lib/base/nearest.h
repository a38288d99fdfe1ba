/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What somebody may have meant who typed something else. */
#ifndef XP_BASE_NEAREST_H
#define XP_BASE_NEAREST_H

#include <stddef.h>

struct xp_nearest {
	const char *typed;
	const char *best;  /* NULL: nothing is near */
	size_t distance;   /* of best; further away is a guess */
};

void xp_nearest_init(struct xp_nearest *n, const char *typed);

/* Offers one name that would be right; it must live as long as n is used. */
void xp_nearest_offer(struct xp_nearest *n, const char *name);

#endif
