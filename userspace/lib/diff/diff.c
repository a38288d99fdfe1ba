// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/diff/diff.h"

#include <gsl/gsl_errno.h>
#include <math.h>

#include "lib/base/arena.h"
#include "lib/base/nearest.h"

#define ROW_KEYS (XP_KEY_DOMAIN | XP_KEY_MODE | XP_KEY_PROCESS | XP_KEY_IMAGE | XP_KEY_SYMBOL)

/* ---- events ---- */

static size_t find_event(const struct xp_diff_events *x, const char *name)
{
	size_t i;

	for (i = 0; i < x->nr && strcmp(x->name[i], name); i++)
		;
	return i;
}

/* Ours are those of the first old run that some new run has, too. */
static bool side_has(const struct xp_diff_side *side, const char *name)
{
	char text[16];
	size_t r, e;

	for (r = 0; r < side->nr; r++)
		for (e = 0; e < side->runs[r].agg->nr_events; e++)
			if (!strcmp(xp_agg_event_name(side->runs[r].agg, e, text), name))
				return true;
	return false;
}

static int no_event(const struct xp_diff *d, const char *wanted, struct xp_err *err)
{
	const struct xp_agg *a = d->sides[XP_OLD].runs[0].agg, *b = d->sides[XP_NEW].runs[0].agg;
	char x[16], y[16];

	if (wanted)
		return xp_fail(err, XP_E_USAGE, "there is no event '%.100s' on both sides (old: %.100s%s, new: %.100s%s)", wanted,
			       xp_agg_event_name(a, 0, x), a->nr_events > 1 ? ", …" : "", xp_agg_event_name(b, 0, y),
			       b->nr_events > 1 ? ", …" : "");
	return xp_fail(err, XP_E_USAGE, "the sides have no event in common: old has %.100s%s, new has %.100s%s",
		       xp_agg_event_name(a, 0, x), a->nr_events > 1 ? " and others" : "", xp_agg_event_name(b, 0, y),
		       b->nr_events > 1 ? " and others" : "");
}

static void map_events(struct xp_diff *d)
{
	struct xp_diff_events *x = &d->events;
	size_t side, r, e;
	char text[16];

	memset(x->of, 0xff, sizeof(x->of));
	for (side = 0; side < XP_SIDES; side++) {
		for (r = 0; r < d->sides[side].nr; r++) {
			const struct xp_agg *a = d->sides[side].runs[r].agg;

			for (e = 0; e < a->nr_events && e < XPROF_MAX_EVENTS; e++) {
				size_t ours = find_event(x, xp_agg_event_name(a, e, text));

				if (ours < x->nr)
					x->of[side][r][e] = (uint8_t)ours;
			}
		}
	}
}

static int take_events(struct xp_diff *d, struct xp_err *err)
{
	const struct xp_agg *a = d->sides[XP_OLD].runs[0].agg;
	struct xp_diff_events *x = &d->events;
	size_t e;

	for (e = 0; e < a->profile->nr_events && e < a->nr_events; e++) {
		const char *name = a->profile->events[e].name;

		if (!name[0] || (d->options.event && strcmp(d->options.event, name)) || find_event(x, name) < x->nr ||
		    !side_has(&d->sides[XP_NEW], name))
			continue;
		x->name[x->nr++] = name;
	}
	if (!x->nr)
		return no_event(d, d->options.event, err);
	map_events(d);
	return 0;
}

/* ---- lines ---- */

static double norm_sum(const struct xp_diff *d, size_t side)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < d->sides[side].nr; i++)
		sum += d->norm[side][i];
	return sum;
}

/* What all that is not idle stands for, and how many samples it is. */
struct whole { double weight[XP_SIDES], samples[XP_SIDES]; };

static double samples_of(const struct xp_diff_rows *rows, const struct xp_diff_row *row, size_t event, size_t side)
{
	const float *samples = row->samples[side] + event * rows->cells[side];
	double sum = 0;
	size_t i;

	for (i = 0; i < rows->cells[side]; i++)
		sum += (double)samples[i];
	return sum;
}

static struct whole whole_of(const struct xp_diff *d, size_t event)
{
	const struct xp_diff_rows *rows = &d->folds[XP_DIFF_ALL];
	struct whole w = { { 0 }, { 0 } };
	size_t side;

	for (side = 0; side < XP_SIDES && rows->nr; side++) {
		w.weight[side] = rows->v[0].weights[side][event];
		w.samples[side] = samples_of(rows, &rows->v[0], event, side);
	}
	return w;
}

static void value_line(const struct xp_diff *d, struct xp_diff_line *line, size_t event, const struct whole *w)
{
	size_t side;

	for (side = 0; side < XP_SIDES; side++) {
		double weight = line->row->weights[side][event], all = w->weight[side];
		double norm = d->options.norm == XP_DIFF_TOTAL ? all : norm_sum(d, side);

		line->value[side] = norm > 0 ? weight / norm : 0;
		line->samples[side] = samples_of(&d->folds[line->kind], line->row, event, side);
		if (all > 0 && !line->row->idle)
			line->share = fmax(line->share, weight / all);
	}
}

