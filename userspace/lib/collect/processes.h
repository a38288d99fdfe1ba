/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of Domain-0's processes there are, by the kernel's task records: what a file that begins in the middle of a
 * session must be told, as the session's first file was by the kernel's snapshot.
 */
#ifndef XP_COLLECT_PROCESSES_H
#define XP_COLLECT_PROCESSES_H

#include <stddef.h>
#include <stdint.h>

#include <linux/xprof.h>

#include "lib/base/error.h"

struct xp_processes {
	struct xprof_task *slots; /* by tgid; type 0: free */
	size_t nr, room;          /* room: a power of two, or 0 */
};

/* Takes in a record, in the order in which they come. 0 or XP_E_NOMEM. All zeroes is an empty one; release it. */
int xp_processes_note(struct xp_processes *l, const struct xprof_task *task, struct xp_err *err);
void xp_processes_release(struct xp_processes *l);

/* The newest record of this process; NULL: it does not live. Valid until the next note. */
const struct xprof_task *xp_processes_find(const struct xp_processes *l, uint32_t tgid);

/*
 * Each as a record of type SNAPSHOT, with the time since which it has been what it is; but a child that still shares its
 * parent's memory (vfork) stays a FORK. Stops at the first non-zero return, which it returns.
 */
int xp_processes_each(const struct xp_processes *l, int (*fn)(void *arg, const struct xprof_task *task, struct xp_err *err), void *arg,
		 struct xp_err *err);

#endif
