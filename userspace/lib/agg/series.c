/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/agg/series.h"

#include "lib/agg/filter.h"

/* ---- tables --------------------------------------------------------------*/

/* Numbers count up; one that does not (a damaged file's) is left out, so both tables are sorted as they grow. */
static int by_index(const void *key, const void *element)
{
	uint32_t a = *(const uint32_t *)key, b = *(const uint32_t *)element;

	return a < b ? -1 : a > b;
}
_Static_assert(offsetof(struct xp_series_domain_sum, index) == 0 && offsetof(struct xp_series_vif_sum, index) == 0,
	       "by_index() looks there");

static struct xp_series_domain_sum *domain_of(struct xp_series_sum *s, uint32_t index)
{
	return s->nr_domains ? bsearch(&index, s->domains, s->nr_domains, sizeof(*s->domains), by_index) : NULL;
}

static struct xp_series_vif_sum *vif_of(struct xp_series_sum *s, uint32_t index)
{
	return s->nr_vifs ? bsearch(&index, s->vifs, s->nr_vifs, sizeof(*s->vifs), by_index) : NULL;
}

struct loader {
	struct xp_series_sum *s;
	size_t vcpu_budget; /* slots that may still be made: a hostile file names few vCPUs with high numbers */
};

/* ---- records -------------------------------------------------------------*/

static void take_domain(struct loader *l, const struct xp_series_record *r)
{
	struct xp_series_domain_sum *d = domain_of(l->s, r->u.domain.index);

	if (!d) {
		if (l->s->nr_domains && l->s->domains[l->s->nr_domains - 1].index > r->u.domain.index)
			return;
		d = &l->s->domains[l->s->nr_domains++];
		d->index = r->u.domain.index;
	}
	d->domid = r->u.domain.domid;
	d->uuid = r->u.domain.uuid;
	d->name = r->u.domain.name;
}

static void take_time(struct loader *l, const struct xp_series_record *r)
{
	struct xp_series_domain_sum *d = domain_of(l->s, r->u.time.domain);

	if (!d)
		return;
	if (!d->first)
		d->first = r;
	d->last = r;
	d->readings++;
	if (!l->s->first_tsc || r->tsc < l->s->first_tsc)
		l->s->first_tsc = r->tsc;
	if (r->tsc > l->s->last_tsc)
		l->s->last_tsc = r->tsc;
	if (d->readings > l->s->readings)
		l->s->readings = d->readings;
}

/* NULL with 0: left out. */
static int vcpu_of(struct loader *l, uint32_t domain, uint16_t vcpu, struct xp_series_vcpu_sum **out)
{
	struct xp_series_domain_sum *d = domain_of(l->s, domain);
	struct xp_series_vcpu_sum *grown;
	size_t more;

	*out = NULL;
	if (!d)
		return 0;
	if (vcpu >= d->nr_vcpus) {
		more = vcpu + 1u - d->nr_vcpus;
		if (more > l->vcpu_budget)
			return 0;
		grown = realloc(d->vcpus, (vcpu + 1u) * sizeof(*grown));
		if (!grown)
			return XP_E_NOMEM;
		memset(grown + d->nr_vcpus, 0, more * sizeof(*grown));
		l->vcpu_budget -= more;
		d->vcpus = grown;
		d->nr_vcpus = vcpu + 1u;
	}
	*out = &d->vcpus[vcpu];
	return 0;
}

static int take_vcpu(struct loader *l, const struct xp_series_record *r)
{
	struct xp_series_vcpu_sum *v;
	int rc = vcpu_of(l, r->u.vcpu.domain, r->u.vcpu.vcpu, &v);

	if (!v)
		return rc;
	if (!v->first_tsc) {
		v->first_tsc = r->tsc;
		v->nr = r->u.vcpu.nr;
		memcpy(v->first, r->u.vcpu.ns, sizeof(v->first));
	}
	if (r->u.vcpu.nr < v->nr)
		v->nr = r->u.vcpu.nr;
	v->last_tsc = r->tsc;
	memcpy(v->last, r->u.vcpu.ns, sizeof(v->last));
	v->cpu = r->u.vcpu.cpu;
	return 0;
}

static int take_pin(struct loader *l, const struct xp_series_record *r)
{
	struct xp_series_vcpu_sum *v;
	int rc = vcpu_of(l, r->u.pin.domain, r->u.pin.vcpu, &v);

	if (v)
		v->pin = r->u.pin.cpus;
	return rc;
}

/* A vif belongs to the domain that had this id when it was seen: the last one that was introduced. */
static void take_vif(struct loader *l, const struct xp_series_record *r)
{
	struct xp_series_sum *s = l->s;
	struct xp_series_vif_sum *v = vif_of(s, r->u.vif.index);
	size_t i;

	if (!v) {
		if (s->nr_vifs && s->vifs[s->nr_vifs - 1].index > r->u.vif.index)
			return;
		v = &s->vifs[s->nr_vifs++];
		v->index = r->u.vif.index;
	}
	v->vif = r;
	v->domain = XP_SERIES_NONE;
	for (i = s->nr_domains; i-- > 0 && v->domain == XP_SERIES_NONE;)
		if (s->domains[i].domid == r->u.vif.domid)
			v->domain = (uint32_t)i;
}

