/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel and its modules, dom0's or a guest's, as images, maps and symbols.
 */
#ifndef XP_SYM_EMIT_KERNEL_H
#define XP_SYM_EMIT_KERNEL_H

#include "lib/sym/emit.h"
#include "lib/sym/kallsyms.h"
#include "lib/sym/resolve.h"

struct xp_kernel {
	struct xp_kallsyms k;
	uint64_t space; /* where its addresses are: seen.h */
	uint16_t domid; /* whose it is … */
	uint64_t tsc;   /* … since when; 0: always */
	/* Of the kernel ("") or of a module; *id is empty before. */
	void (*build_id)(struct xp_kernel *kernel, const char *image, struct xp_build_id *id);
};

/* The kernel's own regions are one image: all addresses between its first and last byte that are no module's. */
int xp_emit_kernel(struct xp_emit *e, struct xp_kernel *kernel, const struct xp_addrs *addrs, struct xp_err *err);

/* One region of a module. why: it gets no names; NULL: it does. */
int xp_emit_module(struct xp_emit *e, struct xp_kernel *kernel, const struct xp_region *region,
		   const struct xp_addrs *addrs, const char *why, struct xp_err *err);

/* All of the kernel's half of the address space, as an image that says why it has no names. */
int xp_emit_kernel_without_names(struct xp_emit *e, const struct xp_kernel *kernel, const char *why, struct xp_err *err);

/* Where a kernel has its modules: an image that says why they (and its processes) have no names. */
int xp_emit_modules_without_names(struct xp_emit *e, const struct xp_kernel *kernel, const char *why, struct xp_err *err);

#endif
