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
#include "lib/agg/agg-impl.h"
#include "lib/base/hash.h"

#include <math.h>

/* ---- names of processes as numbers ---- */

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
		at = xp_hash_text(p->tasks[i].comm) & (slots - 1);
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

/* Does the filter let samples through that resolve to r? */
static bool takes(struct xp_agg *a, const struct xp_resolution *r)
{
	return a->impl->filter.modes & 1u << r->mode && takes_domain(a, r->domain);
}

/* n samples of a site, which stand for so many events and resolve to r: their row, by its key. XP_NONE: no memory. */
static uint32_t count_key(struct xp_agg *a, const struct xp_site *s, const struct xp_resolution *r, struct xp_row_key *key,
			  uint64_t hash, uint64_t n, uint64_t weight)
{
	struct xp_agg_domain *d;
	struct xp_agg_impl *m = a->impl;
	uint64_t *counts;
	uint32_t row, *slice;

	if (s->event >= m->rows.nr_events && !xp_row_table_widen(&m->rows, s->event + 1u))
		return XP_NONE;
	row = xp_row_table_find_hashed(&m->rows, key, hash);
	if (row == XP_NONE)
		return XP_NONE;
	counts = xp_row_entry(&m->rows, row)->counts;
	counts[s->event] += n;
	counts[m->rows.nr_events + s->event] += weight;
	if (m->rows.slices) {
		slice = xp_row_slices(&m->rows, xp_row_entry(&m->rows, row)) + s->event * m->rows.slices + m->slice;
		*slice = n > UINT32_MAX - *slice ? UINT32_MAX : *slice + (uint32_t)n;
	}
	a->samples.of[s->event] += n;
	a->weights.of[s->event] += weight;
	if (r->mode != XP_MODE_IDLE && !r->symbol) {
		a->unresolved.of[s->event] += n;
		a->unresolved_weights.of[s->event] += weight;
	}
	d = &xp_resolver_domains(m->resolver)->domains[r->domain];
	d->modes[r->mode].of[s->event] += n;
	d->weights[r->mode].of[s->event] += weight;
	return row;
}

static uint32_t count(struct xp_agg *a, const struct xp_site *s, const struct xp_resolution *r, uint64_t n, uint64_t weight)
{
	struct xp_row_key key;

	xp_agg_key(a, a->config.keys, &key, s, r);
	return count_key(a, s, r, &key, xp_row_hash(&key), n, weight);
}

/* The call that has the site's chain, and *to until when. XP_NONE: no memory. */
static uint32_t call_of_site(struct xp_agg *a, size_t site, uint64_t tsc, uint64_t *to)
{
	const struct xp_packed *b = a->impl->packed;

	return xp_calls_of_chain(a, &b->sites[site], b->chain ? b->chain[site] : XP_CHAIN_NONE, tsc, to);
}

static bool count_chain(struct xp_agg *a, size_t site, uint32_t call, const struct xp_resolution *r, uint32_t row, uint64_t n,
			uint64_t weight)
{
	const struct xp_packed *b = a->impl->packed;
	const struct xp_site *s = &b->sites[site];
	uint32_t chain = b->chain ? b->chain[site] : XP_CHAIN_NONE;
	enum xp_chain_end end = chain < XP_NR_CHAIN_ENDS ? chain : a->profile->nodes[chain].end;

	a->chain_samples[end].of[s->event] += n;
	a->chain_weights[end].of[s->event] += weight;
	return xp_calls_add(a, call, s, r, row, n, weight, &a->impl->call[site]);
}

/*
 * n samples of a site from tsc to `last`. What is known of them holds until *to: nothing was counted if that is before the
 * last of them. False: no memory.
 */
