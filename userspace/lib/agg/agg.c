/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hot path: block by block. The samples of each site are counted first (an
 * increment a sample); then each site is resolved once, at the block's first
 * time, and its count added to a row. Only sites whose answer does not hold
 * for the whole block (a process ended, a domid changed hands) are gone
 * through sample by sample; so are events whose period changed in it, to add
 * up what their samples stand for. Where slices of time are counted, a block that
 * reaches into several is taken as several.
 */
#include "lib/agg/filter.h"
#include "lib/agg/resolve.h"
#include "lib/agg/rows.h"
#include "lib/agg/weights.h"

#include <math.h>

struct xp_agg_impl {
	struct xp_resolver *resolver;
	struct xp_filter_set filter;
	struct xp_row_table rows;
	struct xp_weights weights;
	uint32_t *comm_ids;          /* of each task: the first task with the same name */
	uint8_t *domain_taken;       /* by index: 0 not known yet, 1 no, 2 yes */
	size_t nr_domain_taken;
	/* the block at hand */
	const struct xp_packed *packed;
	uint64_t first, last;        /* its times, after the filter */
	uint64_t from, to;           /* what of its times is taken, [from, to): the filter's, or a slice's part of that */
	uint32_t slice;
	struct xp_span span;         /* of the recording, if anything needs it */
	uint32_t count[XP_BLOCK_MAX]; /* of each site */
	uint64_t weight[XP_BLOCK_MAX]; /* of each site whose event's period varies in the block */
	uint8_t slow[XP_BLOCK_MAX];
};

/* ---- names of processes as numbers ---- */

static uint64_t hash_text(const char *s)
{
	uint64_t h = 0xcbf29ce484222325u;

	while (*s)
		h = (h ^ (uint8_t)*s++) * 0x100000001b3u;
	return h ^ h >> 32;
}

static int number_comms(struct xp_agg_impl *m, const struct xp_profile *p, struct xp_err *err)
{
	size_t slots = 64, i, at;
	uint32_t *table;

	while (slots < p->nr_tasks * 2)
		slots *= 2;
	table = calloc(slots, sizeof(*table));
	m->comm_ids = calloc(p->nr_tasks + 1, sizeof(*m->comm_ids));
	if (!table || !m->comm_ids) {
		free(table);
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu task records", p->nr_tasks);
	}
	for (i = 0; i < p->nr_tasks; i++) {
		at = hash_text(p->tasks[i].comm) & (slots - 1);
		while (table[at] && strcmp(p->tasks[table[at] - 1].comm, p->tasks[i].comm))
			at = (at + 1) & (slots - 1);
		if (!table[at])
			table[at] = (uint32_t)i + 1;
		m->comm_ids[i] = table[at] - 1;
	}
	free(table);
	return 0;
}

/* ---- one site ---- */

static bool takes_domain(struct xp_agg *a, uint32_t domain)
{
	struct xp_agg_impl *m = a->impl;

	if (!a->config.filter.nr_domains)
		return true;
	if (domain >= m->nr_domain_taken) {
		size_t nr = domain + 64;
		uint8_t *taken = realloc(m->domain_taken, nr);

		if (!taken) /* slower, not wrong */
			return xp_filter_takes_domain(&a->config.filter,
						      &xp_resolver_domains(m->resolver)->domains[domain]);
		memset(taken + m->nr_domain_taken, 0, nr - m->nr_domain_taken);
		m->domain_taken = taken;
		m->nr_domain_taken = nr;
	}
	if (!m->domain_taken[domain])
		m->domain_taken[domain] = xp_filter_takes_domain(&a->config.filter,
			&xp_resolver_domains(m->resolver)->domains[domain]) ? 2 : 1;
	return m->domain_taken[domain] == 2;
}

/* Idle is one row, unless nothing else was asked for. */
static bool is_folded_idle(const struct xp_agg *a, enum xp_mode mode)
{
	return mode == XP_MODE_IDLE && a->config.filter.modes != 1u << XP_MODE_IDLE;
}

static void set_process(const struct xp_agg *a, struct xp_row_key *key, const struct xp_resolution *r)
{
	unsigned int keys = a->config.keys;

	if (r->task == XP_NONE || (a->config.process_of_user_only && r->mode != XP_MODE_USER))
		return;
	if (keys & (XP_KEY_PROCESS | XP_KEY_PID))
		key->process = a->impl->comm_ids[r->task];
	if (keys & XP_KEY_PID)
		key->tgid = a->profile->tasks[r->task].tgid;
}

