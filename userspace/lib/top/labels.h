/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What code is called: process, image and symbol, each different combination
 * once, by a number from 1. Texts are as guests chose them: whoever prints escapes.
 */
#ifndef XP_TOP_LABELS_H
#define XP_TOP_LABELS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"

struct xp_label {
	const char *comm;   /* "": none, or not known */
	const char *image;  /* "" */
	const char *symbol; /* "": it has no name */
};

struct xp_labels {
	struct xp_label *v;   /* from 1 */
	size_t nr, room;
	uint32_t *table;
	size_t mask;
	struct xp_arena texts;
};

void xp_labels_init(struct xp_labels *l);
void xp_labels_release(struct xp_labels *l);

/* Its number; the texts are copied. 0: no memory, or there are too many (XP_LABELS_MAX_BYTES of texts). */
#define XP_LABELS_MAX_BYTES (32u << 20)
uint32_t xp_labels_get(struct xp_labels *l, const struct xp_label *label);

#endif