static bool count_site(struct xp_agg *a, size_t site, uint64_t tsc, uint64_t last, uint64_t n, uint64_t weight, uint64_t *to)
{
	const struct xp_site *s = &a->impl->packed->sites[site];
	struct xp_resolution r;
	bool has_chain = a->config.chains;
	uint32_t call = 0, row;
	uint64_t chain_to;

	if (xp_resolve(a->impl->resolver, s, tsc, &r))
		return false;
	*to = r.to;
	a->impl->row[site] = XP_NONE;
	a->impl->call[site] = 0;
	if (last >= r.to || !takes(a, &r))
		return true;
	has_chain &= r.mode != XP_MODE_IDLE;
	if (has_chain) {
		call = call_of_site(a, site, tsc, &chain_to);
		*to = chain_to < *to ? chain_to : *to;
		if (call == XP_NONE || last >= *to)
			return call != XP_NONE;
	}
	row = count(a, s, &r, n, weight);
	a->impl->row[site] = row;
	return row != XP_NONE && (!has_chain || count_chain(a, site, call, &r, row, n, weight));
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

static int tell(struct xp_agg *a, size_t i, uint64_t weight)
{
	const struct xp_agg_impl *m = a->impl;
	uint16_t site = m->packed->site[i];
	const struct xp_agg_sample sample = {
		m->packed->cpu, m->row[site], m->call[site], m->packed->tsc[i], weight, &m->packed->sites[site],
	};

	return m->row[site] == XP_NONE ? 0 : a->config.each(&sample, a->config.arg);
}

/* Sample by sample: those of slow sites are counted, all are told to whom it may concern. */
static int each_sample(struct xp_agg *a)
{
	struct xp_agg_impl *m = a->impl;
	const struct xp_packed *b = m->packed;
	uint64_t weight, to;
	size_t i;
	int rc = 0;

	for (i = 0; i < b->nr && !rc; i++) {
		size_t site = b->site[i];

		if (!takes_time(m, b->tsc[i]) || (!m->slow[site] && !a->config.each))
			continue;
		weight = xp_weight_at(&m->weights, b->sites[site].event, b->tsc[i]);
		if (m->slow[site] && !count_site(a, site, b->tsc[i], b->tsc[i], 1, weight, &to))
			return XP_E_NOMEM;
		if (a->config.each)
			rc = tell(a, i, weight);
	}
	return rc;
}

#define ASK 8u /* sites before one is resolved its place is asked for, and before that its context */

static void ask_ahead(struct xp_agg *a, size_t i)
{
	const struct xp_packed *b = a->impl->packed;

	if (i + 2 * ASK < b->nr_sites)
		xp_resolver_ask_context(a->impl->resolver, &b->sites[i + 2 * ASK]);
	if (i + ASK < b->nr_sites)
		xp_resolver_ask_place(a->impl->resolver, &b->sites[i + ASK]);
}

/* Sites of a block without chains, some at a time (rows.h says why). */
#define AHEAD 32u
#define NO_CALL 0u /* nobody has called it */

struct ahead {
	size_t site;
	struct xp_resolution r;
	struct xp_row_key key;
	uint64_t hash;
};

/* Site i is one of those to be counted: what is known of it holds for the block, and the filter takes it. -1: no memory. */
static int look_ahead(struct xp_agg *a, size_t i, struct ahead *to)
{
	struct xp_agg_impl *m = a->impl;
	const struct xp_site *s = &m->packed->sites[i];

	m->slow[i] = 0;
	m->row[i] = XP_NONE;
	m->call[i] = 0;
	if (!m->count[i])
		return 0;
	if (xp_resolve(m->resolver, s, m->first, &to->r))
		return -1;
	m->slow[i] = m->last >= to->r.to;
	if (m->slow[i] || !takes(a, &to->r))
		return 0;
	to->site = i;
	xp_agg_key(a, a->config.keys, &to->key, s, &to->r);
	to->hash = xp_row_hash(&to->key);
	xp_row_ask_slot(&m->rows, to->hash);
	return 1;
}

static bool count_ahead(struct xp_agg *a, struct ahead *ahead, size_t nr)
{
	struct xp_agg_impl *m = a->impl;
	size_t i;

	for (i = 0; i < nr; i++)
		xp_row_ask_row(&m->rows, ahead[i].hash);
	for (i = 0; i < nr; i++) {
		struct ahead *at = &ahead[i];
		uint64_t weight = site_weight(m, at->site);

		m->row[at->site] = count_key(a, &m->packed->sites[at->site], &at->r, &at->key, at->hash, m->count[at->site], weight);
		if (m->row[at->site] == XP_NONE)
			return false;
		if (a->config.chains && at->r.mode != XP_MODE_IDLE &&
		    !count_chain(a, at->site, NO_CALL, &at->r, m->row[at->site], m->count[at->site], weight))
			return false;
	}
	return true;
}

/* *slow: some are left to be counted sample by sample. */
static bool count_plain_sites(struct xp_agg *a, bool *slow)
{
	const struct xp_packed *b = a->impl->packed;
	struct ahead ahead[AHEAD];
	size_t nr = 0, i;
	int taken;

	for (i = 0; i < b->nr_sites; i++) {
		ask_ahead(a, i);
		taken = look_ahead(a, i, &ahead[nr]);
		if (taken < 0)
			return false;
		*slow |= a->impl->slow[i];
		nr += (size_t)taken;
		if (nr == AHEAD && !count_ahead(a, ahead, nr))
			return false;
		nr %= AHEAD;
	}
	return count_ahead(a, ahead, nr);
}

static bool count_sites_with_chains(struct xp_agg *a, bool *slow)
{
	struct xp_agg_impl *m = a->impl;
	uint64_t to;
	size_t i;

	if (!xp_calls_unfold(a, true))
		return false;
	for (i = 0; i < m->packed->nr_sites; i++) {
		ask_ahead(a, i);
		m->slow[i] = 0;
		if (!m->count[i])
			continue;
		if (!count_site(a, i, m->first, m->last, m->count[i], site_weight(m, i), &to))
			return false;
		m->slow[i] = m->last >= to;
		*slow |= m->slow[i];
	}
	return true;
}

static int count_block(struct xp_agg *a)
{
	bool slow = false;

	if (!(a->config.chains && a->impl->packed->chain ? count_sites_with_chains(a, &slow) : count_plain_sites(a, &slow)))
		return XP_E_NOMEM;
	return slow || a->config.each ? each_sample(a) : 0;
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
	return count_block(a);
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

/* ---- the whole ---- */

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

static bool finish_calls(struct xp_agg *a)
{
	struct xp_agg_impl *m = a->impl;

	return m->calls.flat ||
	       ((m->calls.nr_events >= m->rows.nr_events || xp_calls_widen(&m->calls, m->rows.nr_events)) && xp_calls_finish(a));
}

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
	if (!rc && a->config.chains)
		rc = xp_calls_init(a, err);
	if (rc)
		return rc;
	xp_fail(err, XP_E_NOMEM, "no memory to count samples"); /* add_block() has no text of its own */
	rc = xp_profile_each_packed(p, add_block, a, err);
	if (!rc && a->config.chains && !finish_calls(a))
		rc = xp_fail(err, XP_E_NOMEM, "no memory for call chains");
	if (!rc)
		rc = take_domains(a, err);
	a->nr_events = m->rows.nr_events;
	return rc ? rc : xp_agg_make_rows(a, err);
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
	xp_calls_release(&a->impl->calls);
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
