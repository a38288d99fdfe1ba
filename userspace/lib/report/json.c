/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report as xprof-report-json(5) has it: counts everywhere, shares nowhere. */
#include "lib/base/json.h"

#include <inttypes.h>

#include "lib/agg/filter.h"
#include "lib/agg/weights.h"
#include "lib/report/calls.h"
#include "lib/report/report.h"
#include "lib/report/series.h"

/* { "timer": N, … }, every event, so that a reader need not ask whether one is there. */
static void put_counts(struct xp_json *j, const char *key, const struct xp_agg *a, const uint64_t *counts)
{
	char text[16];
	size_t i;

	xp_json_flat_object(j, key);
	for (i = 0; i < a->nr_events; i++)
		xp_json_u64(j, xp_agg_event_name(a, i, text), counts[i]);
	xp_json_end_object(j);
}

/* What the rings' headers said of a counter, all CPUs together. */
static void put_counter(struct xp_json *j, const struct xp_agg *a, size_t event, const struct xp_event *e)
{
	uint64_t active, running, throttled = 0;
	char select[24];
	size_t i;

	for (i = 0; i < a->profile->nr_stats; i++)
		throttled += a->profile->stats[i].throttled[event];
	xp_weights_share(a->profile, event, &active, &running);
	snprintf(select, sizeof(select), "%#" PRIx64, e->select);
	xp_json_string(j, "select", select);
	if (e->hz)
		xp_json_u64(j, "hz", e->hz);
	else
		xp_json_null(j, "hz");
	xp_json_u64(j, "active_ticks", active);
	xp_json_u64(j, "running_ticks", running);
	xp_json_u64(j, "throttled", throttled);
}

static void put_events(struct xp_json *j, const struct xp_agg *a)
{
	char text[16];
	size_t i;

	xp_json_array(j, "events");
	for (i = 0; i < a->nr_events; i++) {
		const struct xp_event *e = i < a->profile->nr_events ? &a->profile->events[i] : NULL;

		xp_json_flat_object(j, NULL);
		xp_json_string(j, "name", xp_agg_event_name(a, i, text));
		xp_json_u64(j, "period", e ? e->period : 0);
		xp_json_string(j, "source", e ? e->source : NULL);
		xp_json_string(j, "modifiers", e ? e->modifiers : NULL);
		if (e && e->flags)
			put_counter(j, a, i, e);
		xp_json_end_object(j);
	}
	xp_json_end_array(j);
}

static void put_uuid(struct xp_json *j, const struct xp_domain *d)
{
	char text[37];
	const uint8_t *u = d->uuid;

	snprintf(text, sizeof(text), "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]);
	xp_json_string(j, "uuid", text);
}

static void put_domain(struct xp_json *j, const struct xp_agg *a, const struct xp_agg_domain *d)
{
	static const char *const types[] = { "pv", "hvm", "pvh" };
	struct xp_counts sum = { { 0 } }, weights = { { 0 } };
	size_t mode, e;

	for (mode = 0; mode < XP_NR_MODES; mode++) {
		for (e = 0; e < a->nr_events; e++) {
			sum.of[e] += d->modes[mode].of[e];
			weights.of[e] += d->weights[mode].of[e];
		}
	}
	xp_json_flat_object(j, NULL);
	xp_json_string(j, "name", d->name);
	xp_json_u64(j, "id", d->domid);
	if (d->info)
		put_uuid(j, d->info);
	else
		xp_json_null(j, "uuid");
	xp_json_string(j, "type", d->info && d->info->type < 3 ? types[d->info->type] : NULL);
	put_counts(j, "samples", a, sum.of);
	put_counts(j, "counts", a, weights.of);
	xp_json_end_object(j);
}

/* "/path/file.c:12", apart. */
static void put_line(struct xp_json *j, const char *line)
{
	const char *colon = line ? strrchr(line, ':') : NULL;
	uint64_t number = colon ? strtoull(colon + 1, NULL, 10) : 0;
	char file[4096 + 16];

	snprintf(file, sizeof(file), "%.*s", colon ? (int)(colon - line) : 0, line ? line : "");
	xp_json_string(j, "file", colon ? file : NULL);
	if (number)
		xp_json_u64(j, "line", number);
	else
		xp_json_null(j, "line");
}

static void put_symbol(struct xp_json *j, const struct xp_agg *a, const struct xp_row *row)
{
	xp_json_flat_object(j, NULL);
	xp_json_string(j, "domain", a->domains[row->domain].name);
	xp_json_u64(j, "domain_id", a->domains[row->domain].domid);
	xp_json_string(j, "mode", row->mode < XP_NR_MODES ? xp_mode_names[row->mode] : NULL);
	xp_json_string(j, "image", row->image ? row->image->name : NULL);
	xp_json_string(j, "symbol", row->symbol ? row->symbol->name : row->truncated ? "[truncated]" : NULL);
	if (a->config.keys & XP_KEY_LINE)
		put_line(j, row->line);
	put_counts(j, "samples", a, row->counts);
	put_counts(j, "counts", a, row->weights);
	if (row->children)
		put_counts(j, "children", a, row->children);
	xp_json_end_object(j);
}

int xp_report_json(FILE *out, struct xp_agg *a, struct xp_err *err)
{
	struct xp_counts lost;
	struct xp_json j;
	size_t i;
	int rc;

	if ((a->config.keys & ~XP_KEY_LINE) != XP_REPORT_JSON_KEYS)
		return xp_fail(err, XP_E_USAGE, "JSON is of domain, mode, image, symbol and perhaps line");
	xp_report_lost(a->profile, &lost);
	xp_agg_sort(a, 0, 0);
	xp_json_init(&j, out);
	xp_json_object(&j, NULL);
	xp_json_u64(&j, "schema_version", XP_REPORT_JSON_VERSION);
	xp_json_u64(&j, "duration_ns", xp_profile_duration_ns(a->profile, a->first_tsc, a->last_tsc));
	xp_json_bool(&j, "complete", !a->profile->damage);
	xp_json_string(&j, "damage", a->profile->damage);
	put_events(&j, a);
	put_counts(&j, "samples", a, a->samples.of);
	put_counts(&j, "counts", a, a->weights.of);
	put_counts(&j, "lost", a, lost.of);
	put_counts(&j, "unresolved", a, a->unresolved.of);
	xp_json_array(&j, "domains");
	for (i = 0; i < a->nr_domains; i++)
		if (i != a->idle)
			put_domain(&j, a, &a->domains[i]);
	xp_json_end_array(&j);
	xp_json_array(&j, "symbols");
	for (i = 0; i < a->nr_rows; i++)
		put_symbol(&j, a, &a->rows[i]);
	xp_json_end_array(&j);
	rc = a->config.chains ? xp_report_calls_json(&j, a, err) : 0;
	if (!rc)
		rc = xp_report_series_json(&j, a, err);
	xp_json_end_object(&j);
	return rc;
}
