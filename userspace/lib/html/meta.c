// SPDX-License-Identifier: GPL-2.0-or-later
/* What is not samples: the host, events and how far to trust them, domains, names. */
#include <inttypes.h>

#include "lib/agg/series.h"
#include "lib/agg/weights.h"
#include "lib/html/data.h"
#include "lib/report/head.h"
#include "lib/report/report.h"

static void put_text(struct xp_json *j, const char *key, const char *text)
{
	struct xp_buf b = XP_BUF_INIT;

	xp_json_string(j, key, text ? xp_stack_text(&b, text) : NULL);
	xp_buf_release(&b);
}

static uint64_t ns(const struct xp_html_data *d, uint64_t ticks)
{
	return (uint64_t)((double)ticks / (d->span.tsc_hz ? (double)d->span.tsc_hz / 1e9 : 1));
}

static void put_times(struct xp_json *j, const struct xp_html_data *d)
{
	const struct xp_agg *a = d->stacks.agg;
	const struct xp_profile *p = a->profile;

	xp_json_u64(j, "start_ms", p->nr_clocks ? p->clocks[0].realtime_ns / 1000000 : 0);
	xp_json_u64(j, "duration_ns", xp_profile_duration_ns(p, a->first_tsc, a->last_tsc));
	xp_json_u64(j, "span_ns", ns(d, d->span.last - d->span.first));
	xp_json_u64(j, "slice_ns", d->slice_ticks ? ns(d, d->slice_ticks) << d->cells.halvings : 0);
	xp_json_u64(j, "slices", xp_html_slices(d));
}

static void put_host(struct xp_json *j, const struct xp_profile *p)
{
	size_t i;

	xp_json_array(j, "host");
	for (i = 0; i < p->nr_host; i++) {
		xp_json_flat_array(j, NULL);
		put_text(j, NULL, p->host[i].key);
		put_text(j, NULL, p->host[i].value);
		xp_json_end_array(j);
	}
	xp_json_end_array(j);
}

/* ---- events ---- */

static void put_event(struct xp_json *j, const struct xp_agg *a, size_t i, const struct xp_counts *lost)
{
	const struct xp_event *e = i < a->profile->nr_events ? &a->profile->events[i] : NULL;
	uint64_t active = 0, running = 0;
	char text[16];

	xp_weights_share(a->profile, i, &active, &running);
	xp_json_flat_object(j, NULL);
	put_text(j, "name", xp_agg_event_name(a, i, text));
	xp_json_bool(j, "time", xp_stack_is_time(a, i));
	xp_json_bool(j, "counter", e && e->flags);
	xp_json_u64(j, "period", e ? e->period : 0);
	xp_json_u64(j, "hz", e ? e->hz : 0);
	put_text(j, "source", e ? e->source : "");
	put_text(j, "modifiers", e ? e->modifiers : "");
	xp_json_u64(j, "samples", a->samples.of[i]);
	xp_json_u64(j, "lost", lost->of[i]);
	xp_json_u64(j, "active", active);
	xp_json_u64(j, "running", running);
	xp_json_end_object(j);
}

static void put_events(struct xp_json *j, const struct xp_agg *a)
{
	struct xp_counts lost;
	size_t i;

	xp_report_lost(a->profile, &lost);
	xp_json_array(j, "events");
	for (i = 0; i < a->nr_events; i++)
		put_event(j, a, i, &lost);
	xp_json_end_array(j);
}

/* ---- domains ---- */

/* Of the whole recording: CPU time and steal, from the counters of the host. */
static void put_times_of(struct xp_json *j, const struct xp_series_sum *s, const struct xp_agg_domain *d)
{
	size_t i;

	for (i = 0; i < s->nr_domains; i++) {
		const struct xp_series_domain_sum *sum = &s->domains[i];
		uint64_t steal;

		if (sum->domid != d->domid || !sum->first || strcmp(sum->name, d->name))
			continue;
		xp_json_number(j, "cpu_span_ns", (double)xp_series_span(sum->first, sum->last) * s->ns_per_tick, 0);
		xp_json_u64(j, "cpu_ns", xp_series_cpu_ns(sum));
		if (xp_series_state_ns(sum, XP_RUNNABLE, &steal))
			xp_json_u64(j, "steal_ns", steal);
		return;
	}
}