/* What a sample of this row stands for, on this side, in units of the event's. */
static double unit_of(const struct xp_diff *d, const struct xp_diff_line *line, size_t event, size_t side, const struct whole *w)
{
	double mean = w->samples[side] > 0 ? w->weight[side] / w->samples[side] : 1;
	double own = line->samples[side] > 0 ? line->row->weights[side][event] / line->samples[side] : mean;

	return d->options.norm == XP_DIFF_TOTAL ? own / mean : own;
}

static bool has_counts(const struct xp_diff_line *line)
{
	return line->samples[XP_OLD] + line->samples[XP_NEW] > 0;
}

/* Lines of one kind. */
static int compare_kind(struct xp_diff *d, struct xp_diff_event *e, enum xp_diff_kind kind, const struct xp_cells *cells,
			const struct whole *w, struct xp_err *err)
{
	const struct xp_diff_rows *fold = &d->folds[kind];
	struct xp_compared_row **rows = malloc((fold->nr + 1) * sizeof(*rows));
	struct xp_diff_line *lines = &e->lines[e->nr];
	struct xp_dispersion common;
	size_t i, nr = 0, side;
	bool ok = rows;

	for (i = 0; ok && i < fold->nr; i++) {
		if (fold->v[i].idle && kind == XP_DIFF_ROW)
			continue;
		lines[nr] = (struct xp_diff_line){ .kind = kind, .row = &fold->v[i] };
		value_line(d, &lines[nr], e->index, w);
		if (!has_counts(&lines[nr]))
			continue;
		rows[nr] = &lines[nr].compared;
		for (side = 0; side < XP_SIDES; side++) {
			rows[nr]->counts[side] = fold->v[i].samples[side] + e->index * fold->cells[side];
			rows[nr]->unit[side] = unit_of(d, &lines[nr], e->index, side, w);
		}
		nr++;
	}
	ok = ok && xp_compare(rows, nr, cells, &common);
	e->nr += nr;
	if (kind == XP_DIFF_ROW && ok)
		e->dispersion = common;
	free(rows);
	return ok ? 0 : xp_fail(err, XP_E_NOMEM, "no memory for %zu rows", fold->nr);
}

/* Of everything everything is all, whatever changes. */
static bool is_there(const struct xp_diff *d, enum xp_diff_kind kind)
{
	return kind != XP_DIFF_ALL || d->options.norm != XP_DIFF_TOTAL;
}

static int compare_event(struct xp_diff *d, struct xp_diff_event *e, struct xp_err *err)
{
	struct whole w = whole_of(d, e->index);
	struct xp_cells cells;
	double *buffers;
	size_t nr = 0;
	int rc, kind;

	for (kind = 0; kind < XP_DIFF_KINDS; kind++)
		nr += d->folds[kind].nr;
	e->lines = calloc(nr + 1, sizeof(*e->lines));
	if (!e->lines)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu rows", nr);
	rc = xp_diff_event_cells(d, e->index, &cells, &buffers, err);
	for (kind = 0; !rc && kind < XP_DIFF_KINDS; kind++)
		if (is_there(d, kind))
			rc = compare_kind(d, e, kind, &cells, &w, err);
	free(buffers);
	return rc;
}

/* ---- which of all lines have changed ---- */

static int discover(struct xp_diff *d, struct xp_err *err)
{
	struct xp_change **changes;
	size_t nr = 0, e, i;
	bool ok;

	for (e = 0; e < d->nr_events; e++)
		nr += d->per_event[e].nr;
	changes = calloc(nr + 1, sizeof(*changes));
	nr = 0;
	for (e = 0; changes && e < d->nr_events; e++)
		for (i = 0; i < d->per_event[e].nr; i++)
			changes[nr++] = &d->per_event[e].lines[i].compared.change;
	ok = changes && xp_change_discoveries(changes, nr);
	free(changes);
	if (!ok)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu rows", nr);
	for (e = 0; e < d->nr_events; e++) {
		struct xp_diff_event *x = &d->per_event[e];

		for (i = 0; i < x->nr; i++) {
			struct xp_diff_line *line = &x->lines[i];

			line->significant = line->compared.change.q <= 1 - d->options.confidence;
			x->nr_tested += line->kind == XP_DIFF_ROW;
			x->nr_significant += line->kind == XP_DIFF_ROW && line->significant;
		}
	}
	return 0;
}

static int by_text(const char *a, const char *b)
{
	return a == b ? 0 : strcmp(a ? a : "", b ? b : "");
}

static int by_key(const struct xp_diff_key *a, const struct xp_diff_key *b)
{
	int c = by_text(a->domain, b->domain);

	if (!c)
		c = a->mode < b->mode ? -1 : a->mode > b->mode;
	if (!c)
		c = by_text(a->process, b->process);
	if (!c)
		c = by_text(a->image, b->image);
	return c ? c : by_text(a->symbol, b->symbol);
}

