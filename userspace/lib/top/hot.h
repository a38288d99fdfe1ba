/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The window by function: sites of one domain, mode and label are one row; those without a name, one each. */
#ifndef XP_TOP_HOT_H
#define XP_TOP_HOT_H

#include "lib/top/labels.h"
#include "lib/top/window.h"

enum xp_top_mode { XP_TOP_XEN = 1, XP_TOP_KERNEL = 2, XP_TOP_USER = 4 }; /* bits */

struct xp_hot_filter {
	bool one_domain;
	uint16_t domid;          /* then this one */
	unsigned int modes;      /* enum xp_top_mode; 0: all */
	const char *text;        /* in process, image or symbol, whatever its case; "" or NULL: all */
};

struct xp_hot_function {
	uint16_t domid;
	enum xp_top_mode mode;
	const struct xp_label *label; /* NULL: nothing is known of it (yet) */
	uint64_t address;        /* of what has no symbol */
	bool others;             /* it stands for sites that found no room */
	struct xp_top_count counts[XPROF_MAX_EVENTS];
};

struct xp_hot {
	struct xp_hot_function *v;   /* most of the first event first, ties by what is shown */
	size_t nr, room;
	size_t *order;           /* of sites, for making it */
	size_t room_order;
};

/* Labels must live as long as *f is looked at. False: no memory. */
bool xp_hot_make(struct xp_hot *f, const struct xp_window *w, const struct xp_labels *l,
		       const struct xp_hot_filter *filter);
void xp_hot_release(struct xp_hot *f);

enum xp_top_mode xp_top_mode_of(const struct xprof_rec *rec);

#endif
