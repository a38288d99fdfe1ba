// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/collect/filter.h"

#include <string.h>

static uint8_t mode_bit(const char *modifiers, char letter, unsigned int mode)
{
	return strchr(modifiers, letter) ? (uint8_t)(1u << mode) : 0;
}

void xp_event_filter_init(struct xp_event_filter *f, const char *modifiers, const uint16_t *domids, size_t nr_domids)
{
	bool guests = strchr(modifiers, 'G') != NULL;
	bool dom0 = strchr(modifiers, 'H') != NULL;

	f->modes = mode_bit(modifiers, 'x', XPROF_MODE_XEN) | mode_bit(modifiers, 'k', XPROF_MODE_KERNEL) |
		   mode_bit(modifiers, 'u', XPROF_MODE_USER);
	if (!f->modes)
		f->modes = 1u << XPROF_MODE_XEN | 1u << XPROF_MODE_KERNEL | 1u << XPROF_MODE_USER;
	f->guests = guests || !dom0;
	f->dom0 = dom0 || !guests;
	f->idle = !guests && !dom0;
	f->all = !modifiers[0] && !nr_domids;
	f->domids = domids;
	f->nr_domids = nr_domids;
}

static bool is_wanted(const struct xp_event_filter *f, uint16_t domid)
{
	for (size_t i = 0; i < f->nr_domids; i++)
		if (f->domids[i] == domid)
			return true;
	return !f->nr_domids;
}

bool xp_event_filter_keeps(const struct xp_event_filter *f, const struct xprof_sample *s)
{
	if (!(f->modes & 1u << (s->rec.mode & XPROF_MODE_CODE)) || !is_wanted(f, s->rec.domid))
		return false;
	if (s->rec.domid == XPROF_DOMID_IDLE)
		return f->idle;
	return s->rec.domid == 0 ? f->dom0 : f->guests;
}

size_t xp_event_filter_copy(const struct xp_event_filter *filters, const struct xprof_sample *from, size_t n, struct xprof_sample *to)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (xp_event_filter_keeps(&filters[from[i].rec.event % XPROF_MAX_EVENTS], &from[i]))
			to[kept++] = from[i];
	return kept;
}