/* What has changed comes first, then what would have changed most. Domains stand in the order of their names. */
static int by_change(const void *pa, const void *pb)
{
	const struct xp_diff_line *a = pa, *b = pb;
	double x = fabs(a->value[XP_NEW] - a->value[XP_OLD]), y = fabs(b->value[XP_NEW] - b->value[XP_OLD]);

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->kind != XP_DIFF_ROW)
		return by_key(&a->row->key, &b->row->key);
	if (a->significant != b->significant)
		return a->significant ? -1 : 1;
	return x > y ? -1 : x < y ? 1 : by_key(&a->row->key, &b->row->key);
}

/* ---- the whole ---- */

/* By domain and mode first: those are few rows, of which the other sums are had at once. */
static int fold_domains(struct xp_diff *d, struct xp_err *err)
{
	bool idle = d->options.norm != XP_DIFF_TOTAL;
	struct xp_diff_rows modes;
	int rc = xp_diff_fold(&modes, &d->all, XP_KEY_DOMAIN | XP_KEY_MODE, true, err);

	if (rc)
		return rc;
	rc = xp_diff_fold(&d->folds[XP_DIFF_ALL], &modes, 0, false, err);
	if (!rc)
		rc = xp_diff_fold(&d->folds[XP_DIFF_DOMAIN], &modes, XP_KEY_DOMAIN, idle, err);
	if (!rc)
		rc = xp_diff_fold(&d->folds[XP_DIFF_MODE], &modes, XP_KEY_DOMAIN | XP_KEY_MODE, false, err);
	xp_diff_rows_release(&modes);
	return rc;
}

static int fold(struct xp_diff *d, struct xp_err *err)
{
	int rc = fold_domains(d, err);

	if (d->options.keys == ROW_KEYS)
		d->folds[XP_DIFF_ROW] = d->all;
	else if (!rc)
		rc = xp_diff_fold(&d->folds[XP_DIFF_ROW], &d->all, d->options.keys, false, err);
	return rc;
}

static int compare(struct xp_diff *d, struct xp_err *err)
{
	size_t e;
	int rc = 0;

	d->per_event = calloc(d->events.nr + 1, sizeof(*d->per_event));
	if (!d->per_event)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu events", d->events.nr);
	d->nr_events = d->events.nr;
	for (e = 0; e < d->nr_events && !rc; e++) {
		d->per_event[e] = (struct xp_diff_event){ .name = d->events.name[e], .index = e,
							  .is_timer = !strcmp(d->events.name[e], "timer") };
		rc = compare_event(d, &d->per_event[e], err);
	}
	if (!rc)
		rc = discover(d, err);
	for (e = 0; e < d->nr_events && !rc; e++)
		qsort(d->per_event[e].lines, d->per_event[e].nr, sizeof(struct xp_diff_line), by_change);
	return rc;
}

int xp_diff_run(struct xp_diff *d, struct xp_diff_side sides[2], const struct xp_diff_options *o, const struct xp_filter *filter,
		struct xp_err *err)
{
	const struct xp_agg_config config = { .keys = ROW_KEYS, .process_of_user_only = true, .no_rows = true, .filter = *filter };
	struct xp_err why = { "" };
	int rc;

	gsl_set_error_handler_off(); /* or it would end the program */
	*d = (struct xp_diff){ .sides = sides, .options = *o };
	rc = xp_diff_sides_count(sides, &config, &why);
	if (!rc)
		rc = take_events(d, &why);
	if (!rc)
		rc = xp_diff_norms(d, &why);
	if (!rc)
		rc = xp_diff_match(&d->all, sides, &d->events, &why);
	if (!rc)
		rc = fold(d, &why);
	if (!rc)
		rc = compare(d, &why);
	if (!rc)
		rc = xp_diff_setup(d, &why);
	if (!rc)
		return 0;
	xp_diff_release(d);
	return xp_fail(err, rc, "%s", why.text);
}

void xp_diff_release(struct xp_diff *d)
{
	size_t i;

	for (i = 0; i < d->nr_events; i++)
		free(d->per_event[i].lines);
	free(d->per_event);
	for (i = 0; i < XP_DIFF_KINDS; i++)
		if (d->folds[i].impl != d->all.impl)
			xp_diff_rows_release(&d->folds[i]);
	xp_diff_rows_release(&d->all);
	for (i = 0; i < XP_SIDES; i++)
		free(d->norm[i]);
	free(d->settings);
	if (d->texts)
		xp_arena_release(d->texts);
	free(d->texts);
	*d = (struct xp_diff){ 0 };
}

void xp_diff_limits(const struct xp_diff *d, struct xp_diff_line *line)
{
	xp_change_limits(&line->compared.change, &line->compared.comparison, d->options.confidence);
}

double xp_diff_worst(const struct xp_diff *d, const struct xp_diff_line **line, const struct xp_diff_event **event)
{
	double worst = 0;
	size_t e, i;

	for (e = 0; e < d->nr_events; e++) {
		for (i = 0; i < d->per_event[e].nr; i++) {
			const struct xp_diff_line *l = &d->per_event[e].lines[i];
			double growth = 100 * (l->compared.change.ratio - 1);

			if (!l->significant || l->row->idle || growth <= worst || 100 * l->share < d->options.percent_limit)
				continue;
			worst = growth;
			*line = l;
			*event = &d->per_event[e];
		}
	}
	return worst;
}
