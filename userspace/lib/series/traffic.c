/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces of guests: those that this kernel serves, and those that a driver domain does. */
#include <stdio.h>

#include "lib/series/series-internal.h"

/* ---- served here ---------------------------------------------------------*/

static int put_vif(struct xp_series *s, uint32_t index, uint16_t domid, const struct xp_host_vif *vif, const char *name,
		   const char *why, struct xp_err *err)
{
	struct xp_series_record r = {
		.tsc = xp_series_tsc(s), .kind = XP_SERIES_VIF,
		.u.vif = { .index = index, .domid = domid, .devid = vif->devid, .backend = vif->backend, .name = name, .why = why },
	};

	return xp_series_put(s, &r, err);
}

static int take_link(struct xp_series *s, struct xp_link *l, uint64_t tsc, struct xp_err *err)
{
	struct xp_series_record r = {
		.tsc = tsc, .kind = XP_SERIES_TRAFFIC,
		.u.traffic = {
			.has_acks = l->acks.in >= 0,
			.sent_packets = l->rx_packets, .sent_bytes = l->rx_bytes, .sent_acks = l->acks.nr_in,
			.received_packets = l->tx_packets, .received_bytes = l->tx_bytes, .received_acks = l->acks.nr_out,
		},
	};
	const struct xp_host_vif vif = { .devid = l->devid };
	int ret = 0;

	if (l->fresh) {
		l->index = s->next_vif++;
		ret = put_vif(s, l->index, l->domid, &vif, l->name, "", err);
	}
	r.u.traffic.vif = l->index;
	return ret ? ret : xp_series_put(s, &r, err);
}

int xp_series_read_links(struct xp_series *s, struct xp_err *err)
{
	uint64_t before = xp_series_tsc(s), tsc;
	struct xp_err why;
	int ret = xp_vifs_read(&s->vifs, &why);

	tsc = before + (xp_series_tsc(s) - before) / 2;
	if (ret < 0)
		return xp_series_source(s, XP_SERIES_PACKETS, why.text, err);
	ret = xp_series_source(s, XP_SERIES_PACKETS, "", err);
	if (ret == 0)
		ret = xp_series_source(s, XP_SERIES_ACKS, s->vifs.acks_err.text, err);
	for (size_t i = 0; ret == 0 && i < s->vifs.nr; i++) {
		struct xp_link *l = &s->vifs.links[i];

		if (l->is_vif && l->seen)
			ret = take_link(s, l, tsc, err);
		else if (l->is_vif)
			ret = xp_series_gone(s, XP_SERIES_VIF, l->index, err);
	}
	xp_vifs_forget(&s->vifs);
	return ret;
}

/* ---- served by a driver domain -------------------------------------------*/

/* A walk through the toolstack's store is not for every second. */
#define LOOK_EVERY 30u
#define LOOK_AT_FIRST 5u

static bool is_time_to_look(const struct xp_series *s, const struct xp_series_domain *d)
{
	return !d->looked || s->readings < d->looked - 1 + LOOK_AT_FIRST || (s->readings + d->index) % LOOK_EVERY == 0;
}

static struct xp_series_foreign *find(struct xp_series_domain *d, const struct xp_host_vif *vif)
{
	for (size_t i = 0; i < d->nr_foreign; i++)
		if (d->foreign[i].vif.devid == vif->devid && d->foreign[i].vif.backend == vif->backend)
			return &d->foreign[i];
	return NULL;
}

static int introduce(struct xp_series *s, struct xp_series_domain *d, const struct xp_host_vif *vif, struct xp_err *err)
{
	struct xp_series_foreign *f = find(d, vif);
	struct xp_series_record told;
	char why[128] = "";

	if (f) {
		f->seen = true;
		return 0;
	}
	if (d->nr_foreign == XP_SERIES_FOREIGN)
		return 0;
	f = &d->foreign[d->nr_foreign++];
	*f = (struct xp_series_foreign){ .vif = *vif, .index = s->next_vif++, .seen = true };
	if (!s->config.host->told(s->config.host->arg, vif->backend, d->domid, vif->devid, &told))
		snprintf(why, sizeof(why), "its backend is domain %u, which does not tell its counters", vif->backend);
	return put_vif(s, f->index, d->domid, vif, "", why, err);
}

static int end_unseen(struct xp_series *s, struct xp_series_domain *d, struct xp_err *err)
{
	size_t kept = 0;
	int ret = 0;

	for (size_t i = 0; i < d->nr_foreign; i++) {
		if (d->foreign[i].seen || ret)
			d->foreign[kept++] = d->foreign[i];
		else
			ret = xp_series_gone(s, XP_SERIES_VIF, d->foreign[i].index, err);
	}
	d->nr_foreign = kept;
	return ret;
}

int xp_series_end_foreign(struct xp_series *s, struct xp_series_domain *d, struct xp_err *err)
{
	for (size_t i = 0; i < d->nr_foreign; i++)
		d->foreign[i].seen = false;
	return end_unseen(s, d, err);
}

static int look(struct xp_series *s, struct xp_series_domain *d, struct xp_err *err)
{
	struct xp_host_vif list[XP_SERIES_FOREIGN];
	size_t nr = s->config.host->vifs(s->config.host->arg, d->domid, list, XP_SERIES_FOREIGN);
	int ret = 0;

	if (!d->looked)
		d->looked = s->readings + 1;
	for (size_t i = 0; i < d->nr_foreign; i++)
		d->foreign[i].seen = false;
	for (size_t i = 0; ret == 0 && i < nr; i++)
		if (list[i].backend != 0)
			ret = introduce(s, d, &list[i], err);
	return ret ? ret : end_unseen(s, d, err);
}

static int take_told(struct xp_series *s, const struct xp_series_domain *d, const struct xp_series_foreign *f,
		     struct xp_err *err)
{
	struct xp_series_record r = { .kind = XP_SERIES_TRAFFIC };

	if (!s->config.host->told(s->config.host->arg, f->vif.backend, d->domid, f->vif.devid, &r))
		return 0;
	r.kind = XP_SERIES_TRAFFIC;
	r.tsc = xp_series_tsc(s);
	r.u.traffic.vif = f->index;
	return xp_series_put(s, &r, err);
}

int xp_series_read_foreign(struct xp_series *s, struct xp_err *err)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < s->nr_domains; i++) {
		struct xp_series_domain *d = &s->domains[i];

		if (is_time_to_look(s, d))
			ret = look(s, d, err);
		for (size_t k = 0; ret == 0 && k < d->nr_foreign; k++)
			ret = take_told(s, d, &d->foreign[k], err);
	}
	return ret;
}
