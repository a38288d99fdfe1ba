/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples put together by event, slice of time, pCPU and call: what a page needs to follow a selected range. When there are
 * more different ones than a page should hold, two neighbouring slices become one, until there are not.
 */
#ifndef XP_HTML_CELLS_H
#define XP_HTML_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xp_html_entry {
	uint32_t slice, call;
	uint16_t cpu;
	uint8_t event;
	uint32_t samples;
	uint64_t weight;          /* what they stand for */
};

struct xp_html_cells {
	struct xp_html_entry *v;
	size_t nr, room, max;
	uint32_t *slots;          /* element + 1 */
	size_t mask;
	unsigned int halvings;    /* how often slices were put together */
};

#define XP_HTML_MAX_ENTRIES (3u << 20)
#define XP_HTML_SLICE_BITS 14u /* slices are less than 1 << that */

/* max: how many are told apart. False: no memory. Release it in any case. */
bool xp_html_cells_init(struct xp_html_cells *c, size_t max);
void xp_html_cells_release(struct xp_html_cells *c);

/* e->slice: as slices were at first. False: no memory. */
bool xp_html_cells_add(struct xp_html_cells *c, const struct xp_html_entry *e);

/* By event, slice, cpu, call; those whose calls or cpus were made the same meanwhile are one. Nothing may be added from here on. */
void xp_html_cells_sort(struct xp_html_cells *c);

#endif
