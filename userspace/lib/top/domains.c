// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/top/domains.h"

#include <stdlib.h>
#include <string.h>

#include "lib/series/vifs.h"

#define NAME_TRIES 5u /* a toolstack may write it a moment after the domain is there */

void xp_top_domains_release(struct xp_top_domains *d)
{
	free(d->v);
	*d = (struct xp_top_domains){ 0 };
}

const struct xp_top_domain *xp_top_domains_find(const struct xp_top_domains *d, uint16_t domid)
{
	for (size_t i = 0; i < d->nr; i++)
		if (d->v[i].domid == domid)
			return &d->v[i];
	return NULL;
}

static struct xp_top_domain *find(struct xp_top_domains *d, uint16_t domid, const uint8_t uuid[16])
{
	for (size_t i = 0; i < d->nr; i++)
		if (d->v[i].domid == domid && !memcmp(d->v[i].uuid, uuid, sizeof(d->v[i].uuid)))
			return &d->v[i];
	return NULL;
}

static bool make_room(struct xp_top_domains *d, size_t nr)
{
	struct xp_top_domain *v;

	if (nr <= d->room)
		return true;
	v = realloc(d->v, nr * sizeof(*v));
	if (!v)
		return false;
	d->v = v;
	d->room = nr;
	return true;
}

/* xentop's six letters. One that wants to run is neither blocked nor running: then there is none of b and r. */
static void set_state(struct xp_top_domain *to, const struct xp_host_domain *from)
{
	const bool is[] = {
		from->flags & XP_SERIES_DYING, from->shut_down, from->blocked, from->crashed, from->flags & XP_SERIES_PAUSED, from->running,
	};

	for (size_t i = 0; i < 6; i++)
		to->state[i] = is[i] ? "dsbcpr"[i] : '-';
	to->state[6] = '\0';
}

static double percent(uint64_t now, uint64_t before, uint64_t elapsed_ns)
{
	return now >= before && elapsed_ns ? 100.0 * (double)(now - before) / (double)elapsed_ns : 0;
}

static void take(struct xp_top_domains *d, const struct xp_host_domain *h, uint64_t elapsed_ns)
{
	struct xp_top_domain *to = find(d, h->domid, h->uuid);

	if (!to) {
		to = &d->v[d->nr++];
		*to = (struct xp_top_domain){ .domid = h->domid, .fresh = true, .name_tries = NAME_TRIES };
		memcpy(to->uuid, h->uuid, sizeof(to->uuid));
	} else {
		to->fresh = false;
	}
	to->seen = true;
	to->cpu_percent = to->fresh ? -1 : percent(h->cpu_ns, to->cpu_ns, elapsed_ns);
	to->cpu_ns = h->cpu_ns;
	to->memory_kib = h->memory_kib;
	to->max_memory_kib = h->max_memory_kib;
	to->vcpus = h->vcpus_online;
	set_state(to, h);
}

static int by_id(const void *pa, const void *pb)
{
	const struct xp_top_domain *a = pa, *b = pb;

	return a->domid < b->domid ? -1 : a->domid > b->domid;
}

static void forget_unseen(struct xp_top_domains *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->nr; i++)
		if (d->v[i].seen)
			d->v[kept++] = d->v[i];
	d->nr = kept;
	if (kept)
		qsort(d->v, kept, sizeof(*d->v), by_id);
}

static void read_names(struct xp_top_domains *d, const struct xp_series_host *host)
{
	for (size_t i = 0; i < d->nr; i++) {
		struct xp_top_domain *to = &d->v[i];

		if (to->name[0] || !to->name_tries)
			continue;
		to->name_tries--;
		host->name(host->arg, to->domid, to->uuid, to->name, sizeof(to->name));
	}
}

/* A domain whose sum is known twice has a rate. */
static void read_steal(struct xp_top_domains *d, const struct xp_series_host *host, uint64_t elapsed_ns)
{
	struct xp_host_vcpu *list;
	struct xp_err ignored; /* this hypervisor does not tell them */
	size_t nr;
	int rc = host->run_states(host->arg, &list, &nr, &ignored);

	for (size_t i = 0; i < d->nr; i++) {
		struct xp_top_domain *to = &d->v[i];
		uint64_t sum = 0;
		bool told = false;

		for (size_t k = 0; !rc && k < nr; k++) {
			if (list[k].domid != to->domid || memcmp(list[k].uuid, to->uuid, sizeof(to->uuid)))
				continue;
			sum += list[k].ns[XP_RUNNABLE];
			told = true;
		}
		to->steal_percent = told && to->told_steal ? percent(sum, to->runnable_ns, elapsed_ns) : -1;
		to->runnable_ns = sum;
		to->told_steal = told;
	}
	if (!rc)
		free(list);
}

static void add_traffic(struct xp_top_domains *d, const struct xp_vifs *vifs)
{
	for (size_t i = 0; i < d->nr; i++) {
		struct xp_top_domain *to = &d->v[i];

		to->nets = 0;
		to->sent_bytes = to->received_bytes = 0;
		for (size_t k = 0; vifs && k < vifs->nr; k++) {
			const struct xp_link *l = &vifs->links[k];

			if (!l->is_vif || !l->seen || l->domid != to->domid)
				continue;
			to->nets++;
			to->sent_bytes += l->rx_bytes;
			to->received_bytes += l->tx_bytes;
		}
	}
}

int xp_top_domains_read(struct xp_top_domains *d, const struct xp_series_host *host, const struct xp_vifs *vifs, uint64_t now_ns,
			struct xp_err *err)
{
	uint64_t elapsed_ns = d->read_ns ? now_ns - d->read_ns : 0;
	struct xp_host_domain *list;
	size_t nr;
	int rc = host->domains(host->arg, &list, &nr, err);

	if (rc)
		return rc;
	if (!make_room(d, d->nr + nr)) {
		free(list);
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu domains", nr);
	}
	for (size_t i = 0; i < d->nr; i++)
		d->v[i].seen = false;
	for (size_t i = 0; i < nr; i++)
		take(d, &list[i], elapsed_ns);
	free(list);
	forget_unseen(d);
	read_names(d, host);
	read_steal(d, host, elapsed_ns);
	add_traffic(d, vifs);
	d->read_ns = now_ns;
	return 0;
}
