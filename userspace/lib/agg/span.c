/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a recording was. */
#include "lib/agg/filter.h"

static uint64_t tsc_hz(const struct xp_profile *p)
{
	const char *khz = xp_profile_host(p, "tsc.khz");
	const struct xp_clock *a = p->clocks, *b = p->nr_clocks ? p->clocks + p->nr_clocks - 1 : NULL;
	uint64_t value;

	/* What two readings say is better than what was announced, if they are far enough apart. */
	if (p->nr_clocks > 1 && b->tsc > a->tsc && b->monotonic_ns > a->monotonic_ns + 100000000u)
		return (uint64_t)((double)(b->tsc - a->tsc) * 1e9 / (double)(b->monotonic_ns - a->monotonic_ns));
	value = khz ? strtoull(khz, NULL, 10) : 0;
	return value < UINT64_MAX / 1000 ? value * 1000 : 0;
}

static int widen(const struct xp_packed *packed, void *arg)
{
	struct xp_span *span = arg;
	size_t i;

	for (i = 0; i < packed->nr; i++) {
		if (packed->tsc[i] < span->first)
			span->first = packed->tsc[i];
		if (packed->tsc[i] > span->last)
			span->last = packed->tsc[i];
	}
	return 0;
}

int xp_profile_span(struct xp_profile *p, struct xp_span *span, struct xp_err *err)
{
	int rc;

	*span = (struct xp_span){ .first = UINT64_MAX, .tsc_hz = tsc_hz(p) };
	if (p->nr_clocks > 1 && p->clocks[p->nr_clocks - 1].tsc > p->clocks[0].tsc) {
		span->first = p->clocks[0].tsc;
		span->last = p->clocks[p->nr_clocks - 1].tsc;
		return 0;
	}
	rc = xp_profile_each_packed(p, widen, span, err);
	if (span->first > span->last)
		span->first = span->last = 0;
	return rc;
}

uint64_t xp_profile_duration_ns(const struct xp_profile *p, uint64_t first_tsc, uint64_t last_tsc)
{
	const struct xp_clock *a = p->clocks, *b = p->nr_clocks ? p->clocks + p->nr_clocks - 1 : NULL;
	uint64_t hz;

	if (p->nr_clocks > 1 && b->monotonic_ns > a->monotonic_ns)
		return b->monotonic_ns - a->monotonic_ns;
	hz = tsc_hz(p);
	return hz && last_tsc > first_tsc ? (uint64_t)((double)(last_tsc - first_tsc) * 1e9 / (double)hz) : 0;
}
