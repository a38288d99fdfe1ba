/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which samples are kept: by the modifiers of their event,
 *
 *   x Xen, k guest or dom0 kernel, u user    none of them: all three
 *   G guests, H dom0                         neither: every domain
 *
 * and by the domains that were asked for. A sample of the idle CPU is Xen's
 * and no domain's.
 */
#ifndef XP_COLLECT_FILTER_H
#define XP_COLLECT_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xprof.h"

struct xp_event_filter {
	uint8_t modes;   /* bit per XPROF_MODE_XEN, _KERNEL, _USER */
	bool guests, dom0, idle;
	bool all;        /* keeps everything: need not be asked */
	const uint16_t *domids; /* borrowed; none: every domain */
	size_t nr_domids;
};

/* modifiers: letters of XP_EVENT_LETTERS only. */
void xp_event_filter_init(struct xp_event_filter *f, const char *modifiers, const uint16_t *domids, size_t nr_domids);
bool xp_event_filter_keeps(const struct xp_event_filter *f, const struct xprof_sample *s);

/* Copies those that are kept, each asked of its event's filter (there are XPROF_MAX_EVENTS). Returns how many; to has room for n. */
size_t xp_event_filter_copy(const struct xp_event_filter *filters, const struct xprof_sample *from, size_t n, struct xprof_sample *to);

#endif
