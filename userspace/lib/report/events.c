/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was sampled: one event in two lines, several in a table. */
#include "lib/report/head.h"

#include <inttypes.h>

#include "lib/agg/weights.h"
#include "lib/base/text.h"
#include "lib/report/format.h"

static const struct xp_event *event_of(const struct xp_agg *a, size_t event)
{
	return event < a->profile->nr_events ? &a->profile->events[event] : NULL;
}

static bool is_counter(const struct xp_event *e)
{
	return e && e->flags;
}

/* ---- one event ---- */

static void put_period(FILE *out, const struct xp_event *e)
{
	char text[XP_FORMAT_TEXT];

	if (!e->period)
		return;
	if (!strcmp(e->name, "timer"))
		fprintf(out, " (every %s on each CPU", xp_format_duration(text, e->period));
	else if (e->hz)
		fprintf(out, " (%s a second on each CPU", xp_format_count(text, e->hz));
	else
		fprintf(out, " (every %s", xp_format_count(text, e->period));
	if (e->source[0]) {
		fputs(", source ", out);
		xp_text_print(out, e->source);
	}
	fputc(')', out);
}

static void put_one(FILE *out, const struct xp_agg *a, size_t event)
{
	uint64_t all = a->weights.of[event], busy = xp_agg_busy(a, event);
	char text[XP_FORMAT_TEXT], name[16];
	struct xp_counts lost;

	xp_report_lost(a->profile, &lost);
	fprintf(out, "# %s samples of ", xp_format_count(text, a->samples.of[event]));
	xp_text_print(out, xp_agg_event_name(a, event, name));
	if (event_of(a, event))
		put_period(out, event_of(a, event));
	fprintf(out, ", %s lost", xp_format_count(text, lost.of[event]));
	if (is_counter(event_of(a, event)))
		fprintf(out, "; they stand for %s", xp_format_count(text, all));
	fprintf(out, "\n# idle %s;", xp_format_share(text, all - busy, all));
	fprintf(out, " of the rest, to which all shares below refer, unresolved %s\n",
		xp_format_share(text, a->unresolved_weights.of[event], busy));
}

/* ---- several ---- */

static void put_sampling(struct xp_table *t, const struct xp_event *e)
{
	char text[XP_FORMAT_TEXT + 16] = "?", number[XP_FORMAT_TEXT];

	if (e && e->hz)
		snprintf(text, sizeof(text), "%s Hz", xp_format_count(number, e->hz));
	else if (e && e->period)
		snprintf(text, sizeof(text), "%s", xp_format_count(number, e->period));
	xp_table_cell(t, text);
}

/* By what the event's figures were multiplied, as it shared a counter; 1: it had one all the time. 0: it never had one. */
static double scale_of(const struct xp_agg *a, size_t event)
{
	uint64_t active, running;

	if (!is_counter(event_of(a, event)) || !xp_weights_share(a->profile, event, &active, &running) ||
	    (double)running >= 0.99 * (double)active)
		return 1;
	return running ? (double)active / (double)running : 0;
}

static bool any_scaled(const struct xp_agg *a)
{
	size_t e;

	for (e = 0; e < a->nr_events; e++)
		if (scale_of(a, e) > 1)
			return true;
	return false;
}

static void put_factor(struct xp_table *t, double scale)
{
	char text[XP_FORMAT_TEXT] = "-";

	if (scale > 0)
		snprintf(text, sizeof(text), "%.2f", scale);
	xp_table_cell(t, text);
}

static void put_row(struct xp_table *t, const struct xp_agg *a, size_t event, const struct xp_counts *lost, bool scaled)
{
	uint64_t all = a->weights.of[event], busy = xp_agg_busy(a, event);
	char text[XP_FORMAT_TEXT], name[16];

	xp_table_name(t, xp_agg_event_name(a, event, name));
	put_sampling(t, event_of(a, event));
	xp_table_cell(t, xp_format_count(text, a->samples.of[event]));
	xp_table_cell(t, xp_format_count(text, lost->of[event]));
	if (scaled)
		put_factor(t, scale_of(a, event));
	xp_table_cell(t, xp_format_count(text, all));
	xp_table_cell(t, xp_format_share(text, all - busy, all));
	xp_table_cell(t, xp_format_share(text, a->unresolved_weights.of[event], busy));
}

static int put_all(FILE *out, const struct xp_agg *a, unsigned int columns, struct xp_err *err)
{
	bool scaled = any_scaled(a), ok;
	struct xp_counts lost;
	struct xp_table t;
	size_t event;

	xp_report_lost(a->profile, &lost);
	xp_table_init(&t);
	t.nr_heads = SIZE_MAX; /* all of it is head */
	xp_table_column(&t, "Event", false, false);
	xp_table_column(&t, "Period", true, false);
	xp_table_column(&t, "Samples", true, false);
	xp_table_column(&t, "Lost", true, false);
	if (scaled)
		xp_table_column(&t, "Scale", true, false);
	xp_table_column(&t, "Stand for", true, false);
	xp_table_column(&t, "Idle", true, false);
	xp_table_column(&t, "Unresolved", true, false);
	for (event = 0; event < a->nr_events; event++)
		put_row(&t, a, event, &lost, scaled);
	ok = xp_table_print(out, &t, columns, 0);
	xp_table_release(&t);
	if (scaled)
		fputs("# Scale: events took turns on the counters; what they stand for is for the whole time\n", out);
	fputs("# shares below are of what is not idle, by what samples stand for\n", out);
	return ok ? 0 : xp_fail(err, XP_E_NOMEM, "no memory for the table of events");
}

