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
#include "lib/guest/modules.h"
#include "lib/guest/orc.h"
#include "lib/guest/tasks.h"
#include "lib/guest/user.h"

/* Where things are in it that are read again. All zeroes: not known. (It is kept on disk: with a change of it kept.c's VERSION.) */
struct xp_gplaces {
	uint64_t image; /* its first mapped page */
	uint64_t notes;
	uint64_t top;   /* its own page table, init_top_pgt: has what all processes' have of the kernel, and stays; 0: not known … */
	uint64_t root;  /* … the frame in which that lies, as long as the guest runs (not kept on disk); 0: not known */
	uint32_t levels, unused; /* of page tables */
	struct xp_gtask_layout tasks;
	struct xp_gmodule_layout modules;
	struct xp_gorc_places orc;
	struct xp_guser_layout user;
};

/* The image is elsewhere: by so much. */
void xp_gplaces_shift(struct xp_gplaces *p, uint64_t by);

/* Looks where the kernel's own page table is. */
void xp_gplaces_find_root(struct xp_gplaces *p, struct xp_gmemory *m);

/* By that page table (m is initialized with p->root) the kernel is where it was. */
bool xp_gplaces_hold(const struct xp_gplaces *p, struct xp_gmemory *m);

struct xp_gkernel {
	struct xp_buf kallsyms; /* the kernel's own symbols, as /proc/kallsyms */
	struct xp_buf module_symbols; /* its modules', likewise */
	struct xp_buf modules;  /* as /proc/modules */
	struct xp_buf notes;    /* ELF notes as /sys/kernel/notes has them; empty: not found */
	struct xp_buf rules;    /* unwind rules, for xp_gorc_next(); empty unless they were asked for */
	struct xp_gplaces places;
	struct {                /* what is not here, as it was kept: recall.h */
		uint32_t kernel, modules; /* 0: it is here */
		uint64_t shift; /* of addresses since */
	} kept;
};

/* k is empty (all zeroes) before; release it also after an error. XP_E_ABSENT: no Linux kernel was found. */
int xp_gkernel_read(struct xp_gkernel *k, struct xp_gmemory *m, struct xp_err *err);
void xp_gkernel_release(struct xp_gkernel *k);

/* The first mapped page of whatever kernel it is. False: there is none. */
bool xp_gkernel_image(struct xp_gmemory *m, uint64_t *address);

/* To and from bytes, but for the places: how the reader hands it on. XP_E_FORMAT: they are not what xp_gkernel_pack() makes. */
void xp_gkernel_pack(const struct xp_gkernel *k, struct xp_buf *to);
int xp_gkernel_unpack(struct xp_gkernel *k, const void *data, size_t len, struct xp_err *err);

#endif
