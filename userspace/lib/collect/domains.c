// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/collect/domains.h"

#include <stdlib.h>
#include <string.h>

#define NAME_TRIES 5 /* a toolstack may write it a moment after the domain's first instruction */

void xp_domains_init(struct xp_domains *d)
{
	memset(d, 0, sizeof(*d));
}

void xp_domains_release(struct xp_domains *d)
{
	for (size_t i = 0; i < d->nr; i++)
		free(d->entries[i].domain.name);
	free(d->entries);
	xp_domains_init(d);
}

static struct xp_domain_entry *find(struct xp_domains *d, const struct xprof_domain *r)
{
	for (size_t i = 0; i < d->nr; i++) {
		struct xp_domain *have = &d->entries[i].domain;

		if (have->domid == r->rec.domid && !memcmp(have->uuid, r->handle, sizeof(have->uuid)))
			return &d->entries[i];
	}
	return NULL;
}

static struct xp_domain_entry *add(struct xp_domains *d)
{
	if (d->nr == d->room) {
		size_t room = d->room ? d->room * 2 : 16;
		void *p = realloc(d->entries, room * sizeof(*d->entries));

		if (!p)
			return NULL;
		d->entries = p;
		d->room = room;
	}
	memset(&d->entries[d->nr], 0, sizeof(d->entries[0]));
	return &d->entries[d->nr++];
}

/* The intervals of one domid: each ends where the next begins. */
static void order(struct xp_domains *d, uint16_t domid)
{
	for (size_t i = 0; i < d->nr; i++) {
		struct xp_domain *a = &d->entries[i].domain;
		uint64_t to = 0;

		if (a->domid != domid)
			continue;
		for (size_t j = 0; j < d->nr; j++) {
			const struct xp_domain *b = &d->entries[j].domain;

			if (b->domid == domid && b->from > a->from && (!to || b->from - 1 < to))
				to = b->from - 1;
		}
		d->entries[i].changed |= a->to != to;
		a->to = to;
	}
}

int xp_domains_note(struct xp_domains *d, const struct xprof_domain *r, struct xp_err *err)
{
	struct xp_domain_entry *e = find(d, r);

	if (e && e->domain.from <= r->tsc)
		return 0;
	if (!e) {
		e = add(d);
		if (!e)
			return xp_fail(err, XP_E_NOMEM, "no memory for %zu domains", d->nr);
		e->domain.domid = r->rec.domid;
		e->domain.vcpus = r->rec.vcpu;
		e->domain.type = r->type;
		e->domain.flags = r->flags;
		memcpy(e->domain.uuid, r->handle, sizeof(e->domain.uuid));
		e->seen_pass = d->pass;
		e->name_tries = NAME_TRIES;
	}
	e->domain.from = r->tsc;
	e->changed = true;
	order(d, r->rec.domid);
	return 0;
}

void xp_domains_next_pass(struct xp_domains *d)
{
	d->pass++;
}

static void look_up(struct xp_domain_entry *e, const struct xp_domains_sink *sink)
{
	char text[256] = "";

	if (e->domain.name || !e->name_tries || !sink->name)
		return;
	e->name_tries--;
	sink->name(sink->arg, e->domain.domid, e->domain.uuid, text, sizeof(text));
	if (!text[0])
		return;
	e->domain.name = strdup(text);
	e->changed = true;
}

static int write_one(struct xp_domain_entry *e, struct xp_writer *w, const struct xp_domains_sink *sink,
		     struct xp_err *err)
{
	struct xp_domain domain = e->domain;
	static char no_name[] = "";
	int ret;

	if (!domain.name)
		domain.name = no_name;
	e->changed = false;
	ret = xp_write_domain(w, &domain, err);
	return ret == 0 && sink->written ? sink->written(sink->arg, &domain, err) : ret;
}

int xp_domains_write(struct xp_domains *d, struct xp_writer *w, const struct xp_domains_sink *sink, bool last,
		     struct xp_err *err)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < d->nr; i++) {
		struct xp_domain_entry *e = &d->entries[i];

		look_up(e, sink);
		if (e->changed && (last || d->pass - e->seen_pass > 1))
			ret = write_one(e, w, sink, err);
	}
	return ret;
}

void xp_domains_forget_written(struct xp_domains *d)
{
	for (size_t i = 0; i < d->nr; i++)
		d->entries[i].changed = true;
}
