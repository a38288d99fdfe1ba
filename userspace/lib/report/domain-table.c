/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/text.h"
#include "lib/report/format.h"
#include "lib/report/head.h"

struct order {
	const struct xp_agg *a;
	size_t event;
};

static uint64_t sum(const struct xp_counts modes[XP_NR_MODES], size_t event)
{
	return modes[XP_MODE_XEN].of[event] + modes[XP_MODE_KERNEL].of[event] + modes[XP_MODE_USER].of[event];
}

uint64_t xp_report_domain_weight(const struct xp_agg_domain *d, size_t event)
{
	return sum(d->weights, event);
}

uint64_t xp_report_domain_samples(const struct xp_agg_domain *d, size_t event)
{
	return sum(d->modes, event);
}

static bool has_samples(const struct xp_agg *a, const struct xp_agg_domain *d)
{
	size_t e;

	for (e = 0; e < a->nr_events; e++)
		if (xp_report_domain_samples(d, e))
			return true;
	return false;
}

static int compare(const void *px, const void *py, void *arg)
{
	const struct order *order = arg;
	uint32_t x = *(const uint32_t *)px, y = *(const uint32_t *)py;
	const struct xp_agg_domain *a = &order->a->domains[x], *b = &order->a->domains[y];
	uint64_t wa = xp_report_domain_weight(a, order->event), wb = xp_report_domain_weight(b, order->event);
	int c;

	if (wa != wb)
		return wa > wb ? -1 : 1;
	c = strcmp(a->name, b->name);
	return c ? c : x < y ? -1 : x > y;
}

uint32_t *xp_report_domain_order(const struct xp_agg *a, size_t sort_event, uint32_t *nr)
{
	uint32_t *index = calloc(a->nr_domains + 1, sizeof(*index)), i;
	struct order order = { a, sort_event };

	*nr = 0;
	if (!index)
		return NULL;
	for (i = 0; i < a->nr_domains; i++)
		if (i != a->idle && has_samples(a, &a->domains[i]))
			index[(*nr)++] = i;
	qsort_r(index, *nr, sizeof(*index), compare, &order);
	return index;
}

/* "web1 (5)": that domains of the same name can be told apart, and named in options. */
void xp_report_domain_name(struct xp_table *t, const struct xp_agg_domain *d)
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

static void put_mode_columns(struct xp_table *t)
{
	xp_table_column(t, "xen", true, true);
	xp_table_column(t, "kernel", true, true);
	xp_table_column(t, "user", true, true);
	xp_table_column(t, "Type", false, true);
	xp_table_column(t, "Domain", false, true);
}

/* How the domain's share of this event is divided. */
static void put_modes(struct xp_table *t, const struct xp_agg *a, const struct xp_agg_domain *d, size_t event)
{
	char text[XP_FORMAT_TEXT];
	int mode;

	for (mode = XP_MODE_XEN; mode <= XP_MODE_USER; mode++)
		xp_table_cell(t, xp_format_share(text, d->weights[mode].of[event], xp_agg_busy(a, event)));
	xp_table_cell(t, type_of(d));
	xp_report_domain_name(t, d);
}

/* ---- one event ---- */

static void put_idle(struct xp_table *t, const struct xp_agg *a)
{
	char text[XP_FORMAT_TEXT];
	int i;

	xp_table_cell(t, "");
	xp_table_cell(t, xp_format_count(text, a->domains[a->idle].modes[XP_MODE_IDLE].of[0]));
	for (i = 0; i < 4; i++)
		xp_table_cell(t, "");
	xp_table_cell(t, "[idle]");
}

static void put_one(struct xp_table *t, const struct xp_agg *a, const uint32_t *index, uint32_t nr)
{
	char text[XP_FORMAT_TEXT];
	uint32_t i;

	xp_table_column(t, "Share", true, false);
	xp_table_column(t, "Samples", true, false);
	put_mode_columns(t);
	for (i = 0; i < nr; i++) {
		const struct xp_agg_domain *d = &a->domains[index[i]];

		xp_table_cell(t, xp_format_share(text, xp_report_domain_weight(d, 0), xp_agg_busy(a, 0)));
		xp_table_cell(t, xp_format_count(text, xp_report_domain_samples(d, 0)));
		put_modes(t, a, d, 0);
	}
	if (a->domains[a->idle].modes[XP_MODE_IDLE].of[0])
		put_idle(t, a);
}

/* ---- several ---- */

static void put_several(FILE *out, struct xp_table *t, const struct xp_agg *a, const struct xp_report_options *o,
			const uint32_t *index, uint32_t nr)
{
	size_t shown[XPROF_MAX_EVENTS], nr_shown = xp_report_shown(a, o, shown), e;
	char text[XP_FORMAT_TEXT], name[16];
	uint32_t i;

	fputs("# xen, kernel and user are parts of each domain's ", out);
	xp_text_print(out, xp_agg_event_name(a, o->sort_event, name));
	fputs("\n", out);
	xp_report_upper_heads(t, a, shown, nr_shown);
	for (e = 0; e < 5; e++)
		xp_table_column(t, "", e < 3, true);
	xp_report_lower_heads(t, a, shown, nr_shown);
	xp_table_cell(t, "xen");
	xp_table_cell(t, "kernel");
	xp_table_cell(t, "user");
	xp_table_cell(t, "Type");
	xp_table_cell(t, "Domain");
	for (i = 0; i < nr; i++) {
		const struct xp_agg_domain *d = &a->domains[index[i]];

		for (e = 0; e < nr_shown; e++)
			xp_table_cell(t, xp_format_share(text, xp_report_domain_weight(d, shown[e]), xp_agg_busy(a, shown[e])));
		put_modes(t, a, d, o->sort_event);
	}
}

int xp_report_domains(FILE *out, const struct xp_agg *a, const struct xp_report_options *o, struct xp_err *err)
{
	uint32_t nr, *index = xp_report_domain_order(a, o->sort_event, &nr);
	struct xp_table t;
	bool ok;

	if (!index)
		return xp_fail(err, XP_E_NOMEM, "no memory for the table of domains");
	xp_table_init(&t);
	if (a->nr_events == 1)
		put_one(&t, a, index, nr);
	else
		put_several(out, &t, a, o, index, nr);
	ok = xp_table_print(out, &t, o->columns, 0);
	xp_table_release(&t);
	free(index);
	return ok ? 0 : xp_fail(err, XP_E_NOMEM, "no memory for the table of domains");
}
