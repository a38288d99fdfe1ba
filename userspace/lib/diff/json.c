// SPDX-License-Identifier: GPL-2.0-or-later
/* Two sides, for programs: xprof-diff-json(5). */
#include <math.h>

#include "lib/base/json.h"
#include "lib/base/parallel.h"
#include "lib/diff/diff.h"

#define LIMITS_AT_ONCE 512u /* lines that one thread takes */

static const char *const norms[] = { "time", "total", "work" };

static void put_side(struct xp_json *j, const struct xp_diff *d, size_t side, const char *key)
{
	const struct xp_diff_side *s = &d->sides[side];
	size_t r, e;

	xp_json_array(j, key);
	for (r = 0; r < s->nr; r++) {
		double samples = 0;

		for (e = 0; e < s->runs[r].agg->nr_events; e++)
			samples += (double)s->runs[r].agg->samples.of[e];
		xp_json_flat_object(j, NULL);
		xp_json_string(j, "file", s->runs[r].name);
		xp_json_u64(j, "duration_ns", s->runs[r].duration_ns);
		xp_json_u64(j, "samples", (uint64_t)samples);
		if (d->options.norm == XP_DIFF_WORK)
			xp_json_number(j, "work", d->norm[side][r], 0);
		xp_json_string(j, "damage", s->runs[r].profile->damage);
		xp_json_end_object(j);
	}
	xp_json_end_array(j);
}

static void put_settings(struct xp_json *j, const struct xp_diff *d)
{
	size_t i;

	xp_json_array(j, "differs");
	for (i = 0; i < d->nr_settings; i++) {
		xp_json_flat_object(j, NULL);
		xp_json_string(j, "what", d->settings[i].key);
		xp_json_string(j, "old", d->settings[i].was);
		xp_json_string(j, "new", d->settings[i].is);
		xp_json_end_object(j);
	}
	xp_json_end_array(j);
}

static void put_value(struct xp_json *j, const struct xp_diff_line *l, size_t side, const char *key)
{
	xp_json_object(j, key);
	xp_json_u64(j, "samples", (uint64_t)l->samples[side]);
	xp_json_number(j, "value", l->value[side], 9);
	xp_json_end_object(j);
}

static void put_line(struct xp_json *j, const struct xp_diff_line *l)
{
	const struct xp_diff_key *k = &l->row->key;

	xp_json_flat_object(j, NULL);
	if (l->kind != XP_DIFF_ALL)
		xp_json_string(j, "domain", k->domain);
	if (l->kind == XP_DIFF_MODE || l->kind == XP_DIFF_ROW)
		xp_json_string(j, "mode", k->mode < XP_NR_MODES ? xp_mode_names[k->mode] : NULL);
	if (l->kind == XP_DIFF_ROW) {
		xp_json_string(j, "process", k->process);
		xp_json_string(j, "image", k->image);
		xp_json_string(j, "symbol", k->symbol);
	}
	put_value(j, l, XP_OLD, "old");
	put_value(j, l, XP_NEW, "new");
	xp_json_number(j, "ratio", l->compared.change.ratio, 6);
	xp_json_number(j, "ratio_low", l->compared.change.low, 6);
	xp_json_number(j, "ratio_high", l->compared.change.high, 6);
	xp_json_number(j, "p", l->compared.change.p, 12);
	xp_json_number(j, "q", l->compared.change.q, 12);
	xp_json_number(j, "dispersion", l->compared.comparison.dispersion, 3);
	xp_json_bool(j, "significant", l->significant);
	xp_json_end_object(j);
}

static void put_kind(struct xp_json *j, const struct xp_diff_event *e, enum xp_diff_kind kind, const char *key)
{
	size_t i;

	xp_json_array(j, key);
	for (i = 0; i < e->nr; i++)
		if (e->lines[i].kind == kind)
			put_line(j, &e->lines[i]);
	xp_json_end_array(j);
}

/* All lines are shown, so all have limits. */
struct limits { const struct xp_diff *d; struct xp_diff_line *lines; };

static void set_limits(void *arg, size_t first, size_t last)
{
	const struct limits *l = arg;
	size_t i;

	for (i = first; i < last; i++)
		xp_diff_limits(l->d, &l->lines[i]);
}

static const char *unit_of(const struct xp_diff *d, const struct xp_diff_event *e)
{
	if (d->options.norm == XP_DIFF_TOTAL)
		return "share";
	if (d->options.norm == XP_DIFF_TIME)
		return e->is_timer ? "ns/s" : "events/s";
	return e->is_timer ? "ns/work" : "events/work";
}

void xp_diff_json(FILE *out, struct xp_diff *d)
{
	struct xp_json j;
	size_t e;

	xp_json_init(&j, out);
	xp_json_object(&j, NULL);
	xp_json_u64(&j, "schema_version", XP_DIFF_JSON_VERSION);
	xp_json_string(&j, "normalized_by", norms[d->options.norm]);
	xp_json_string(&j, "work", d->options.norm == XP_DIFF_WORK ? d->options.counter : NULL);
	xp_json_number(&j, "confidence", d->options.confidence, 4);
	xp_json_bool(&j, "covers_runs", !d->sides[XP_OLD].sliced);
	put_side(&j, d, XP_OLD, "old");
	put_side(&j, d, XP_NEW, "new");
	put_settings(&j, d);
	xp_json_array(&j, "events");
	for (e = 0; e < d->nr_events; e++) {
		struct xp_diff_event *x = &d->per_event[e];

		xp_parallel(x->nr, LIMITS_AT_ONCE, set_limits, &(struct limits){ d, x->lines });
		xp_json_object(&j, NULL);
		xp_json_string(&j, "name", x->name);
		xp_json_string(&j, "unit", unit_of(d, x));
		xp_json_number(&j, "dispersion", x->dispersion.common, 3);
		put_kind(&j, x, XP_DIFF_ALL, "all");
		put_kind(&j, x, XP_DIFF_DOMAIN, "domains");
		put_kind(&j, x, XP_DIFF_MODE, "modes");
		put_kind(&j, x, XP_DIFF_ROW, "rows");
		xp_json_end_object(&j);
	}
	xp_json_end_array(&j);
	xp_json_end_object(&j);
}
