// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/lines/image.h"

void xp_image_lines_release(struct xp_image_lines *l)
{
	xp_lines_release(&l->lines);
}

/* 0 with a `why` if the file is not there, or does not tell. */
static int find_place(struct xp_image_lines *l, const struct xp_binary_wanted *wanted, const struct xp_image *image,
		      const struct xp_binary_places *places, struct xp_err *err)
{
	struct xp_binary b;
	int rc;

	if (!xp_place_needs_file(image)) {
		xp_place_whole(&l->place, 0);
		return 0;
	}
	if (xp_binary_open(&b, wanted, XP_BINARY_DEBUG, places, &l->lines.why))
		return 0;
	rc = xp_place_find(&l->place, &b, image, &l->lines.why);
	xp_binary_close(&b);
	return rc == XP_E_NOMEM ? xp_fail(err, rc, "%s", l->lines.why.text) : 0;
}

static int by_number(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return a < b ? -1 : a > b;
}

/* As the file has them, in a new array (free it), sorted, each once. NULL: no memory. */
static uint64_t *in_file(const struct xp_place *place, const uint64_t *addrs, size_t nr, size_t *nr_there)
{
	uint64_t *v = malloc((nr + 1) * sizeof(*v));
	size_t i, n = 0;

	*nr_there = 0;
	for (i = 0; v && i < nr; i++)
		if (xp_place_in_file(place, addrs[i], &v[n]))
			n++;
	if (n)
		qsort(v, n, sizeof(*v), by_number);
	for (i = 0; i < n; i++)
		if (!i || v[i] != v[*nr_there - 1])
			v[(*nr_there)++] = v[i];
	return v;
}

int xp_image_lines_find(struct xp_image_lines *l, const struct xp_profile *p, const struct xp_image *image,
			const struct xp_binary_places *places, const uint64_t *addrs, size_t nr, struct xp_err *err)
{
	struct xp_binary_wanted wanted;
	uint64_t *there;
	size_t nr_there;
	int rc;

	*l = (struct xp_image_lines){ .place = { .nr = 0 } };
	xp_binary_wanted_init(&wanted, p, image);
	rc = find_place(l, &wanted, image, places, err);
	if (rc || !l->place.nr)
		return rc;
	there = in_file(&l->place, addrs, nr, &nr_there);
	if (!there)
		return xp_fail(err, XP_E_NOMEM, "no memory for lines");
	if (nr_there)
		rc = xp_lines_find(&l->lines, &wanted, places, there, nr_there, err);
	free(there);
	return rc;
}

const struct xp_line *xp_image_lines_at(const struct xp_image_lines *l, uint64_t addr)
{
	uint64_t there;

	return xp_place_in_file(&l->place, addr, &there) ? xp_lines_at(&l->lines, there) : NULL;
}
