// SPDX-License-Identifier: GPL-2.0-or-later
/* What is not the same on both sides besides the counts. */
#include <inttypes.h>
#include <stdarg.h>

#include "lib/agg/series.h"
#include "lib/base/arena.h"
#include "lib/diff/diff.h"

/* Differ from run to run whatever was done. */
static const char *const volatile_keys[] = { "command", "boot_id", "samples.filtered", "xprof.pid" };

#define NOT_TOLD "(not told)"

static char *text(struct xp_diff *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
static char *text(struct xp_diff *d, const char *format, ...)
{
	char buffer[2048];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(buffer, sizeof(buffer), format, args);
	va_end(args);
	if (len >= (int)sizeof(buffer))
		len = sizeof(buffer) - 1;
	return xp_arena_string(d->texts, buffer, len < 0 ? 0 : (size_t)len);
}

/* One more line, unless both are the same. The texts live as long as d. False: no memory. */
static bool add(struct xp_diff *d, const char *key, const char *was, const char *is)
{
	struct xp_diff_setting *grown;

	if (!key || !was || !is)
		return false;
	if (!strcmp(was, is))
		return true;
	grown = realloc(d->settings, (d->nr_settings + 1) * sizeof(*grown));
	if (!grown)
		return false;
	d->settings = grown;
	grown[d->nr_settings++] = (struct xp_diff_setting){ key, was, is };
	return true;
}

/* ---- the host's description ---- */

static bool is_volatile(const char *key)
{
	size_t i;

	for (i = 0; i < sizeof(volatile_keys) / sizeof(volatile_keys[0]); i++)
		if (!strcmp(key, volatile_keys[i]))
			return true;
	return false;
}

/* A side's value, or all of them where its runs do not agree. */
static const char *side_value(struct xp_diff *d, size_t side, const char *key)
{
	const struct xp_diff_side *s = &d->sides[side];
	const char *first = xp_profile_host(s->runs[0].profile, key), *value;
	size_t r;

	for (r = 1; r < s->nr; r++) {
		value = xp_profile_host(s->runs[r].profile, key);
		if (strcmp(value ? value : NOT_TOLD, first ? first : NOT_TOLD))
			return text(d, "%.900s in %.40s, %.900s in %.40s", first ? first : NOT_TOLD, s->runs[0].name,
				    value ? value : NOT_TOLD, s->runs[r].name);
	}
	return first ? first : NOT_TOLD;
}

static bool add_host(struct xp_diff *d)
{
	const struct xp_profile *old = d->sides[XP_OLD].runs[0].profile, *new = d->sides[XP_NEW].runs[0].profile;
	size_t i;

	for (i = 0; i < old->nr_host; i++)
		if (!is_volatile(old->host[i].key) &&
		    !add(d, old->host[i].key, side_value(d, XP_OLD, old->host[i].key), side_value(d, XP_NEW, old->host[i].key)))
			return false;
	for (i = 0; i < new->nr_host; i++)
		if (!is_volatile(new->host[i].key) && !xp_profile_host(old, new->host[i].key) &&
		    !add(d, new->host[i].key, NOT_TOLD, side_value(d, XP_NEW, new->host[i].key)))
			return false;
	return true;
}

/* ---- events ---- */

static const struct xp_event *event_named(const struct xp_profile *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->nr_events; i++)
		if (!strcmp(p->events[i].name, name))
			return &p->events[i];
	return NULL;
}

static const char *how(struct xp_diff *d, const struct xp_event *e)
{
	if (!e)
		return "not sampled";
	if (e->hz)
		return text(d, "%" PRIu32 " Hz by %s%s%s", e->hz, e->source, e->modifiers[0] ? ", " : "", e->modifiers);
	return text(d, "period %" PRIu64 " by %s%s%s", e->period, e->source, e->modifiers[0] ? ", " : "", e->modifiers);
}

static bool add_events(struct xp_diff *d)
{
	const struct xp_profile *old = d->sides[XP_OLD].runs[0].profile, *new = d->sides[XP_NEW].runs[0].profile;
	size_t i;

	for (i = 0; i < old->nr_events; i++)
		if (!add(d, text(d, "event %s", old->events[i].name), how(d, &old->events[i]),
			 how(d, event_named(new, old->events[i].name))))
			return false;
	for (i = 0; i < new->nr_events; i++)
		if (!event_named(old, new->events[i].name) &&
		    !add(d, text(d, "event %s", new->events[i].name), "not sampled", how(d, &new->events[i])))
			return false;
	return true;
}

/* ---- domains ---- */