/* ---- what is to be known of it ---- */

static void put_throttling(FILE *out, const struct xp_agg *a, size_t event)
{
	const struct xp_profile *p = a->profile;
	uint64_t times = 0, worst = 0;
	char text[XP_FORMAT_TEXT], name[16];
	size_t i;

	for (i = 0; i < p->nr_stats; i++)
		times += p->stats[i].throttled[event];
	for (i = 0; i < p->nr_periods; i++)
		if (p->periods[i].event == event && p->periods[i].reason == XPROF_PERIOD_THROTTLE && p->periods[i].period > worst)
			worst = p->periods[i].period;
	if ((!times && !worst) || (event_of(a, event) && event_of(a, event)->hz))
		return; /* where the period follows a rate this is one way to follow it */
	fputs("# ", out);
	xp_text_print(out, xp_agg_event_name(a, event, name));
	fprintf(out, " was throttled: NMIs came too densely, so its period was raised %s times", xp_format_count(text, times));
	fprintf(out, ", up to %s\n", xp_format_count(text, worst));
}

/* In the table of several events it is a column. */
static void put_scale(FILE *out, const struct xp_agg *a, size_t event)
{
	double scale = scale_of(a, event);
	char name[16];

	if (scale == 1 || (scale > 0 && a->nr_events > 1))
		return;
	fputs("# ", out);
	xp_text_print(out, xp_agg_event_name(a, event, name));
	if (scale > 0)
		fprintf(out, " had a counter %.1f%% of the time: what is said of it is scaled by %.2f\n", 100 / scale, scale);
	else
		fputs(" never had a counter\n", out);
}

static void put_rearmed(FILE *out, const struct xp_profile *p)
{
	char text[XP_FORMAT_TEXT];
	uint64_t rearmed = 0;
	size_t i;

	for (i = 0; i < p->nr_stats; i++)
		rearmed += p->stats[i].rearmed;
	if (rearmed)
		fprintf(out, "# counters were armed anew %s times: overflows without an NMI, or changes by another\n",
			xp_format_count(text, rearmed));
}

int xp_report_events(FILE *out, const struct xp_agg *a, const struct xp_report_options *o, struct xp_err *err)
{
	size_t event;
	int rc = 0;

	if (a->nr_events == 1)
		put_one(out, a, 0);
	else
		rc = put_all(out, a, o->columns, err);
	for (event = 0; event < a->nr_events; event++) {
		put_throttling(out, a, event);
		put_scale(out, a, event);
	}
	put_rearmed(out, a->profile);
	return rc;
}

/* ---- columns ---- */

#define KEYS_WIDTH 40u  /* what rows are about needs so much */
#define EVENT_WIDTH 9u

size_t xp_report_shown(const struct xp_agg *a, const struct xp_report_options *o, size_t shown[XPROF_MAX_EVENTS])
{
	size_t fit = o->columns > KEYS_WIDTH ? (o->columns - KEYS_WIDTH) / EVENT_WIDTH : 1, nr, i;

	nr = o->columns && fit < a->nr_events ? (fit ? fit : 1) : a->nr_events;
	for (i = 0; i < nr; i++)
		shown[i] = i;
	if (o->sort_event >= nr)
		shown[nr - 1] = o->sort_event;
	return nr;
}

/* Where a name is broken: behind the '-' or ':' that leaves the halves most alike. 0: nowhere, it is short. */
static size_t split(const char *name)
{
	size_t len = strlen(name), best = 0, i;

	for (i = 0; i + 1 < len && len > 8; i++) {
		size_t left = i + 1, longer = left > len - left ? left : len - left;

		if ((name[i] == '-' || name[i] == ':') && (!best || longer < (best > len - best ? best : len - best)))
			best = left;
	}
	return best;
}

static void half(char text[48], const char *name, bool lower)
{
	size_t at = split(name);

	if (lower)
		snprintf(text, 48, "%s", name + at);
	else
		snprintf(text, 48, "%.*s", (int)at, name);
}

void xp_report_upper_heads(struct xp_table *t, const struct xp_agg *a, const size_t *shown, size_t nr)
{
	char text[48], name[16];
	size_t i;

	for (i = 0; i < nr; i++) {
		half(text, xp_agg_event_name(a, shown[i], name), false);
		xp_table_column(t, text, true, false);
	}
	t->nr_heads = 2;
}

void xp_report_lower_heads(struct xp_table *t, const struct xp_agg *a, const size_t *shown, size_t nr)
{
	char text[48], name[16];
	size_t i;

	for (i = 0; i < nr; i++) {
		half(text, xp_agg_event_name(a, shown[i], name), true);
		xp_table_name(t, text);
	}
}
