// SPDX-License-Identifier: GPL-2.0-or-later
/* What counts are counts of. */
#include <math.h>

#include "lib/agg/series.h"
#include "lib/diff/diff.h"

/* ---- work that the profiles' series tell ---- */

static uint64_t packets(const struct xp_series_traffic_sum *t)
{
	return t->sent_packets + t->received_packets;
}

static uint64_t bytes(const struct xp_series_traffic_sum *t)
{
	return t->sent_bytes + t->received_bytes;
}

static uint64_t acks(const struct xp_series_traffic_sum *t)
{
	return t->has_acks ? t->sent_acks + t->received_acks : 0;
}

static const struct { const char *name; uint64_t (*of)(const struct xp_series_traffic_sum *t); } counters[] = {
	{ "packets", packets }, { "bytes", bytes }, { "acks", acks },
};
#define NR_COUNTERS (sizeof(counters) / sizeof(counters[0]))

static int count_work(const struct xp_diff_run *run, const char *counter, double *work, struct xp_err *err)
{
	struct xp_series_traffic_sum t;
	struct xp_series_sum s;
	size_t i, v;
	int rc;

	for (i = 0; i < NR_COUNTERS && strcmp(counters[i].name, counter); i++)
		;
	if (i == NR_COUNTERS)
		return xp_fail(err, XP_E_USAGE, "--per %.40s: there are packets, bytes, acks, and numbers", counter);
	rc = xp_series_sum_init(&s, run->profile, err);
	if (rc)
		return rc;
	*work = 0;
	for (v = 0; v < s.nr_vifs; v++)
		if (xp_series_traffic(&s.vifs[v], &t))
			*work += (double)counters[i].of(&t);
	xp_series_sum_release(&s);
	if (*work > 0)
		return 0;
	return xp_fail(err, XP_E_USAGE, "%.200s counts no %s: it was recorded without --series, or nothing passed; "
		       "'--per OLD:NEW' takes numbers", run->name, counter);
}

static int norm_of(const struct xp_diff *d, size_t side, const struct xp_diff_run *run, double *norm, struct xp_err *err)
{
	if (d->options.norm == XP_DIFF_WORK && d->options.counter)
		return count_work(run, d->options.counter, norm, err);
	*norm = d->options.norm == XP_DIFF_WORK ? d->options.work[side] : (double)run->duration_ns / 1e9;
	if (*norm > 0 || d->options.norm == XP_DIFF_TOTAL)
		return 0;
	return xp_fail(err, XP_E_USAGE, "how long %.200s was recorded is not known: '--normalize total' can do without",
		       run->name);
}

int xp_diff_norms(struct xp_diff *d, struct xp_err *err)
{
	size_t side, i;
	int rc;

	for (side = 0; side < XP_SIDES; side++) {
		d->norm[side] = calloc(d->sides[side].nr + 1, sizeof(double));
		if (!d->norm[side])
			return xp_fail(err, XP_E_NOMEM, "no memory for %zu runs", d->sides[side].nr);
		for (i = 0; i < d->sides[side].nr; i++) {
			rc = norm_of(d, side, &d->sides[side].runs[i], &d->norm[side][i], err);
			if (rc)
				return rc;
		}
	}
	return 0;
}

/* ---- cells ---- */

/* Samples of an event that are not idle, in each cell. */
static void busy_cells(const struct xp_diff *d, size_t event, size_t side, double *busy)
{
	size_t cells = d->all.cells[side], r, c;

	for (r = 0; r < d->all.nr; r++)
		for (c = 0; c < cells && !d->all.v[r].idle; c++)
			busy[c] += (double)d->all.v[r].samples[side][event * cells + c];
}

/* A run that never had the event was nothing to count it in. */
static bool has_event(const struct xp_diff *d, size_t event, size_t side, size_t run)
{
	size_t e;

	for (e = 0; e < XPROF_MAX_EVENTS; e++)
		if (d->events.of[side][run][e] == event)
			return true;
	return false;
}

static void side_cells(const struct xp_diff *d, size_t event, size_t side, double *exposure, double *expected)
{
	const struct xp_diff_side *s = &d->sides[side];
	size_t cells = d->all.cells[side], c;

	if (d->options.norm == XP_DIFF_TOTAL) {
		busy_cells(d, event, side, exposure);
		memcpy(expected, exposure, cells * sizeof(*expected));
		return;
	}
	for (c = 0; c < cells; c++) {
		exposure[c] = s->sliced ? d->norm[side][0] / (double)cells : d->norm[side][c];
		exposure[c] *= has_event(d, event, side, s->sliced ? 0 : c);
		expected[c] = exposure[c];
	}
	/* Work is not spread evenly over a run: where there is more to do there is more of all. */
	if (s->sliced && d->options.norm == XP_DIFF_WORK) {
		memset(expected, 0, cells * sizeof(*expected));
		busy_cells(d, event, side, expected);
	}
}

int xp_diff_event_cells(const struct xp_diff *d, size_t event, struct xp_cells *cells, double **buffers, struct xp_err *err)
{
	size_t nr = d->all.cells[XP_OLD] + d->all.cells[XP_NEW], side;
	double *at = calloc(2 * nr + 1, sizeof(*at));

	*buffers = at;
	if (!at)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu cells", nr);
	*cells = (struct xp_cells){ .of_all = d->options.norm == XP_DIFF_TOTAL };
	for (side = 0; side < XP_SIDES; side++) {
		double *exposure = at, *expected = at + d->all.cells[side];

		side_cells(d, event, side, exposure, expected);
		cells->nr[side] = d->all.cells[side];
		cells->exposure[side] = exposure;
		cells->expected[side] = expected;
		at += 2 * d->all.cells[side];
	}
	return 0;
}
