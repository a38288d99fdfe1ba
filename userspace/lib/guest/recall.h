/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that was read before: it is known again by its ELF notes, with its build-id, and by its list of modules; all else
 * is taken from what was kept. KASLR may have put it elsewhere meanwhile.
 */
#ifndef XP_GUEST_RECALL_H
#define XP_GUEST_RECALL_H

#include "lib/guest/kernel.h"

/*
 * guest: its UUID in hexadecimal digits. True: this kernel was kept: k has its notes, places and modules, and what is to be
 * filled in: k->kept. False: it is another, or nothing is kept; k is as it was.
 */
bool xp_gkernel_recall(struct xp_gkernel *k, struct xp_gmemory *m, const char *guest);

/* Keeps what was read, if the kernel has a build-id. Also after xp_gkernel_recall(): if there are other modules. */
void xp_gkernel_keep(const struct xp_gkernel *k, const char *guest);

/* Loads what k->kept leaves out. False: it is not there any more. */
bool xp_gkernel_fill(struct xp_gkernel *k, const char *guest);

#endif
