/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/agg/filter.h"

#include <errno.h>

#define NR_CPUS 65536u

/* ---- CPUs: "0-3,7" ---- */

static bool parse_cpu(const char **text, unsigned long *cpu)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	*cpu = strtoul(*text, &end, 10);
	*text = end;
	return *cpu < NR_CPUS;
}

static int parse_cpus(uint8_t *cpus, const char *list, struct xp_err *err)
{
	const char *text = list;

	for (;;) {
		unsigned long first, last;
		bool ok = parse_cpu(&text, &first);

		last = first;
		if (ok && *text == '-') {
			text++;
			ok = parse_cpu(&text, &last);
		}
		if (!ok || last < first || (*text && *text != ','))
			return xp_fail(err, XP_E_USAGE, "'%.100s' is no list of CPUs; write it like 0-3,7", list);
		memset(cpus + first, 1, last - first + 1);
		if (!*text++)
			return 0;
	}
}

/* ---- times: "10%-20%", "1.5-3", "-3", "50%-" ---- */

struct when {
	double value;
	bool percent, given;
};

static bool parse_when(const char **text, struct when *w)
{
	char *end;

	w->given = **text >= '0' && **text <= '9';
	if (!w->given)
		return true;
	errno = 0;
	w->value = strtod(*text, &end);
	if (errno)
		return false;
	*text = end;
	w->percent = **text == '%';
	*text += w->percent;
	return !w->percent || w->value <= 100;
}

static uint64_t when_tsc(const struct when *w, const struct xp_span *span)
{
	double ticks = w->percent ? w->value / 100 * (double)(span->last - span->first)
				  : w->value * (double)span->tsc_hz;

	return ticks < (double)(UINT64_MAX - span->first) ? span->first + (uint64_t)ticks : UINT64_MAX;
}

static int parse_time(struct xp_filter_set *s, const char *range, const struct xp_span *span, struct xp_err *err)
{
	const char *text = range;
	struct when begin, end;
	bool ok = parse_when(&text, &begin) && *text++ == '-' && parse_when(&text, &end) && !*text;

	if (!ok || (!begin.given && !end.given))
		return xp_fail(err, XP_E_USAGE, "'%.100s' is no range of time; write it like 10%%-20%% or, in seconds, 1.5-3",
			       range);
	if (!span->tsc_hz && ((begin.given && !begin.percent) || (end.given && !end.percent)))
		return xp_fail(err, XP_E_USAGE, "the profile does not say how long a second is; give --time in percent");
	if (begin.given)
		s->from = when_tsc(&begin, span);
	if (end.given) {
		s->to = when_tsc(&end, span);
		if (end.percent && end.value >= 100)
			s->to = UINT64_MAX; /* the last sample, too */
	}
	if (s->from >= s->to)
		return xp_fail(err, XP_E_USAGE, "'%.100s' ends before it begins", range);
	return 0;
}

int xp_filter_set_init(struct xp_filter_set *s, const struct xp_filter *f, uint64_t first, uint64_t last,
		       uint64_t tsc_hz, struct xp_err *err)
{
	const struct xp_span span = { first, last, tsc_hz };
	int rc = 0;

	*s = (struct xp_filter_set){ .to = UINT64_MAX, .modes = f->modes ? f->modes : ~0u };
	if (f->cpus) {
		s->cpus = calloc(NR_CPUS, 1);
		if (!s->cpus)
			return xp_fail(err, XP_E_NOMEM, "no memory for a list of CPUs");
		rc = parse_cpus(s->cpus, f->cpus, err);
	}
	if (!rc && f->time)
		rc = parse_time(s, f->time, &span, err);
	if (rc)
		xp_filter_set_release(s);
	return rc;
}

void xp_filter_set_release(struct xp_filter_set *s)
{
	free(s->cpus);
	s->cpus = NULL;
}

/* ---- domains ---- */

bool xp_filter_takes_domain(const struct xp_filter *f, const struct xp_agg_domain *d)
{
	size_t i;

	for (i = 0; i < f->nr_domains; i++) {
		const char *want = f->domains[i];
		char *end;
		unsigned long id = strtoul(want, &end, 10);

		if (!strcmp(want, d->name))
			return true;
		if (*want >= '0' && *want <= '9' && !*end && id == d->domid)
			return true;
	}
	return !f->nr_domains;
}
