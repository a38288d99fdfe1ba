// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/export/functions.h"

/* Behind all symbols: a place for what is unresolved in each image, in each mode, and for what is truncated. */
static uint64_t place_of(const struct xp_functions *f, const struct xp_row *row)
{
	const struct xp_profile *p = f->agg->profile;
	uint64_t after = f->image_base[p->nr_images];

	if (row->truncated)
		return after + p->nr_images + XP_NR_MODES + 1;
	if (!row->image)
		return after + p->nr_images + (row->mode < XP_NR_MODES ? row->mode : XP_NR_MODES);
	if (!row->symbol)
		return after + (uint64_t)(row->image - p->images);
	return f->image_base[row->image - p->images] + (uint64_t)(row->symbol - row->image->symbols);
}

int xp_functions_init(struct xp_functions *f, const struct xp_agg *agg, struct xp_err *err)
{
	const struct xp_profile *p = agg->profile;
	size_t i;

	*f = (struct xp_functions){ .agg = agg };
	f->image_base = calloc(p->nr_images + 1, sizeof(*f->image_base));
	if (!f->image_base)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu images", p->nr_images);
	for (i = 0; i < p->nr_images; i++)
		f->image_base[i + 1] = f->image_base[i] + p->images[i].nr_symbols;
	f->number = calloc(f->image_base[i] + p->nr_images + XP_NR_MODES + 2, sizeof(*f->number));
	f->of_row = calloc(agg->nr_rows + 1, sizeof(*f->of_row));
	if (!f->number || !f->of_row)
		return xp_fail(err, XP_E_NOMEM, "no memory for functions");
	return 0;
}

void xp_functions_release(struct xp_functions *f)
{
	free(f->image_base);
	free(f->number);
	free(f->of_row);
	free(f->rows);
	*f = (struct xp_functions){ 0 };
}

static bool add(struct xp_functions *f, const struct xp_row *row)
{
	size_t room = f->room ? 2 * f->room : 1024;
	struct xp_row *rows;

	if (f->nr == f->room) {
		rows = realloc(f->rows, room * sizeof(*rows));
		if (!rows)
			return false;
		f->rows = rows;
		f->room = room;
	}
	f->rows[f->nr++] = *row;
	return true;
}

uint32_t xp_function_of(struct xp_functions *f, const struct xp_row *row)
{
	uint32_t *number;

	if (f->of_row[row->id])
		return f->of_row[row->id] - 1;
	number = &f->number[place_of(f, row)];
	if (!*number) {
		if (!add(f, row))
			return XP_NONE;
		*number = (uint32_t)f->nr;
	}
	f->of_row[row->id] = *number;
	return *number - 1;
}
