// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/agg/call-graph.h"
#include "lib/html/data.h"

/*
 * How long a slice is, in ns: 1, 2 or 5 of a power of ten, the shortest that makes no more slices than a page can show. Fifty
 * are a column of the heat map, so one of 20 ms makes columns of a second; shorter ones only where that would be few columns.
 */
static uint64_t slice_ns(double ns)
{
	const uint64_t steps[] = { 1, 2, 5 };
	uint64_t power, i;

	for (power = 1000; power < UINT64_MAX / 100; power *= 10)
		for (i = 0; i < 3; i++)
			if (ns / (double)(steps[i] * power) < (steps[i] * power < 20000000 ? 4096 : (1u << XP_HTML_SLICE_BITS) - 1))
				return steps[i] * power;
	return UINT64_MAX;
}

static double ticks_per_ns(const struct xp_html_data *d)
{
	return d->span.tsc_hz ? (double)d->span.tsc_hz / 1e9 : 1;
}

/* Ticks of a slice, so that there are at most 1 << XP_HTML_SLICE_BITS. */
static uint64_t slice_ticks(const struct xp_html_data *d)
{
	double span = (double)(d->span.last - d->span.first), ticks;

	ticks = (double)slice_ns(span / ticks_per_ns(d)) * ticks_per_ns(d);
	if (ticks < span / ((1u << XP_HTML_SLICE_BITS) - 1))
		ticks = span / ((1u << XP_HTML_SLICE_BITS) - 1);
	return ticks < 1 ? 1 : ticks < 9e18 ? (uint64_t)ticks : (uint64_t)9e18;
}

static uint32_t slice_of(const struct xp_html_data *d, uint64_t tsc)
{
	if (!d->slice_ticks || tsc <= d->span.first)
		return 0;
	tsc = tsc < d->span.last ? tsc : d->span.last;
	return (uint32_t)((tsc - d->span.first) / d->slice_ticks);
}

static int keep(const struct xp_agg_sample *s, void *arg)
{
	struct xp_html_data *d = arg;
	const struct xp_html_entry e = {
		.slice = slice_of(d, s->tsc), .call = s->call, .cpu = (uint16_t)(d->slice_ticks ? s->cpu : 0),
		.event = s->site->event, .samples = 1, .weight = s->weight,
	};

	return xp_html_cells_add(&d->cells, &e) ? 0 : XP_E_NOMEM;
}

/* From CPUs' ids to their numbers among those that have samples. False: no memory. */
static bool number_cpus(struct xp_html_data *d)
{
	uint32_t *number = calloc(UINT16_MAX + 1, sizeof(*number)), cpu;
	size_t i;

	d->cpus = calloc(UINT16_MAX + 1, sizeof(*d->cpus));
	if (!number || !d->cpus) {
		free(number);
		return false;
	}
	for (i = 0; i < d->cells.nr; i++)
		number[d->cells.v[i].cpu] = 1;
	for (cpu = 0; cpu <= UINT16_MAX; cpu++) {
		if (!number[cpu])
			continue;
		number[cpu] = (uint32_t)d->nr_cpus;
		d->cpus[d->nr_cpus++] = cpu;
	}
	for (i = 0; i < d->cells.nr; i++)
		d->cells.v[i].cpu = (uint16_t)number[d->cells.v[i].cpu];
	free(number);
	return true;
}

static int count(struct xp_html_data *d, struct xp_profile *p, const struct xp_filter *filter, struct xp_err *err)
{
	const struct xp_agg_config config = {
		.keys = XP_STACK_KEYS, .addresses = true, .chains = true, .filter = *filter, .each = keep, .arg = d,
	};
	int rc = xp_agg_run(&d->stacks.agg, p, &config, err);

	d->stacks.nr_calls = rc ? 0 : xp_agg_nr_calls(d->stacks.agg);
	return rc;
}

int xp_html_data_init(struct xp_html_data *d, struct xp_profile *p, const struct xp_filter *filter, bool one_slice,
		      struct xp_err *err)
{
	int rc;

	memset(d, 0, sizeof(*d));
	xp_strings_init(&d->strings);
	rc = xp_profile_span(p, &d->span, err);
	if (rc)
		return rc;
	if (!one_slice)
		d->slice_ticks = slice_ticks(d);
	if (!xp_html_cells_init(&d->cells, XP_HTML_MAX_ENTRIES))
		return xp_fail(err, XP_E_NOMEM, "no memory for samples");
	rc = count(d, p, filter, err);
	if (rc)
		return rc;
	if (!xp_html_number_calls(d) || !xp_html_number_frames(d) || !number_cpus(d))
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu calls", d->stacks.nr_calls);
	xp_html_cells_sort(&d->cells);
	return xp_html_columns(d) ? 0 : xp_fail(err, XP_E_NOMEM, "no memory for a page of %zu samples", d->cells.nr);
}

void xp_html_data_release(struct xp_html_data *d)
{
	size_t i;

	for (i = 0; i < XP_HTML_COLUMNS; i++)
		xp_buf_release(&d->columns[i]);
	xp_html_cells_release(&d->cells);
	if (d->stacks.agg)
		xp_stacks_release(&d->stacks);
	xp_strings_release(&d->strings);
	free(d->cpus);
	free(d->rows);
	free(d->frames);
	free(d->calls);
	memset(d, 0, sizeof(*d));
}
