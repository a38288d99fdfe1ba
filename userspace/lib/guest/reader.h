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
#include "lib/guest/programs.h"

#define XP_GREADER_CPU_SECONDS 20u
#define XP_GREADER_BYTES (256ull << 20) /* beside what the collector has */

struct xp_greader {
	pid_t pid; /* 0: none runs */
	int fd;    /* of what it has read: a file without a name */
};

struct xp_gjob {
	uint32_t domid;
	const struct xp_gplaces *places; /* only processes are read, by it; NULL: kernel and processes */
	bool rules; /* unwind rules of what is read, too */
	const char *guest; /* its UUID in hexadecimal digits: what is kept of it is used, and kept (recall.h); NULL: neither */
	bool modules; /* these are read once more, with places: what is in fd then has only them */
	struct xp_gask ask; /* whose mappings are read, too; ask.guest and .rules are set here */
};

/* Starts it; -1 as fd and 0 as pid after an error. */
int xp_greader_start(struct xp_greader *r, const struct xp_gjob *job, struct xp_err *err);

struct xp_gresult {
	struct xp_gplaces places;
	struct xp_buf tasks; /* struct xp_gtask of each process, in the order of the guest's list */
	struct xp_gprograms programs; /* what they have mapped */
	uint64_t cpu_ns;     /* CPU time that reading took; also after an error */
};

void xp_gresult_release(struct xp_gresult *result);

/*
 * 1: it still reads. 0: done: *result (empty before; the caller releases it) has the processes, and r->fd
 * (the caller closes it) the kernel, if that was to be read. Else as xp_gxen_open(), xp_gkernel_read().
 */
int xp_greader_poll(struct xp_greader *r, struct xp_gresult *result, struct xp_err *err);

/* The kernel that a reader has left in fd; see k->kept. It is empty before; release it also after an error. */
int xp_greader_load(int fd, struct xp_gkernel *k, struct xp_err *err);

/* Ends it, if it runs. */
void xp_greader_stop(struct xp_greader *r);

#endif