static void put_domain(struct xp_json *j, const struct xp_agg_domain *d, const struct xp_series_sum *s, bool idle)
{
	static const char *const types[] = { "PV", "HVM", "PVH" };

	xp_json_flat_object(j, NULL);
	put_text(j, "name", d->name);
	xp_json_u64(j, "id", d->domid);
	xp_json_string(j, "type", d->info && d->info->type < 3 ? types[d->info->type] : "");
	xp_json_u64(j, "vcpus", d->info ? d->info->vcpus : 0);
	xp_json_bool(j, "control", d->info && d->info->flags & XPROF_DOMAIN_F_CONTROL);
	xp_json_bool(j, "idle", idle);
	put_times_of(j, s, d);
	xp_json_end_object(j);
}

static int put_domains(struct xp_json *j, const struct xp_agg *a, struct xp_err *err)
{
	struct xp_series_sum s;
	int rc = xp_series_sum_init(&s, a->profile, err);
	size_t i;

	if (rc)
		return rc;
	xp_json_array(j, "domains");
	for (i = 0; i < a->nr_domains; i++)
		put_domain(j, &a->domains[i], &s, i == a->idle);
	xp_json_end_array(j);
	xp_series_sum_release(&s);
	return 0;
}

/* ---- the report's own words ---- */

/* Lines of the report's head, without the "# " that each begins with. */
static int put_notes(struct xp_json *j, const struct xp_agg *a, struct xp_err *err)
{
	char *text = NULL, *line, *next;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return xp_fail(err, XP_E_NOMEM, "no memory for the report's head");
	xp_report_head(out, a);
	if (fclose(out)) {
		free(text);
		return xp_fail(err, XP_E_NOMEM, "no memory for the report's head");
	}
	xp_json_array(j, "notes");
	for (line = text; *line; line = next) {
		next = strchrnul(line, '\n');
		if (*next)
			*next++ = '\0';
		xp_json_string(j, NULL, line + strspn(line, "# "));
	}
	xp_json_end_array(j);
	free(text);
	return 0;
}

static void put_names(struct xp_json *j, const struct xp_html_data *d)
{
	size_t i;

	xp_json_array(j, "modes");
	for (i = 0; i < XP_NR_MODES; i++)
		xp_json_string(j, NULL, xp_mode_names[i]);
	xp_json_end_array(j);
	xp_json_flat_array(j, "cpus");
	for (i = 0; i < d->nr_cpus; i++)
		xp_json_u64(j, NULL, d->cpus[i]);
	xp_json_end_array(j);
	xp_json_flat_array(j, "strings");
	for (i = 0; i < d->strings.nr; i++)
		xp_json_string(j, NULL, d->strings.v[i]);
	xp_json_end_array(j);
}

/* How many of what, and where: the columns lie one behind the other, this profile's in this order. */
static void put_columns(struct xp_json *j, const struct xp_html_data *d)
{
	static const char *const names[XP_HTML_COLUMNS] = { "frames", "rows", "calls", "cells", "entries" };
	size_t i;

	xp_json_u64(j, "frames", d->nr_frames);
	xp_json_u64(j, "rows", d->nr_rows);
	xp_json_u64(j, "calls", d->nr_calls);
	xp_json_u64(j, "cells", d->nr_cells);
	xp_json_u64(j, "entries", d->cells.nr);
	xp_json_u64(j, "small", d->small);
	xp_json_flat_object(j, "bytes");
	for (i = 0; i < XP_HTML_COLUMNS; i++)
		xp_json_u64(j, names[i], d->columns[i].len);
	xp_json_end_object(j);
}

int xp_html_meta(struct xp_json *j, const char *key, const struct xp_html_data *d, const char *name, struct xp_err *err)
{
	const struct xp_agg *a = d->stacks.agg;
	int rc;

	xp_json_object(j, key);
	put_text(j, "file", name);
	put_times(j, d);
	put_host(j, a->profile);
	put_events(j, a);
	rc = put_domains(j, a, err);
	if (!rc)
		rc = put_notes(j, a, err);
	put_names(j, d);
	put_columns(j, d);
	xp_json_end_object(j);
	return rc;
}
