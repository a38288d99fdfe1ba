/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MAPS chunks: which addresses of whom are which image. */
#include "lib/base/sort.h"
#include "lib/profile/codec.h"

void xp_map_encode(struct xp_buf *b, const struct xp_map *map)
{
	xp_buf_varint(b, map->tsc);
	xp_buf_varint(b, map->domid);
	xp_buf_varint(b, map->tgid);
	xp_buf_varint(b, map->start);
	xp_buf_varint(b, map->end - map->start);
	xp_buf_varint(b, map->image_addr);
	xp_buf_varint(b, map->image);
}

bool xp_map_decode(struct xp_profile *p, struct xp_cursor *c)
{
	struct xp_map map, *out;

	map.tsc = xp_cursor_varint(c);
	map.domid = (uint16_t)xp_cursor_bounded(c, UINT16_MAX, "a map's domain");
	map.tgid = (uint32_t)xp_cursor_bounded(c, UINT32_MAX, "a map's tgid");
	map.start = xp_cursor_varint(c);
	map.end = map.start + xp_cursor_bounded(c, UINT64_MAX - map.start, "a map's length");
	map.image_addr = xp_cursor_varint(c);
	map.image = (uint32_t)xp_cursor_bounded(c, UINT32_MAX, "a map's image");
	out = xp_cursor_ok(c) ? xp_profile_append(p, maps, c) : NULL;
	if (out)
		*out = map;
	return out != NULL;
}

static int compare(const void *pa, const void *pb)
{
	const struct xp_map *a = pa, *b = pb;

	if (a->domid != b->domid)
		return a->domid < b->domid ? -1 : 1;
	if (a->tgid != b->tgid)
		return a->tgid < b->tgid ? -1 : 1;
	return a->tsc < b->tsc ? -1 : a->tsc > b->tsc;
}

void xp_map_finish(struct xp_profile *p)
{
	xp_stable_sort(p->maps, p->nr_maps, sizeof(*p->maps), compare);
}