/* By name; where none has it, by UUID. */
static const struct xp_agg_domain *domain_like(const struct xp_agg *a, const struct xp_agg_domain *like)
{
	size_t i;

	for (i = 0; i < a->nr_domains; i++)
		if (a->domains[i].info && !strcmp(a->domains[i].name, like->name))
			return &a->domains[i];
	for (i = 0; i < a->nr_domains; i++)
		if (a->domains[i].info && !memcmp(a->domains[i].info->uuid, like->info->uuid, sizeof(like->info->uuid)))
			return &a->domains[i];
	return NULL;
}

static const char *shape(struct xp_diff *d, const struct xp_agg_domain *domain)
{
	static const char *const types[] = { "PV", "HVM", "PVH" };

	if (!domain)
		return "not there";
	return text(d, "%s, %u vCPU%s", domain->info->type < 3 ? types[domain->info->type] : "?", domain->info->vcpus,
		    domain->info->vcpus == 1 ? "" : "s");
}

static bool add_domains(struct xp_diff *d)
{
	const struct xp_agg *old = d->sides[XP_OLD].runs[0].agg, *new = d->sides[XP_NEW].runs[0].agg;
	size_t i;

	for (i = 0; i < old->nr_domains; i++)
		if (old->domains[i].info && !add(d, text(d, "domain %s", old->domains[i].name), shape(d, &old->domains[i]),
						 shape(d, domain_like(new, &old->domains[i]))))
			return false;
	for (i = 0; i < new->nr_domains; i++)
		if (new->domains[i].info && !domain_like(old, &new->domains[i]) &&
		    !add(d, text(d, "domain %s", new->domains[i].name), "not there", shape(d, &new->domains[i])))
			return false;
	return true;
}

/* ---- pinning ---- */

/* "0-3 1 1 …": a CPU list for each vCPU, or one if all have the same. NULL: no memory. */
static const char *pinning(struct xp_diff *d, const struct xp_series_domain_sum *s)
{
	char buffer[512];
	size_t v, len = 0;
	bool same = true;

	for (v = 1; v < s->nr_vcpus; v++)
		same &= !strcmp(s->vcpus[v].pin ? s->vcpus[v].pin : "?", s->vcpus[0].pin ? s->vcpus[0].pin : "?");
	for (v = 0; v < (same && s->nr_vcpus ? 1 : s->nr_vcpus) && len < sizeof(buffer) - 1; v++)
		len += (size_t)snprintf(buffer + len, sizeof(buffer) - len, "%s%s", v ? " " : "",
					s->vcpus[v].pin ? s->vcpus[v].pin : "?");
	return text(d, "%s", len ? buffer : "?");
}

static const struct xp_series_domain_sum *series_domain(const struct xp_series_sum *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->nr_domains; i++)
		if (s->domains[i].name && s->domains[i].name[0] && !strcmp(s->domains[i].name, name))
			return &s->domains[i];
	return NULL;
}

static bool add_pins(struct xp_diff *d, const struct xp_series_sum *old, const struct xp_series_sum *new)
{
	size_t i;

	for (i = 0; i < old->nr_domains; i++) {
		const struct xp_series_domain_sum *a = &old->domains[i], *b;

		b = a->name && a->name[0] ? series_domain(new, a->name) : NULL;
		if (b && !add(d, text(d, "vCPUs of %s may run on CPUs", a->name), pinning(d, a), pinning(d, b)))
			return false;
	}
	return true;
}

static int add_pinning(struct xp_diff *d, struct xp_err *err)
{
	struct xp_series_sum old, new;
	bool ok;
	int rc = xp_series_sum_init(&old, d->sides[XP_OLD].runs[0].profile, err);

	if (rc)
		return rc;
	rc = xp_series_sum_init(&new, d->sides[XP_NEW].runs[0].profile, err);
	if (!rc) {
		ok = add_pins(d, &old, &new);
		xp_series_sum_release(&new);
		rc = ok ? 0 : xp_fail(err, XP_E_NOMEM, "no memory for what differs");
	}
	xp_series_sum_release(&old);
	return rc;
}

int xp_diff_setup(struct xp_diff *d, struct xp_err *err)
{
	d->texts = calloc(1, sizeof(*d->texts));
	if (!d->texts)
		return xp_fail(err, XP_E_NOMEM, "no memory for what differs");
	xp_arena_init(d->texts, SIZE_MAX);
	if (!add_host(d) || !add_events(d) || !add_domains(d))
		return xp_fail(err, XP_E_NOMEM, "no memory for what differs");
	return add_pinning(d, err);
}
