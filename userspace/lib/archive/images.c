// SPDX-License-Identifier: GPL-2.0-or-later
/* Which images have samples. */
#include "lib/agg/agg.h"
#include "lib/archive/archive.h"

static int by_samples(const void *pa, const void *pb)
{
	const struct xp_archived *a = pa, *b = pb;

	if (a->samples != b->samples)
		return a->samples > b->samples ? -1 : 1;
	return strcmp(a->image->name, b->image->name);
}

static void take_rows(struct xp_archive *a, const struct xp_agg *agg)
{
	size_t i, e;

	for (i = 0; i < agg->nr_rows; i++) {
		struct xp_archived *to = &a->images[a->nr];

		if (!agg->rows[i].image)
			continue;
		*to = (struct xp_archived){ .image = agg->rows[i].image };
		for (e = 0; e < agg->nr_events; e++)
			to->samples += agg->rows[i].counts[e];
		a->nr++;
	}
	qsort(a->images, a->nr, sizeof(*a->images), by_samples);
}

int xp_archive_images(struct xp_archive *a, struct xp_profile *p, struct xp_err *err)
{
	const struct xp_agg_config config = { .keys = XP_KEY_IMAGE };
	struct xp_agg *agg;
	int rc = xp_agg_run(&agg, p, &config, err);

	if (rc)
		return rc;
	a->images = calloc(agg->nr_rows + 1, sizeof(*a->images));
	if (a->images)
		take_rows(a, agg);
	else
		rc = xp_fail(err, XP_E_NOMEM, "no memory for %zu images", agg->nr_rows);
	xp_agg_free(agg);
	return rc;
}
