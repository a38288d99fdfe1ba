// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/top/sums.h"

#include <stdlib.h>
#include <string.h>

void xp_top_sums_release(struct xp_top_sums *s)
{
	free(s->v);
	*s = (struct xp_top_sums){ 0 };
}

const struct xp_top_sum *xp_top_sums_find(const struct xp_top_sums *s, uint16_t domid)
{
	for (size_t i = 0; i < s->nr; i++)
		if (s->v[i].domid == domid)
			return &s->v[i];
	return NULL;
}

static struct xp_top_sum *sum_of(struct xp_top_sums *s, uint16_t domid)
{
	struct xp_top_sum *sum = (struct xp_top_sum *)xp_top_sums_find(s, domid);

	if (sum)
		return sum;
	if (s->nr == s->room) {
		size_t room = s->room ? 2 * s->room : 16;
		struct xp_top_sum *v = realloc(s->v, room * sizeof(*v));

		if (!v)
			return NULL;
		s->v = v;
		s->room = room;
	}
	sum = &s->v[s->nr++];
	*sum = (struct xp_top_sum){ .domid = domid };
	return sum;
}

static void add(struct xp_top_count *to, const struct xp_top_count *c, size_t nr)
{
	for (size_t e = 0; e < nr; e++) {
		to[e].samples += c[e].samples;
		to[e].weight += c[e].weight;
	}
}

bool xp_top_sums_make(struct xp_top_sums *s, const struct xp_window *w)
{
	s->nr = 0;
	s->busy = (struct xp_top_sum){ 0 };
	memset(s->idle, 0, sizeof(s->idle));
	for (size_t i = 0; i < w->nr; i++) {
		const struct xprof_rec *rec = &w->sites[i].code.rec;
		const struct xp_top_count *c = xp_window_counts(w, i);
		bool in_xen = (rec->mode & XPROF_MODE_CODE) == XPROF_MODE_XEN;
		struct xp_top_sum *sum;

		if (!xp_window_is_warm(w, i))
			continue;
		if (rec->domid == XPROF_DOMID_IDLE) {
			add(s->idle, c, w->nr_events);
			continue;
		}
		sum = sum_of(s, rec->domid);
		if (!sum)
			return false;
		add(sum->all, c, w->nr_events);
		add(s->busy.all, c, w->nr_events);
		add(sum->xen, c, in_xen ? w->nr_events : 0);
		add(s->busy.xen, c, in_xen ? w->nr_events : 0);
	}
	return true;
}
