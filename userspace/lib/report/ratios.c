/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What follows from two events: instructions per cycle, and how many of the others come with 1,000 instructions. */
#include "lib/report/format.h"
#include "lib/report/head.h"

#define NONE SIZE_MAX

struct ratios {
	const struct xp_agg *a;
	size_t cycles, instructions;       /* events, or NONE */
	size_t per_1000[XPROF_MAX_EVENTS]; /* the others that were counted where instructions were */
	size_t nr;
};

/* Is it the event of this name ("cycles", also when it is called "cycles:u")? */
static bool is_named(const struct xp_event *e, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(e->name, name, len) && (!e->name[len] || e->name[len] == ':');
}

/* What was counted in different places has no ratio. */
static bool is_comparable(const struct xp_event *e, const struct xp_event *instructions)
{
	return !strcmp(e->modifiers, instructions->modifiers);
}

static size_t find(const struct xp_profile *p, const char *name, const struct xp_event *like)
{
	size_t i;

	for (i = 0; i < p->nr_events; i++)
		if (is_named(&p->events[i], name) && p->events[i].flags && (!like || is_comparable(&p->events[i], like)))
			return i;
	return NONE;
}

static void ratios_init(struct ratios *r, const struct xp_agg *a)
{
	const struct xp_profile *p = a->profile;
	size_t i;

	*r = (struct ratios){ .a = a, .cycles = NONE, .instructions = find(p, "instructions", NULL) };
	if (r->instructions == NONE)
		return;
	r->cycles = find(p, "cycles", &p->events[r->instructions]);
	for (i = 0; i < p->nr_events; i++)
		if (i != r->instructions && p->events[i].flags && !is_named(&p->events[i], "cycles") &&
		    is_comparable(&p->events[i], &p->events[r->instructions]))
			r->per_1000[r->nr++] = i;
}

/* Two decimals where they say something: 0.31, 12.5, 340. */
static void put_ratio(struct xp_table *t, uint64_t part, uint64_t whole, double factor)
{
	double value = whole ? factor * (double)part / (double)whole : 0;
	char text[XP_FORMAT_TEXT];

	if (!whole) {
		xp_table_cell(t, "-");
		return;
	}
	snprintf(text, sizeof(text), "%.*f", value < 10 ? 2 : value < 100 ? 1 : 0, value);
	xp_table_cell(t, text);
}

static void put_row(struct xp_table *t, const struct ratios *r, const uint64_t weights[XPROF_MAX_EVENTS])
{
	uint64_t instructions = weights[r->instructions];
	size_t i;

	if (r->cycles != NONE)
		put_ratio(t, instructions, weights[r->cycles], 1);
	for (i = 0; i < r->nr; i++)
		put_ratio(t, weights[r->per_1000[i]], instructions, 1000);
}

static void put_domain(struct xp_table *t, const struct ratios *r, const struct xp_agg_domain *d)
{
	uint64_t weights[XPROF_MAX_EVENTS];
	size_t e;

	for (e = 0; e < r->a->nr_events; e++)
		weights[e] = xp_report_domain_weight(d, e);
	put_row(t, r, weights);
	xp_report_domain_name(t, d);
}

static void put_sum(struct xp_table *t, const struct ratios *r)
{
	uint64_t weights[XPROF_MAX_EVENTS];
	size_t e;

	for (e = 0; e < r->a->nr_events; e++)
		weights[e] = xp_agg_busy(r->a, e);
	put_row(t, r, weights);
	xp_table_cell(t, "all of them");
}

static void put_heads(struct xp_table *t, const struct ratios *r)
{
	if (r->cycles != NONE)
		xp_table_column(t, "", true, false);
	xp_report_upper_heads(t, r->a, r->per_1000, r->nr);
	xp_table_column(t, "", false, true);
	if (r->cycles != NONE)
		xp_table_cell(t, "IPC");
	xp_report_lower_heads(t, r->a, r->per_1000, r->nr);
	xp_table_cell(t, "Domain");
}

int xp_report_ratios(FILE *out, const struct xp_agg *a, const struct xp_report_options *o, struct xp_err *err)
{
	struct xp_table t;
	struct ratios r;
	uint32_t nr, i, *index;
	bool ok;

	ratios_init(&r, a);
	if (r.instructions == NONE || (r.cycles == NONE && !r.nr) || !a->samples.of[r.instructions])
		return 0;
	index = xp_report_domain_order(a, o->sort_event, &nr);
	if (!index)
		return xp_fail(err, XP_E_NOMEM, "no memory for the table of ratios");
	fprintf(out, "#\n# %s%s%s\n", r.cycles != NONE ? "instructions per cycle" : "", r.cycles != NONE && r.nr ? "; " : "",
		r.nr ? "per 1,000 instructions:" : "");
	xp_table_init(&t);
	put_heads(&t, &r);
	for (i = 0; i < nr; i++)
		put_domain(&t, &r, &a->domains[index[i]]);
	if (nr > 1)
		put_sum(&t, &r);
	ok = xp_table_print(out, &t, o->columns, 0);
	xp_table_release(&t);
	free(index);
	return ok ? 0 : xp_fail(err, XP_E_NOMEM, "no memory for the table of ratios");
}
