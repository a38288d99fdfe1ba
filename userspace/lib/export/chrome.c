// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Trace events [docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU, "Trace Event Format"]: which vCPU was where, as far as samples
 * tell. A process is a domain, a thread its vCPU; a slice is a row of samples of one vCPU on one pCPU with less
 * than three periods between them. Counters: packets of each virtual interface a second.
 */
#include <inttypes.h>

#include "lib/base/json.h"
#include "lib/agg/series.h"
#include "lib/export/clock.h"
#include "lib/export/export.h"
#include "lib/export/stacks.h"

#define GAP 3 /* mean distances between samples of a CPU */

struct slice { uint64_t first, last; uint32_t samples, cpu; uint16_t vcpu, domid; };

struct trace {
	size_t event;
	struct slice *v;
	size_t nr, room;
	/* of each pCPU: the slice that may go on, + 1 */
	uint32_t *open;
	size_t nr_cpus;
	uint64_t gap;
	struct xp_span span;
	struct xp_json j;
	struct xp_buf b;
};

static bool grow_cpus(struct trace *t, uint32_t cpu)
{
	size_t nr = (size_t)cpu + 64;
	uint32_t *open;

	if (cpu < t->nr_cpus)
		return true;
	open = realloc(t->open, nr * sizeof(*open));
	if (!open)
		return false;
	memset(open + t->nr_cpus, 0, (nr - t->nr_cpus) * sizeof(*open));
	t->open = open;
	t->nr_cpus = nr;
	return true;
}

static bool add_slice(struct trace *t, const struct xp_agg_sample *s)
{
	if (t->nr == t->room) {
		size_t room = t->room ? 2 * t->room : 1024;
		struct slice *v = realloc(t->v, room * sizeof(*v));

		if (!v)
			return false;
		t->v = v;
		t->room = room;
	}
	t->v[t->nr++] = (struct slice){ s->tsc, s->tsc, 1, s->cpu, s->site->vcpu, s->site->domid };
	t->open[s->cpu] = (uint32_t)t->nr;
	return true;
}

static int take(const struct xp_agg_sample *s, void *arg)
{
	struct trace *t = arg;
	struct slice *last;

	if (s->site->event != t->event || !grow_cpus(t, s->cpu))
		return s->site->event == t->event ? XP_E_NOMEM : 0;
	if (!s->call) { /* idle */
		t->open[s->cpu] = 0;
		return 0;
	}
	last = t->open[s->cpu] ? &t->v[t->open[s->cpu] - 1] : NULL;
	if (last && last->domid == s->site->domid && last->vcpu == s->site->vcpu && s->tsc >= last->last &&
	    s->tsc - last->last < t->gap) {
		last->last = s->tsc;
		last->samples++;
		return 0;
	}
	return add_slice(t, s) ? 0 : XP_E_NOMEM;
}

static void put_names(struct trace *t, const struct xp_stacks *s)
{
	size_t i;

	for (i = 0; i < s->agg->nr_domains; i++) {
		if (i == s->agg->idle)
			continue;
		xp_json_flat_object(&t->j, NULL);
		xp_json_string(&t->j, "ph", "M");
		xp_json_string(&t->j, "name", "process_name");
		xp_json_u64(&t->j, "pid", s->agg->domains[i].domid);
		xp_json_object(&t->j, "args");
		xp_json_string(&t->j, "name", xp_stack_text(&t->b, s->agg->domains[i].name));
		xp_json_end_object(&t->j);
		xp_json_end_object(&t->j);
	}
}

