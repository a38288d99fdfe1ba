/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/series/series.h"

#include <time.h>

#include "lib/base/clock.h"
#include "lib/series/series-internal.h"

/* ---- what the parts share ------------------------------------------------*/

uint64_t xp_series_tsc(const struct xp_series *s)
{
	return __builtin_ia32_rdtsc() - (uint64_t)s->config.tsc_offset;
}

int xp_series_put(struct xp_series *s, const struct xp_series_record *r, struct xp_err *err)
{
	return xp_write_series(s->w, r, err);
}

int xp_series_source(struct xp_series *s, enum xp_series_what what, const char *why, struct xp_err *err)
{
	struct xp_series_record r = { .tsc = xp_series_tsc(s), .kind = XP_SERIES_SOURCE, .u.source = { (uint8_t)what, why } };
	char *copy;

	if (s->said[what] && !strcmp(s->said[what], why))
		return 0;
	copy = strdup(why);
	if (!copy)
		return xp_fail(err, XP_E_NOMEM, "no memory");
	free(s->said[what]);
	s->said[what] = copy;
	return xp_series_put(s, &r, err);
}

int xp_series_gone(struct xp_series *s, uint8_t of, uint32_t index, struct xp_err *err)
{
	struct xp_series_record r = { .tsc = xp_series_tsc(s), .kind = XP_SERIES_GONE, .u.gone = { of, index } };

	return xp_series_put(s, &r, err);
}

/* ---- the whole -----------------------------------------------------------*/

static int read_all(struct xp_series *s, struct xp_err *err)
{
	int ret = xp_series_read_domains(s, err);

	if (ret == 0)
		ret = xp_series_read_vcpus(s, err);
	if (ret == 0)
		ret = xp_series_read_pins(s, err);
	if (ret == 0)
		ret = xp_series_read_links(s, err);
	if (ret == 0)
		ret = xp_series_read_foreign(s, err);
	s->readings++;
	return ret;
}

int xp_series_open(struct xp_series **out, struct xp_writer *w, const struct xp_series_config *config, struct xp_err *err)
{
	struct xp_series *s = calloc(1, sizeof(*s));
	int ret;

	*out = NULL;
	if (!s)
		return xp_fail(err, XP_E_NOMEM, "no memory for readings of the host's counters");
	s->w = w;
	s->config = *config;
	xp_vifs_init(&s->vifs);
	s->due_ns = xp_clock_ns(CLOCK_MONOTONIC) + config->interval_ns;
	ret = read_all(s, err);
	if (ret < 0) {
		xp_series_close(s);
		return ret;
	}
	*out = s;
	return 0;
}

int xp_series_poll(struct xp_series *s, bool last, struct xp_err *err)
{
	uint64_t now = xp_clock_ns(CLOCK_MONOTONIC);

	if (!s || (!last && now < s->due_ns))
		return 0;
	/* The next at its own time, unless we are late by more than that. */
	s->due_ns = now < s->due_ns + s->config.interval_ns ? s->due_ns + s->config.interval_ns : now + s->config.interval_ns;
	return read_all(s, err);
}

void xp_series_close(struct xp_series *s)
{
	if (!s)
		return;
	xp_series_release_domains(s);
	xp_vifs_release(&s->vifs);
	for (size_t i = 0; i < XP_SERIES_NR_WHAT; i++)
		free(s->said[i]);
	free(s);
}
