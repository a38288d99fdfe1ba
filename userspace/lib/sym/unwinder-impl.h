/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the unwinder. */
#ifndef XP_SYM_UNWINDER_IMPL_H
#define XP_SYM_UNWINDER_IMPL_H

struct xp_buf;
struct xp_unwinder;

/* Fills u->kernel and u->stats.kernel, by rules that are there or are read. */
void xp_unwinder_read_kernel(struct xp_unwinder *u, struct xp_buf *rules, const char **from);

#endif