static void take_traffic(struct loader *l, const struct xp_series_record *r)
{
	struct xp_series_vif_sum *v = vif_of(l->s, r->u.traffic.vif);

	if (!v)
		return;
	if (!v->first)
		v->first = r;
	v->last = r;
}

static int take(struct loader *l, const struct xp_series_record *r)
{
	struct xp_series_domain_sum *d;

	switch (r->kind) {
	case XP_SERIES_SOURCE:
		if (r->u.source.what < XP_SERIES_NR_WHAT) {
			l->s->said[r->u.source.what] = true;
			l->s->why[r->u.source.what] = r->u.source.why[0] ? r->u.source.why : NULL;
		}
		break;
	case XP_SERIES_DOMAIN:
		take_domain(l, r);
		break;
	case XP_SERIES_DOMAIN_TIME:
		take_time(l, r);
		break;
	case XP_SERIES_VCPU:
		return take_vcpu(l, r);
	case XP_SERIES_PIN:
		return take_pin(l, r);
	case XP_SERIES_VIF:
		take_vif(l, r);
		break;
	case XP_SERIES_TRAFFIC:
		take_traffic(l, r);
		break;
	case XP_SERIES_GONE:
		d = r->u.gone.of == XP_SERIES_DOMAIN ? domain_of(l->s, r->u.gone.index) : NULL;
		if (d)
			d->gone = true;
		break;
	}
	return 0;
}

/* ---- the whole -----------------------------------------------------------*/

static size_t count(const struct xp_profile *p, uint8_t kind)
{
	size_t i, n = 0;

	for (i = 0; i < p->nr_series; i++)
		n += p->series[i].kind == kind;
	return n;
}

int xp_series_sum_init(struct xp_series_sum *s, struct xp_profile *p, struct xp_err *err)
{
	struct loader l = { s, 4096 + 4 * p->nr_series };
	struct xp_span span;
	size_t i;
	int rc = 0;

	memset(s, 0, sizeof(*s));
	if (!p->nr_series)
		return 0;
	s->domains = calloc(count(p, XP_SERIES_DOMAIN) + 1, sizeof(*s->domains));
	s->vifs = calloc(count(p, XP_SERIES_VIF) + 1, sizeof(*s->vifs));
	if (!s->domains || !s->vifs)
		rc = XP_E_NOMEM;
	for (i = 0; i < p->nr_series && !rc; i++)
		rc = take(&l, &p->series[i]);
	if (rc) {
		xp_series_sum_release(s);
		return xp_fail(err, rc, "no memory for the readings of the host's counters");
	}
	rc = xp_profile_span(p, &span, err);
	if (rc)
		xp_series_sum_release(s);
	else if (span.tsc_hz)
		s->ns_per_tick = 1e9 / (double)span.tsc_hz;
	return rc;
}

void xp_series_sum_release(struct xp_series_sum *s)
{
	for (size_t i = 0; i < s->nr_domains; i++)
		free(s->domains[i].vcpus);
	free(s->domains);
	free(s->vifs);
	memset(s, 0, sizeof(*s));
}

/* ---- what passed ---------------------------------------------------------*/

static uint64_t passed(uint64_t first, uint64_t last)
{
	return last > first ? last - first : 0;
}

uint64_t xp_series_span(const struct xp_series_record *first, const struct xp_series_record *last)
{
	return first ? passed(first->tsc, last->tsc) : 0;
}

uint64_t xp_series_cpu_ns(const struct xp_series_domain_sum *d)
{
	return d->first ? passed(d->first->u.time.cpu_ns, d->last->u.time.cpu_ns) : 0;
}

bool xp_series_state_ns(const struct xp_series_domain_sum *d, enum xp_run_state state, uint64_t *ns)
{
	size_t i, known = 0;

	*ns = 0;
	for (i = 0; i < d->nr_vcpus; i++) {
		if (!d->vcpus[i].first_tsc)
			continue;
		if (d->vcpus[i].nr <= (unsigned int)state)
			return false;
		*ns += passed(d->vcpus[i].first[state], d->vcpus[i].last[state]);
		known++;
	}
	return known > 0;
}

bool xp_series_traffic(const struct xp_series_vif_sum *v, struct xp_series_traffic_sum *t)
{
	memset(t, 0, sizeof(*t));
	if (!v->first || v->first == v->last)
		return false;
	t->sent_packets = passed(v->first->u.traffic.sent_packets, v->last->u.traffic.sent_packets);
	t->sent_bytes = passed(v->first->u.traffic.sent_bytes, v->last->u.traffic.sent_bytes);
	t->received_packets = passed(v->first->u.traffic.received_packets, v->last->u.traffic.received_packets);
	t->received_bytes = passed(v->first->u.traffic.received_bytes, v->last->u.traffic.received_bytes);
	t->has_acks = v->first->u.traffic.has_acks && v->last->u.traffic.has_acks;
	if (t->has_acks) {
		t->sent_acks = passed(v->first->u.traffic.sent_acks, v->last->u.traffic.sent_acks);
		t->received_acks = passed(v->first->u.traffic.received_acks, v->last->u.traffic.received_acks);
	}
	return true;
}
