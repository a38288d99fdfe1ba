/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is told of a guest's kernel: its symbols, and which build it is.
 *
 * Read from a memory that the guest may change meanwhile.  Texts have the form of
 * /proc/kallsyms and /proc/modules, so that whoever names dom0's kernel names a guest's.
 */
#ifndef XP_GUEST_KERNEL_H
#define XP_GUEST_KERNEL_H

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/guest/memory.h"
#include "lib/guest/tasks.h"

struct xp_gkernel {
	struct xp_buf kallsyms; /* as /proc/kallsyms */
	struct xp_buf modules;  /* as /proc/modules */
	struct xp_buf notes;    /* ELF notes as /sys/kernel/notes has them; empty: not found */
	struct xp_gtask_layout layout; /* where its processes are */
};

/* k is empty (XP_BUF_INIT) before; release it also after an error. XP_E_ABSENT: no Linux kernel was found. */
int xp_gkernel_read(struct xp_gkernel *k, struct xp_gmemory *m, struct xp_err *err);
void xp_gkernel_release(struct xp_gkernel *k);

/* To and from bytes, but for the layout: how the reader hands it on. XP_E_FORMAT: they are not what xp_gkernel_pack() makes. */
void xp_gkernel_pack(const struct xp_gkernel *k, struct xp_buf *to);
int xp_gkernel_unpack(struct xp_gkernel *k, const void *data, size_t len, struct xp_err *err);

#endif
