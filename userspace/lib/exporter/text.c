// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The exposition format [prometheus.io/docs/instrumenting/exposition_formats]: a family of metrics is its help, its type and
 * all its samples, together. Names and units as Prometheus has them: base units, counters end in _total.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/exporter/metrics.h"
#include "lib/profile/format.h"

#ifndef XPROF_VERSION
#define XPROF_VERSION "0.1.0"
#endif

__attribute__((format(printf, 2, 3)))
static void put(struct xp_buf *b, const char *format, ...)
{
	char text[512];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (n < 0 || n >= (int)sizeof(text))
		b->failed = true;
	else
		xp_buf_add(b, text, (size_t)n);
}

static void family(struct xp_buf *b, const char *name, const char *type, const char *help)
{
	put(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A label's value: backslash, quote and newline are what the format escapes. */
static void put_value(struct xp_buf *b, const char *label, const char *value)
{
	put(b, "%s=\"", label);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			xp_buf_u8(b, '\\');
		if (*value == '\n')
			put(b, "\\n");
		else
			xp_buf_u8(b, (uint8_t)*value);
	}
	xp_buf_u8(b, '"');
}

static void put_seconds(struct xp_buf *b, uint64_t ns)
{
	put(b, " %" PRIu64 ".%09" PRIu64 "\n", ns / 1000000000, ns % 1000000000);
}

/* ---- of the whole ----*/

static void put_number(struct xp_buf *b, const char *name, const char *type, const char *help, uint64_t value)
{
	family(b, name, type, help);
	put(b, "%s %" PRIu64 "\n", name, value);
}

static void put_whole(const struct xp_metrics *m, struct xp_buf *b)
{
	family(b, "xprof_build_info", "gauge", "Which xprof this is; always 1.");
	put(b, "xprof_build_info{version=\"" XPROF_VERSION "\",format=\"%u.%u\"} 1\n", XP_FORMAT_MAJOR, XP_FORMAT_MINOR);
	put_number(b, "xprof_profiles_total", "counter", "Profiles that were counted.", m->profiles);
	put_number(b, "xprof_profiles_unreadable_total", "counter", "Files of a profile's name that could not be read.", m->unreadable);
	family(b, "xprof_handler_seconds_total", "counter", "CPU time that the NMI handler took, of all CPUs.");
	put(b, "xprof_handler_seconds_total");
	put_seconds(b, m->handler_ns);
	if (m->some) {
		family(b, "xprof_counted_until_timestamp_seconds", "gauge", "When what was counted ends, in seconds since 1970.");
		put(b, "xprof_counted_until_timestamp_seconds");
		put_seconds(b, m->until_ns);
	}
	if (!m->any)
		return;
	family(b, "xprof_last_profile_timestamp_seconds", "gauge", "When the newest profile ended, in seconds since 1970.");
	put(b, "xprof_last_profile_timestamp_seconds");
	put_seconds(b, m->begin_ns + m->duration_ns);
	family(b, "xprof_last_profile_duration_seconds", "gauge", "How long the newest profile is.");
	put(b, "xprof_last_profile_duration_seconds");
	put_seconds(b, m->duration_ns);
	if (m->overhead < 0)
		return;
	family(b, "xprof_overhead_ratio", "gauge", "Share of all CPUs' time that the NMI handler took, in the newest profile.");
	put(b, "xprof_overhead_ratio %.9f\n", m->overhead);
}

static void put_lost(const struct xp_metrics *m, struct xp_buf *b)
{
	if (!m->nr_events)
		return;
	family(b, "xprof_samples_lost_total", "counter", "Samples that found no room.");
	for (size_t e = 0; e < m->nr_events; e++) {
		put(b, "xprof_samples_lost_total{");
		put_value(b, "event", m->events[e]);
		put(b, "} %" PRIu64 "\n", m->lost[e]);
	}
}

/* ---- of domains ----*/

static void put_domain(struct xp_buf *b, const char *name, const struct xp_metrics_domain *d)
{
	put(b, "%s{", name);
	put_value(b, "domain", d->name);
}

static bool counted(const struct xp_metrics_domain *d, size_t e)
{
	for (size_t mode = 0; mode < XP_NR_MODES; mode++)
		if (d->counts[e][mode].samples)
			return true;
	return false;
}

static void put_samples(const struct xp_metrics *m, struct xp_buf *b)
{
	static const char name[] = "xprof_samples_total";

	family(b, name, "counter", "Samples of what was not idle.");
	for (size_t i = 0; i < m->nr_domains; i++)
		for (size_t e = 0; e < m->nr_events; e++)
			for (size_t mode = 0; mode < XP_MODE_IDLE && m->domains[i].shown && counted(&m->domains[i], e); mode++) {
				put_domain(b, name, &m->domains[i]);
				put(b, ",mode=\"%s\",", xp_mode_names[mode]);
				put_value(b, "event", m->events[e]);
				put(b, "} %" PRIu64 "\n", m->domains[i].counts[e][mode].samples);
			}
}

/* What samples stand for: of the timer CPU time, of counters events. */
static void put_weights(const struct xp_metrics *m, struct xp_buf *b, bool time)
{
	const char *name = time ? "xprof_sampled_cpu_seconds_total" : "xprof_events_total";
	bool any = false;

	for (size_t e = 0; e < m->nr_events; e++)
		any |= m->event_is_time[e] == time;
	if (!any)
		return;
	family(b, name, "counter", time ? "CPU time by samples of the timer." : "Events by samples of them: as many as the samples stand for.");
	for (size_t i = 0; i < m->nr_domains; i++)
		for (size_t e = 0; e < m->nr_events; e++)
			for (size_t mode = 0; mode < XP_MODE_IDLE && m->domains[i].shown && m->event_is_time[e] == time && counted(&m->domains[i], e); mode++) {
				put_domain(b, name, &m->domains[i]);
				put(b, ",mode=\"%s\"", xp_mode_names[mode]);
				if (!time) {
					put(b, ",");
					put_value(b, "event", m->events[e]);
				}
				put(b, "}");
				if (time)
					put_seconds(b, m->domains[i].counts[e][mode].weight);
				else
					put(b, " %" PRIu64 "\n", m->domains[i].counts[e][mode].weight);
			}
}

static void put_cpu(const struct xp_metrics *m, struct xp_buf *b)
{
	static const char name[] = "xprof_domain_cpu_seconds_total";
	bool any = false;

	for (size_t i = 0; i < m->nr_domains; i++) {
		const struct xp_metrics_domain *d = &m->domains[i];

		if (!d->shown || !d->has_cpu)
			continue;
		if (!any)
			family(b, name, "counter", "CPU time of the domain since it was made, as Xen counts it.");
		any = true;
		put_domain(b, name, d);
		put(b, "}");
		put_seconds(b, d->cpu_ns);
	}
}

static void put_states(const struct xp_metrics *m, struct xp_buf *b)
{
	static const char *const names[XP_NR_RUN_STATES] = { "running", "runnable", "blocked", "offline" };
	static const char name[] = "xprof_domain_run_state_seconds_total";
	bool any = false;

	for (size_t i = 0; i < m->nr_domains; i++)
		for (size_t k = 0; k < XP_NR_RUN_STATES && m->domains[i].shown && m->domains[i].has_states; k++) {
			if (!any)
				family(b, name, "counter", "Time of the domain's vCPUs in each state since it was made, as Xen counts it; "
				       "runnable: ready, but not running.");
			any = true;
			put_domain(b, name, &m->domains[i]);
			put(b, ",state=\"%s\"}", names[k]);
			put_seconds(b, m->domains[i].state_ns[k]);
		}
}

/* ---- ratios of the newest profile ----*/

static bool is_named(const char *event, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(event, name, len) && (!event[len] || event[len] == ':');
}

/* Of the newest profile's events, that by this name; SIZE_MAX: it has none. */
static size_t find(const struct xp_metrics *m, const char *name)
{
	for (size_t e = 0; e < m->last.nr; e++)
		if (m->last.index[e] < XP_METRICS_EVENTS && m->last.counted[e] && is_named(m->events[m->last.index[e]], name))
			return e;
	return SIZE_MAX;
}

static void put_ipc(const struct xp_metrics *m, struct xp_buf *b, size_t instructions, size_t cycles)
{
	static const char name[] = "xprof_domain_instructions_per_cycle";

	family(b, name, "gauge", "Instructions per cycle of the domain in the newest profile.");
	for (size_t i = 0; i < m->nr_domains; i++) {
		const struct xp_metrics_domain *d = &m->domains[i];

		if (!d->shown || !d->last[cycles].weight)
			continue;
		put_domain(b, name, d);
		put(b, "} %.6f\n", (double)d->last[instructions].weight / (double)d->last[cycles].weight);
	}
}

static void put_rates(const struct xp_metrics *m, struct xp_buf *b, size_t instructions, size_t cycles)
{
	static const char name[] = "xprof_domain_events_per_instruction";

	family(b, name, "gauge", "Misses and other events per instruction of the domain in the newest profile.");
	for (size_t i = 0; i < m->nr_domains; i++)
		for (size_t e = 0; e < m->last.nr; e++) {
			const struct xp_metrics_domain *d = &m->domains[i];

			if (!d->shown || e == instructions || e == cycles || !m->last.counted[e] || m->last.index[e] == XP_METRICS_EVENTS ||
			    !d->last[instructions].weight)
				continue;
			put_domain(b, name, d);
			put(b, ",");
			put_value(b, "event", m->events[m->last.index[e]]);
			put(b, "} %.9f\n", (double)d->last[e].weight / (double)d->last[instructions].weight);
		}
}

void xp_metrics_text(const struct xp_metrics *m, struct xp_buf *b)
{
	size_t instructions = find(m, "instructions"), cycles = find(m, "cycles");

	put_whole(m, b);
	put_lost(m, b);
	if (!m->some)
		return;
	put_samples(m, b);
	put_weights(m, b, true);
	put_weights(m, b, false);
	put_cpu(m, b);
	put_states(m, b);
	if (instructions != SIZE_MAX && cycles != SIZE_MAX)
		put_ipc(m, b, instructions, cycles);
	if (instructions != SIZE_MAX && m->last.nr > 2)
		put_rates(m, b, instructions, cycles);
}
