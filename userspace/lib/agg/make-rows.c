/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows, made from the table when all is counted. */
#include "lib/agg/agg-impl.h"

void xp_agg_row_at(const struct xp_agg *a, uint32_t id, struct xp_row *row)
{
	const struct xp_row_table *t = &a->impl->rows;
	struct xp_row_entry *entry = xp_row_entry(t, id);

	xp_agg_row(a, row, &entry->key, a->config.keys);
	row->id = id;
	row->counts = entry->counts;
	row->weights = entry->counts + t->nr_events;
	row->slices = a->config.slices ? xp_row_slices(t, entry) : NULL;
	row->children = a->config.chains ? xp_calls_children(a, id) : NULL;
}

static bool is_made(const struct xp_agg *a, const struct xp_row_entry *entry)
{
	return a->config.percent_limit <= 0 || xp_agg_has_enough(a, entry->counts + a->nr_events, a->config.percent_limit);
}

static void leave_out(struct xp_agg *a, const struct xp_row_entry *entry)
{
	size_t e;

	for (e = 0; e < a->nr_events; e++) {
		a->left_rows[e] += entry->counts[e] > 0;
		a->left_weights.of[e] += entry->key.mode == XP_MODE_IDLE ? 0 : entry->counts[a->nr_events + e];
	}
}

int xp_agg_make_rows(struct xp_agg *a, struct xp_err *err)
{
	const struct xp_row_table *t = &a->impl->rows;
	size_t i, nr = 0;

	for (i = 0; i < t->nr; i++)
		nr += a->config.no_rows || is_made(a, xp_row_entry(t, i));
	a->nr_rows = nr;
	if (a->config.no_rows)
		return 0;
	a->rows = calloc(nr + 1, sizeof(*a->rows));
	if (!a->rows)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu rows", nr);
	for (i = 0, nr = 0; i < t->nr; i++) {
		if (is_made(a, xp_row_entry(t, i)))
			xp_agg_row_at(a, (uint32_t)i, &a->rows[nr++]);
		else
			leave_out(a, xp_row_entry(t, i));
	}
	return 0;
}
