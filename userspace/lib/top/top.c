// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/top/top.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/sort.h"

int xp_top_init(struct xp_top *t, const struct xp_top_event *events, size_t nr_events, unsigned int slots, uint64_t delay_ns,
		struct xp_err *err)
{
	uint64_t periods[XPROF_MAX_EVENTS] = { 0 };

	memset(t, 0, sizeof(*t));
	t->nr_events = nr_events;
	for (size_t e = 0; e < nr_events; e++) {
		t->events[e] = events[e];
		periods[e] = events[e].period ? events[e].period : 1;
	}
	xp_labels_init(&t->labels);
	xp_top_view_init(&t->view, delay_ns);
	xp_top_columns_init(&t->columns, t->events, nr_events);
	t->view.sort = (unsigned int)xp_top_find_column(t, "CPU(%)");
	if (!xp_window_init(&t->window, periods, nr_events, slots))
		return xp_fail(err, XP_E_NOMEM, "no memory to count samples");
	return 0;
}

void xp_top_release(struct xp_top *t)
{
	xp_window_release(&t->window);
	xp_labels_release(&t->labels);
	xp_top_domains_release(&t->domains);
	xp_top_sums_release(&t->sums);
	xp_hot_release(&t->hot);
	free(t->rows);
	free(t->domids);
	t->rows = NULL;
	t->domids = NULL;
}

/* ---- columns by name ---- */

/* How well a name names a column: "llc" LLC/KI rather than LLC-MISSES(%), "cpu" CPU(%) rather than CPU(sec). 0: not. */
static int goodness(const char *head, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(head, name, len))
		return 0;
	if (!head[len])
		return 4;
	if (head[len] == '/')
		return 3;
	return strcmp(head + len, "(%)") ? 1 : 2;
}

size_t xp_top_find_column(const struct xp_top *t, const char *name)
{
	size_t found = SIZE_MAX;
	int best = 0;

	for (size_t i = 0; i < t->columns.nr; i++) {
		int good = goodness(t->columns.v[i].head, name);

		if (good > best) {
			best = good;
			found = i;
		}
	}
	return *name ? found : SIZE_MAX;
}

/* ---- rows of domains ---- */

static bool make_room(struct xp_top *t, size_t nr)
{
	struct xp_top_row *rows;
	uint16_t *domids;

	if (nr <= t->room_rows)
		return true;
	rows = realloc(t->rows, nr * sizeof(*rows));
	if (!rows)
		return false;
	t->rows = rows;
	domids = realloc(t->domids, nr * sizeof(*domids));
	if (!domids)
		return false;
	t->domids = domids;
	t->room_rows = nr;
	return true;
}

static int by_text(const struct xp_top_row *a, const struct xp_top_row *b, enum xp_top_column_kind kind)
{
	char x[XP_TOP_NAME], y[XP_TOP_NAME];

	if (kind == XP_COL_STATE)
		return strcmp(b->domain->state, a->domain->state);
	return strcmp(xp_top_domain_name(a->domain, a->domain->domid, x, sizeof(x)),
		      xp_top_domain_name(b->domain, b->domain->domid, y, sizeof(y)));
}

/* Most first, names from A on; ties by id. */
static int compare(const void *pa, const void *pb, void *arg)
{
	const struct xp_top *t = arg;
	const struct xp_top_row *a = pa, *b = pb;
	const struct xp_top_column *c = &t->columns.v[t->view.sort < t->columns.nr ? t->view.sort : 0];
	const struct xp_top_whole whole = { t->domains.total_kib, &t->sums.busy };
	int order;

	if (c->kind == XP_COL_NAME || c->kind == XP_COL_STATE) {
		order = by_text(a, b, c->kind);
	} else {
		double x = xp_top_value(&t->columns, c, a, &whole), y = xp_top_value(&t->columns, c, b, &whole);

		order = x > y ? -1 : x < y;
	}
	if (t->view.reversed)
		order = -order;
	return order ? order : a->domain->domid < b->domain->domid ? -1 : 1;
}

static bool make_rows(struct xp_top *t)
{
	t->nr_rows = 0;
	if (!make_room(t, t->domains.nr + 1))
		return false;
	for (size_t i = 0; i < t->domains.nr; i++) {
		const struct xp_top_domain *d = &t->domains.v[i];

		t->rows[t->nr_rows++] = (struct xp_top_row){ d, xp_top_sums_find(&t->sums, d->domid) };
	}
	qsort_r(t->rows, t->nr_rows, sizeof(*t->rows), compare, t);
	for (size_t i = 0; i < t->nr_rows; i++)
		t->domids[i] = t->rows[i].domain->domid;
	return true;
}

/* ---- the whole ---- */

int xp_top_update(struct xp_top *t, struct xp_err *err)
{
	struct xp_top_view *v = &t->view;
	struct xp_hot_filter filter;

	if (v->chosen && t->domains.nr && !xp_top_domains_find(&t->domains, v->domid))
		v->chosen = v->zoomed = false; /* it has gone */
	filter = (struct xp_hot_filter){ v->chosen, v->domid, v->modes, v->filter };
	if (!xp_top_sums_make(&t->sums, &t->window) || !make_rows(t) ||
	    !xp_hot_make(&t->hot, &t->window, &t->labels, &filter))
		return xp_fail(err, XP_E_NOMEM, "no memory for the tables");
	if (v->first >= t->hot.nr)
		v->first = 0;
	return 0;
}

bool xp_top_key(struct xp_top *t, uint32_t key)
{
	const struct xp_top_choices choices = { t->domids, t->nr_rows, t->columns.nr, t->hot.nr, t->page };

	return xp_top_view_key(&t->view, &choices, key);
}
