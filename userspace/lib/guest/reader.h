/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a guest's kernel, or its processes, in a process of its own: what a guest's memory does to the
 * reader it does to that process, whose memory and time are bounded, and the
 * collector goes on emptying rings meanwhile.
 */
#ifndef XP_GUEST_READER_H
#define XP_GUEST_READER_H

#include <sys/types.h>

#include "lib/base/error.h"
#include "lib/guest/kernel.h"

#define XP_GREADER_CPU_SECONDS 20u
#define XP_GREADER_BYTES (256ull << 20) /* beside what the collector has */

struct xp_greader {
	pid_t pid; /* 0: none runs */
	int fd;    /* of what it has read: a file without a name */
};

/* Starts it; -1 as fd and 0 as pid after an error. layout: only processes are read, by it; NULL: kernel and processes. */
int xp_greader_start(struct xp_greader *r, uint32_t domid, const struct xp_gtask_layout *layout, struct xp_err *err);

struct xp_gprocesses {
	struct xp_gtask_layout layout;
	struct xp_buf tasks; /* struct xp_gtask of each, in the order of the guest's list */
};

/*
 * 1: it still reads. 0: done: *p (empty before; the caller releases its tasks) has the processes, and r->fd
 * (the caller closes it) the kernel, if that was to be read. Else as xp_gxen_open(), xp_gkernel_read().
 */
int xp_greader_poll(struct xp_greader *r, struct xp_gprocesses *p, struct xp_err *err);

/* The kernel that a reader has left in fd. It is empty before; release it also after an error. */
int xp_greader_load(int fd, struct xp_gkernel *k, struct xp_err *err);

/* Ends it, if it runs. */
void xp_greader_stop(struct xp_greader *r);

#endif