static void set_code(const struct xp_agg *a, struct xp_row_key *key, const struct xp_site *s,
		     const struct xp_resolution *r)
{
	unsigned int keys = a->config.keys;

	if (keys & (XP_KEY_IMAGE | XP_KEY_LINE))
		key->image = r->image;
	if (keys & XP_KEY_LINE)
		key->address = r->address;
	if (!(keys & XP_KEY_SYMBOL))
		return;
	if (r->symbol) {
		key->image = r->image;
		key->symbol = (uint32_t)(r->symbol - a->profile->images[r->image].symbols);
	} else if (a->config.addresses) {
		key->address = keys & (XP_KEY_IMAGE | XP_KEY_LINE) && r->image != XP_NONE ? r->address : s->ip;
	}
}

static void set_key(const struct xp_agg *a, struct xp_row_key *key, const struct xp_site *s,
		    const struct xp_resolution *r)
{
	unsigned int keys = a->config.keys;

	*key = (struct xp_row_key){
		.domain = keys & XP_KEY_DOMAIN ? r->domain : XP_NONE,
		.vcpu = XP_NONE,
		.cpu = keys & XP_KEY_CPU ? a->impl->packed->cpu : XP_NONE,
		.mode = keys & XP_KEY_MODE || r->mode == XP_MODE_IDLE ? (uint32_t)r->mode : XP_NONE,
		.process = XP_NONE, .tgid = XP_NONE, .image = XP_NONE, .symbol = XP_NONE,
		.address = XP_ADDRESS_NONE,
	};
	if (is_folded_idle(a, r->mode))
		return;
	if (keys & XP_KEY_VCPU)
		key->vcpu = s->vcpu;
	set_process(a, key, r);
	set_code(a, key, s, r);
}

/* n samples of a site, which stand for so many events and resolve to r. False: no memory. */
static bool count(struct xp_agg *a, const struct xp_site *s, const struct xp_resolution *r, uint64_t n, uint64_t weight)
{
	struct xp_agg_domain *d;
	struct xp_agg_impl *m = a->impl;
	struct xp_row_key key;
	uint64_t *counts;

	if (!(m->filter.modes & 1u << r->mode) || !takes_domain(a, r->domain))
		return true;
	if (s->event >= m->rows.nr_events && !xp_row_table_widen(&m->rows, s->event + 1u))
		return false;
	set_key(a, &key, s, r);
	counts = xp_row_table_counts(&m->rows, &key);
	if (!counts)
		return false;
	counts[s->event] += n;
	counts[m->rows.nr_events + s->event] += weight;
	if (m->rows.slices)
		counts[2 * m->rows.nr_events + s->event * m->rows.slices + m->slice] += n;
	a->samples.of[s->event] += n;
	a->weights.of[s->event] += weight;
	if (r->mode != XP_MODE_IDLE && !r->symbol) {
		a->unresolved.of[s->event] += n;
		a->unresolved_weights.of[s->event] += weight;
	}
	d = &xp_resolver_domains(m->resolver)->domains[r->domain];
	d->modes[r->mode].of[s->event] += n;
	d->weights[r->mode].of[s->event] += weight;
	return true;
}

/* ---- one block ---- */

static void count_sites(struct xp_agg_impl *m)
{
	const struct xp_packed *b = m->packed;
	uint64_t from = m->from, to = m->to;
	uint64_t first = UINT64_MAX, last = 0;
	size_t i;

	memset(m->count, 0, b->nr_sites * sizeof(*m->count));
	for (i = 0; i < b->nr; i++) {
		uint64_t tsc = b->tsc[i];

		if (tsc < from || tsc >= to)
			continue;
		m->count[b->site[i]]++;
		first = tsc < first ? tsc : first;
		last = tsc > last ? tsc : last;
	}
	m->first = first;
	m->last = last;
}

/* Is it within the time that is taken? */
static bool takes_time(const struct xp_agg_impl *m, uint64_t tsc)
{
	return tsc >= m->from && tsc < m->to;
}

static void weigh_sites(struct xp_agg_impl *m)
{
	const struct xp_packed *b = m->packed;
	size_t i;

	memset(m->weight, 0, b->nr_sites * sizeof(*m->weight));
	for (i = 0; i < b->nr; i++)
		if (m->weights.varies & 1u << b->sites[b->site[i]].event && takes_time(m, b->tsc[i]))
			m->weight[b->site[i]] += xp_weight_at(&m->weights, b->sites[b->site[i]].event, b->tsc[i]);
}

static uint64_t site_weight(const struct xp_agg_impl *m, size_t site)
{
	uint8_t event = m->packed->sites[site].event;

	return m->weights.varies & 1u << event ? m->weight[site] : m->count[site] * m->weights.constant[event];
}

