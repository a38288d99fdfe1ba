/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code of the kernel that runs here, and of its modules, as it is in memory:
 * with all that is patched at boot and later. From /proc/kcore, with names from
 * /proc/kallsyms; only if it is what the profile has: the same boot, the same
 * build-id, the same symbol at the same address.
 */
#ifndef XP_ANNOTATE_LIVE_H
#define XP_ANNOTATE_LIVE_H

#include "lib/annotate/annotate.h"
#include "lib/base/buf.h"
#include "lib/sym/kallsyms.h"

#define XP_LIVE_PATH "/proc/kcore"

struct xp_live {
	struct xp_kallsyms k;
	struct xp_buf kallsyms, modules, code; /* code: the symbol's */
};

/*
 * 0: *l is usable until xp_live_release(). XP_E_ABSENT: it is not what the profile has, or cannot be read; the text says
 * why. XP_E_NOMEM. root: in front of all paths, "".
 */
int xp_live_read(struct xp_live *l, const struct xp_profile *p, const struct xp_candidate *of, const char *root, struct xp_err *err);
void xp_live_release(struct xp_live *l);

#endif
