/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/report/format.h"
#include "lib/report/head.h"
#include "lib/report/table.h"

struct order {
	const struct xp_agg *a;
	size_t event;
};

static uint64_t samples_of(const struct xp_agg_domain *d, size_t event)
{
	return d->modes[XP_MODE_XEN].of[event] + d->modes[XP_MODE_KERNEL].of[event] + d->modes[XP_MODE_USER].of[event];
}

static int compare(const void *px, const void *py, void *arg)
{
	const struct order *order = arg;
	uint32_t x = *(const uint32_t *)px, y = *(const uint32_t *)py;
	const struct xp_agg_domain *a = &order->a->domains[x], *b = &order->a->domains[y];
	uint64_t sa = samples_of(a, order->event), sb = samples_of(b, order->event);
	int c;

	if (sa != sb)
		return sa > sb ? -1 : 1;
	c = strcmp(a->name, b->name);
	return c ? c : x < y ? -1 : x > y;
}

/* "web1 (5)": that domains of the same name can be told apart, and named in options. */
static void put_name(struct xp_table *t, const struct xp_agg_domain *d)
{
	char *text = NULL;

	if (asprintf(&text, "%s (%u)", d->name, d->domid) < 0)
		text = NULL;
	xp_table_name(t, text ? text : d->name);
	free(text);
}

static const char *type_of(const struct xp_agg_domain *d)
{
	static const char *const names[] = { "PV", "HVM", "PVH" };

	return d->info && d->info->type < 3 ? names[d->info->type] : "?";
}

static void put_row(struct xp_table *t, const struct xp_agg_domain *d, size_t event, uint64_t busy)
{
	char text[XP_FORMAT_TEXT];
	int mode;

	xp_table_cell(t, xp_format_share(text, samples_of(d, event), busy));
	xp_table_cell(t, xp_format_count(text, samples_of(d, event)));
	for (mode = XP_MODE_XEN; mode <= XP_MODE_USER; mode++)
		xp_table_cell(t, xp_format_share(text, d->modes[mode].of[event], busy));
	xp_table_cell(t, type_of(d));
	put_name(t, d);
}

static void put_idle(struct xp_table *t, const struct xp_agg *a, size_t event)
{
	char text[XP_FORMAT_TEXT];
	int i;

	xp_table_cell(t, "");
	xp_table_cell(t, xp_format_count(text, a->domains[a->idle].modes[XP_MODE_IDLE].of[event]));
	for (i = 0; i < 4; i++)
		xp_table_cell(t, "");
	xp_table_cell(t, "[idle]");
}

int xp_report_domains(FILE *out, const struct xp_agg *a, size_t event, const struct xp_report_options *o,
		      struct xp_err *err)
{
	uint32_t *index = calloc(a->nr_domains + 1, sizeof(*index)), i, nr = 0;
	struct order order = { a, event };
	struct xp_table t;
	bool ok;

	if (!index)
		return xp_fail(err, XP_E_NOMEM, "no memory for the table of domains");
	for (i = 0; i < a->nr_domains; i++)
		if (i != a->idle && samples_of(&a->domains[i], event))
			index[nr++] = i;
	qsort_r(index, nr, sizeof(*index), compare, &order);
	xp_table_init(&t);
	xp_table_column(&t, "Share", true, false);
	xp_table_column(&t, "Samples", true, false);
	xp_table_column(&t, "xen", true, true);
	xp_table_column(&t, "kernel", true, true);
	xp_table_column(&t, "user", true, true);
	xp_table_column(&t, "Type", false, true);
	xp_table_column(&t, "Domain", false, true);
	for (i = 0; i < nr; i++)
		put_row(&t, &a->domains[index[i]], event, xp_report_busy(a, event));
	if (a->domains[a->idle].modes[XP_MODE_IDLE].of[event])
		put_idle(&t, a, event);
	ok = xp_table_print(out, &t, o->columns, 0);
	xp_table_release(&t);
	free(index);
	return ok ? 0 : xp_fail(err, XP_E_NOMEM, "no memory for the table of domains");
}
