/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gives the window's sites their labels, by lib/sym, while the session goes
 * on: only those that are warm and have none, and for no more than a fifth of a
 * percent of a CPU for each kind of owner.
 */
#ifndef XP_TOP_NAMER_H
#define XP_TOP_NAMER_H

#include "lib/base/error.h"
#include "lib/sym/names.h"
#include "lib/top/labels.h"
#include "lib/top/window.h"

struct xp_namer {
	uint64_t rest_until_ns[XP_NAMES_OWNERS]; /* CLOCK_MONOTONIC */
	unsigned int rounds[XP_NAMES_OWNERS];
};

/* Errors: no memory. */
int xp_namer_run(struct xp_namer *n, struct xp_names *names, struct xp_window *w, struct xp_labels *l, struct xp_err *err);

#endif