static bool count_slow_sites(struct xp_agg *a)
{
	struct xp_agg_impl *m = a->impl;
	const struct xp_packed *b = m->packed;
	struct xp_resolution r;
	size_t i;

	for (i = 0; i < b->nr; i++) {
		const struct xp_site *s = &b->sites[b->site[i]];

		if (!m->slow[b->site[i]] || !takes_time(m, b->tsc[i]))
			continue;
		if (xp_resolve(m->resolver, s, b->tsc[i], &r) ||
		    !count(a, s, &r, 1, xp_weight_at(&m->weights, s->event, b->tsc[i])))
			return false;
	}
	return true;
}

static bool count_block(struct xp_agg *a)
{
	struct xp_agg_impl *m = a->impl;
	const struct xp_packed *b = m->packed;
	struct xp_resolution r;
	bool any_slow = false;
	size_t i;

	for (i = 0; i < b->nr_sites; i++) {
		m->slow[i] = 0;
		if (!m->count[i])
			continue;
		if (xp_resolve(m->resolver, &b->sites[i], m->first, &r))
			return false;
		m->slow[i] = m->last >= r.to;
		any_slow |= m->slow[i];
		if (!m->slow[i] && !count(a, &b->sites[i], &r, m->count[i], site_weight(m, i)))
			return false;
	}
	return !any_slow || count_slow_sites(a);
}

/* What of the block lies in [from, to). */
static int add_times(struct xp_agg *a, const struct xp_packed *packed)
{
	struct xp_agg_impl *m = a->impl;

	count_sites(m);
	if (m->first > m->last)
		return 0;
	if (m->first < a->first_tsc || !a->first_tsc)
		a->first_tsc = m->first;
	if (m->last > a->last_tsc)
		a->last_tsc = m->last;
	xp_weights_block(&m->weights, packed->cpu, m->first, m->last);
	if (m->weights.varies)
		weigh_sites(m);
	return count_block(a) ? 0 : XP_E_NOMEM;
}

static uint64_t slice_begin(const struct xp_agg *a, uint32_t slice)
{
	const struct xp_span *s = &a->impl->span;

	return s->first + (uint64_t)((double)(s->last - s->first) * slice / a->config.slices);
}

static uint32_t slice_of(const struct xp_agg *a, uint64_t tsc)
{
	const struct xp_span *s = &a->impl->span;
	uint32_t slice;

	if (tsc <= s->first || s->last <= s->first)
		return 0;
	slice = (uint32_t)fmin((double)(tsc - s->first) / (double)(s->last - s->first) * a->config.slices, a->config.slices - 1);
	/* Rounded, it may be one of the next. */
	while (slice && tsc < slice_begin(a, slice))
		slice--;
	while (slice + 1 < a->config.slices && tsc >= slice_begin(a, slice + 1))
		slice++;
	return slice;
}

static int add_slices(struct xp_agg *a, const struct xp_packed *packed)
{
	struct xp_agg_impl *m = a->impl;
	uint64_t first = UINT64_MAX, last = 0;
	uint32_t end;
	size_t i;
	int rc = 0;

	for (i = 0; i < packed->nr; i++) {
		first = packed->tsc[i] < first ? packed->tsc[i] : first;
		last = packed->tsc[i] > last ? packed->tsc[i] : last;
	}
	end = slice_of(a, last);
	for (m->slice = slice_of(a, first); m->slice <= end && !rc; m->slice++) {
		uint64_t begin = m->slice ? slice_begin(a, m->slice) : 0,
			 next = m->slice + 1 < a->config.slices ? slice_begin(a, m->slice + 1) : UINT64_MAX;

		m->from = begin > m->filter.from ? begin : m->filter.from;
		m->to = next < m->filter.to ? next : m->filter.to;
		rc = add_times(a, packed);
	}
	return rc;
}

static int add_block(const struct xp_packed *packed, void *arg)
{
	struct xp_agg *a = arg;
	struct xp_agg_impl *m = a->impl;

	if (m->filter.cpus && !m->filter.cpus[packed->cpu & 0xffff])
		return 0;
	m->packed = packed;
	if (a->config.slices)
		return packed->nr ? add_slices(a, packed) : 0;
	m->from = m->filter.from;
	m->to = m->filter.to;
	return add_times(a, packed);
}

/* ---- from the table to rows ---- */

