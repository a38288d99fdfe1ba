/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The window added up: what each domain has, what the host has that is not idle. */
#ifndef XP_TOP_SUMS_H
#define XP_TOP_SUMS_H

#include "lib/top/window.h"

struct xp_top_sum {
	uint16_t domid;
	struct xp_top_count all[XPROF_MAX_EVENTS];
	struct xp_top_count xen[XPROF_MAX_EVENTS]; /* of these, in the hypervisor */
};

struct xp_top_sums {
	struct xp_top_sum *v;       /* of domains that have samples, the idle one not among them */
	size_t nr, room;
	struct xp_top_sum busy;     /* all of them */
	struct xp_top_count idle[XPROF_MAX_EVENTS];
};

/* False: no memory. */
bool xp_top_sums_make(struct xp_top_sums *s, const struct xp_window *w);
void xp_top_sums_release(struct xp_top_sums *s);

/* NULL: it has no samples. */
const struct xp_top_sum *xp_top_sums_find(const struct xp_top_sums *s, uint16_t domid);

#endif
