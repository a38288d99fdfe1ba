// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames: what rows of several processes and domains have in common, so that the page has each name once. */
#include <stdlib.h>

#include "lib/html/data.h"

static bool same_frame(const struct xp_html_row *a, const struct xp_html_row *b)
{
	return a->name == b->name && a->image == b->image && a->mode == b->mode && a->kind == b->kind;
}

/* The slot of row's frame, or the free one where it would be; a slot holds a frame's number + 1. */
static uint32_t *find(const struct xp_html_data *d, uint32_t *slots, size_t mask, const struct xp_html_row *row)
{
	uint64_t h = ((uint64_t)row->name << 32 ^ (uint64_t)row->image << 8 ^ row->mode << 4 ^ row->kind) * 0x9e3779b97f4a7c15u;
	size_t i = (size_t)(h ^ h >> 32) & mask;

	while (slots[i] && !same_frame(&d->rows[d->frames[slots[i] - 1]], row))
		i = (i + 1) & mask;
	return &slots[i];
}

bool xp_html_number_frames(struct xp_html_data *d)
{
	size_t mask = 1, i;
	uint32_t *slots;

	while (mask < 2 * d->nr_rows)
		mask = 2 * mask + 1;
	slots = calloc(mask + 1, sizeof(*slots));
	d->frames = malloc((d->nr_rows + 1) * sizeof(*d->frames));
	if (!slots || !d->frames) {
		free(slots);
		return false;
	}
	for (i = 0; i < d->nr_rows; i++) {
		uint32_t *slot = find(d, slots, mask, &d->rows[i]);

		if (!*slot) {
			d->frames[d->nr_frames] = (uint32_t)i;
			*slot = (uint32_t)++d->nr_frames;
		}
		d->rows[i].frame = *slot - 1;
	}
	free(slots);
	return true;
}