static void put_slices(struct trace *t)
{
	char text[32];
	size_t i;

	for (i = 0; i < t->nr; i++) {
		const struct slice *s = &t->v[i];
		double from = xp_export_us(&t->span, s->first), to = xp_export_us(&t->span, s->last);

		snprintf(text, sizeof(text), "on CPU %" PRIu32, s->cpu);
		xp_json_flat_object(&t->j, NULL);
		xp_json_string(&t->j, "ph", "X");
		xp_json_string(&t->j, "name", text);
		xp_json_string(&t->j, "cat", "vcpu");
		xp_json_u64(&t->j, "pid", s->domid);
		xp_json_u64(&t->j, "tid", s->vcpu);
		xp_json_number(&t->j, "ts", from, 3);
		xp_json_number(&t->j, "dur", to - from > 1 ? to - from : 1, 3);
		xp_json_object(&t->j, "args");
		xp_json_u64(&t->j, "samples", s->samples);
		xp_json_end_object(&t->j);
		xp_json_end_object(&t->j);
	}
}

/* Packets since the reading before, a second. */
static void put_traffic(struct trace *t, const struct xp_profile *p, const struct xp_series_vif_sum *v)
{
	const struct xp_series_record *before = NULL, *r;
	size_t i;

	for (i = 0; i < p->nr_series; i++) {
		double seconds;

		r = &p->series[i];
		if (r->kind != XP_SERIES_TRAFFIC || r->u.traffic.vif != v->index)
			continue;
		seconds = before ? (xp_export_us(&t->span, r->tsc) - xp_export_us(&t->span, before->tsc)) / 1e6 : 0;
		if (seconds > 0) {
			xp_json_flat_object(&t->j, NULL);
			xp_json_string(&t->j, "ph", "C");
			xp_json_string(&t->j, "name", "packets a second");
			xp_json_u64(&t->j, "pid", v->vif->u.vif.domid);
			xp_json_number(&t->j, "ts", xp_export_us(&t->span, r->tsc), 3);
			xp_json_object(&t->j, "args");
			xp_json_number(&t->j, "sent", (double)(r->u.traffic.sent_packets - before->u.traffic.sent_packets) / seconds, 1);
			xp_json_number(&t->j, "received",
				       (double)(r->u.traffic.received_packets - before->u.traffic.received_packets) / seconds, 1);
			xp_json_end_object(&t->j);
			xp_json_end_object(&t->j);
		}
		before = r;
	}
}

static int put_counters(struct trace *t, struct xp_profile *p, struct xp_err *err)
{
	struct xp_series_sum s;
	size_t i;
	int rc = xp_series_sum_init(&s, p, err);

	if (rc)
		return rc;
	for (i = 0; i < s.nr_vifs; i++)
		if (s.vifs[i].vif)
			put_traffic(t, p, &s.vifs[i]);
	xp_series_sum_release(&s);
	return 0;
}

/* A CPU's samples come once a period or, of counters, about so often. */
static uint64_t gap_of(const struct xp_profile *p, const struct xp_span *span, size_t event)
{
	uint64_t hz = span->tsc_hz ? span->tsc_hz : 1000000000u;
	uint64_t rate = event < p->nr_events && p->events[event].hz ? p->events[event].hz : 1000;

	if (event < p->nr_events && !p->events[event].hz && !p->events[event].flags && p->events[event].period)
		return GAP * (uint64_t)((double)p->events[event].period * (double)hz / 1e9);
	return GAP * hz / rate;
}

int xp_export_chrome(FILE *out, struct xp_profile *p, const struct xp_export_options *o, struct xp_err *err)
{
	struct trace t = { .event = o->event };
	struct xp_stacks s;
	int rc = xp_profile_span(p, &t.span, err);

	t.gap = gap_of(p, &t.span, o->event);
	if (!rc)
		rc = xp_stacks_init(&s, p, &o->filter, 0, take, &t, err);
	if (!rc) {
		xp_json_init(&t.j, out);
		xp_json_object(&t.j, NULL);
		xp_json_array(&t.j, "traceEvents");
		put_names(&t, &s);
		put_slices(&t);
		rc = put_counters(&t, p, err);
		xp_json_end_array(&t.j);
		xp_json_string(&t.j, "displayTimeUnit", "ms");
		xp_json_end_object(&t.j);
		xp_stacks_release(&s);
	}
	free(t.v);
	free(t.open);
	xp_buf_release(&t.b);
	return rc;
}
