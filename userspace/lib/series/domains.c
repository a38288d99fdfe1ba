/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domains as they come and go; a domid under another UUID is another domain. */
#include "lib/series/series-internal.h"

#define NAME_TRIES 5 /* a toolstack may write it a moment after the domain is there */

static struct xp_series_domain *find(struct xp_series *s, const struct xp_host_domain *h)
{
	for (size_t i = 0; i < s->nr_domains; i++)
		if (s->domains[i].domid == h->domid && !memcmp(s->domains[i].uuid, h->uuid, sizeof(h->uuid)))
			return &s->domains[i];
	return NULL;
}

static struct xp_series_domain *add(struct xp_series *s, const struct xp_host_domain *h)
{
	struct xp_series_domain *d;

	if (s->nr_domains == s->room) {
		size_t room = s->room ? s->room * 2 : 16;
		struct xp_series_domain *domains = realloc(s->domains, room * sizeof(*domains));

		if (!domains)
			return NULL;
		s->domains = domains;
		s->room = room;
	}
	d = &s->domains[s->nr_domains++];
	memset(d, 0, sizeof(*d));
	d->domid = h->domid;
	memcpy(d->uuid, h->uuid, sizeof(d->uuid));
	d->index = s->next_domain++;
	d->name_tries = NAME_TRIES;
	return d;
}

/* Introduces it, and again once its name is known. */
static int put_domain(struct xp_series *s, struct xp_series_domain *d, bool fresh, struct xp_err *err)
{
	struct xp_series_record r = { .tsc = xp_series_tsc(s), .kind = XP_SERIES_DOMAIN };
	char name[256] = "";

	if (!d->named && d->name_tries) {
		d->name_tries--;
		s->config.host->name(s->config.host->arg, d->domid, d->uuid, name, sizeof(name));
	}
	if (!fresh && !name[0])
		return 0;
	d->named = name[0] != '\0';
	r.u.domain.index = d->index;
	r.u.domain.domid = d->domid;
	memcpy(r.u.domain.uuid, d->uuid, sizeof(d->uuid));
	r.u.domain.name = name;
	return xp_series_put(s, &r, err);
}

static int take(struct xp_series *s, const struct xp_host_domain *h, uint64_t tsc, struct xp_err *err)
{
	struct xp_series_record r = {
		.tsc = tsc, .kind = XP_SERIES_DOMAIN_TIME,
		.u.time = { .vcpus = h->vcpus_online, .flags = h->flags, .cpu_ns = h->cpu_ns },
	};
	struct xp_series_domain *d = find(s, h);
	bool fresh = !d;
	int ret;

	if (!d)
		d = add(s, h);
	if (!d)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu domains", s->nr_domains);
	d->seen = true;
	d->nr_vcpus = h->nr_vcpus;
	r.u.time.domain = d->index;
	ret = put_domain(s, d, fresh, err);
	return ret ? ret : xp_series_put(s, &r, err);
}

static void release(struct xp_series_domain *d)
{
	for (size_t i = 0; i < d->nr_pins; i++)
		free(d->pins[i]);
	free(d->pins);
}

static int end_those_gone(struct xp_series *s, struct xp_err *err)
{
	size_t kept = 0;
	int ret = 0;

	for (size_t i = 0; i < s->nr_domains; i++) {
		struct xp_series_domain *d = &s->domains[i];

		if (d->seen || ret) {
			s->domains[kept++] = *d;
			continue;
		}
		ret = xp_series_end_foreign(s, d, err);
		if (ret == 0)
			ret = xp_series_gone(s, XP_SERIES_DOMAIN, d->index, err);
		release(d);
	}
	s->nr_domains = kept;
	return ret;
}

int xp_series_read_domains(struct xp_series *s, struct xp_err *err)
{
	uint64_t before = xp_series_tsc(s), tsc;
	struct xp_host_domain *list;
	struct xp_err why;
	size_t nr;
	int ret = s->config.host->domains(s->config.host->arg, &list, &nr, &why);

	tsc = before + (xp_series_tsc(s) - before) / 2;
	if (ret < 0)
		return xp_series_source(s, XP_SERIES_CPU_TIME, why.text, err);
	for (size_t i = 0; i < s->nr_domains; i++)
		s->domains[i].seen = false;
	ret = xp_series_source(s, XP_SERIES_CPU_TIME, "", err);
	for (size_t i = 0; ret == 0 && i < nr; i++)
		ret = take(s, &list[i], tsc, err);
	free(list);
	return ret ? ret : end_those_gone(s, err);
}

void xp_series_release_domains(struct xp_series *s)
{
	for (size_t i = 0; i < s->nr_domains; i++)
		release(&s->domains[i]);
	free(s->domains);
}