static void fill_row(struct xp_agg *a, struct xp_row *row, const struct xp_row_key *k, uint64_t *counts)
{
	const struct xp_profile *p = a->profile;

	*row = (struct xp_row){
		.domain = k->domain, .vcpu = k->vcpu, .cpu = k->cpu, .mode = k->mode, .tgid = k->tgid,
		.comm = k->process == XP_NONE ? NULL : p->tasks[k->process].comm,
		.image = k->image == XP_NONE ? NULL : &p->images[k->image],
		.has_address = k->address < XP_ADDRESS_OTHERS,
		.other_addresses = k->address == XP_ADDRESS_OTHERS,
		.counts = counts, .weights = counts + a->impl->rows.nr_events,
	};
	if (a->config.slices)
		row->slices = counts + 2 * a->impl->rows.nr_events;
	if (row->has_address)
		row->address = k->address;
	if (k->symbol != XP_NONE)
		row->symbol = &row->image->symbols[k->symbol];
	if (!(a->config.keys & (XP_KEY_IMAGE | XP_KEY_LINE)))
		row->image = NULL;
}

static int make_rows(struct xp_agg *a, struct xp_err *err)
{
	struct xp_row_table *t = &a->impl->rows;
	size_t i;

	a->nr_rows = t->nr;
	a->rows = calloc(t->nr + 1, sizeof(*a->rows));
	if (!a->rows)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu rows", t->nr);
	for (i = 0; i < t->nr; i++)
		fill_row(a, &a->rows[i], &xp_row_entry(t, i)->key, xp_row_entry(t, i)->counts);
	return 0;
}

static int take_domains(struct xp_agg *a, struct xp_err *err)
{
	struct xp_domain_index *x = xp_resolver_domains(a->impl->resolver);
	uint64_t from, to;

	a->idle = xp_domain_at(x, XPROF_DOMID_IDLE, 0, &from, &to);
	if (a->idle == XP_NONE)
		return xp_fail(err, XP_E_NOMEM, "no memory for domains");
	a->domains = x->domains;
	a->nr_domains = x->nr;
	return 0;
}

/* ---- the whole ---- */

static int run(struct xp_agg *a, struct xp_err *err)
{
	struct xp_agg_impl *m = a->impl;
	struct xp_profile *p = a->profile;
	int rc;

	xp_weights_init(&m->weights, p);
	rc = xp_resolver_new(&m->resolver, p, err);
	if (!rc)
		rc = number_comms(m, p, err);
	if (!rc && (a->config.filter.time || a->config.slices))
		rc = xp_profile_span(p, &m->span, err);
	if (!rc)
		rc = xp_filter_set_init(&m->filter, &a->config.filter, m->span.first, m->span.last, m->span.tsc_hz, err);
	if (!rc)
		rc = xp_row_table_init(&m->rows, p->nr_events ? p->nr_events : 1, a->config.slices, err);
	if (rc)
		return rc;
	xp_fail(err, XP_E_NOMEM, "no memory to count samples"); /* add_block() has no text of its own */
	rc = xp_profile_each_packed(p, add_block, a, err);
	if (!rc)
		rc = make_rows(a, err);
	return rc ? rc : take_domains(a, err);
}

int xp_agg_run(struct xp_agg **out, struct xp_profile *p, const struct xp_agg_config *config, struct xp_err *err)
{
	struct xp_agg *a = calloc(1, sizeof(*a));
	struct xp_err why = { "" };
	int rc;

	*out = NULL;
	if (a)
		a->impl = calloc(1, sizeof(*a->impl));
	if (!a || !a->impl) {
		free(a);
		return xp_fail(err, XP_E_NOMEM, "no memory to count samples");
	}
	a->profile = p;
	a->config = *config;
	rc = run(a, &why);
	if (rc) {
		xp_agg_free(a);
		return xp_fail(err, rc, "%s", why.text);
	}
	a->nr_events = a->impl->rows.nr_events;
	*out = a;
	return 0;
}

void xp_agg_free(struct xp_agg *a)
{
	if (!a)
		return;
	xp_resolver_free(a->impl->resolver);
	xp_filter_set_release(&a->impl->filter);
	xp_row_table_release(&a->impl->rows);
	free(a->impl->comm_ids);
	free(a->impl->domain_taken);
	free(a->impl);
	free(a->rows);
	free(a);
}

const char *xp_agg_event_name(const struct xp_agg *a, size_t event, char text[16])
{
	const struct xp_profile *p = a->profile;
	size_t before = 0;

	while (before < event && event < p->nr_events && strcmp(p->events[before].name, p->events[event].name))
		before++;
	if (before == event && event < p->nr_events && p->events[event].name[0])
		return p->events[event].name;
	snprintf(text, 16, "event%zu", event);
	return text;
}
