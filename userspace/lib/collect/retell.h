/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a file that begins in the middle of a session is told of Domain-0's processes: each that lives, as what it is then,
 * and what has happened since. A part at a time: telling one reads its mappings, and rings are not to wait for hundreds.
 *
 *   xp_retell_task()        each record, in the order in which they come: is it for the file at hand, or does it wait?
 *   xp_retell_between()     a file has ended
 *     xp_retell_step()      the next one is there: until it says that all has been told
 */
#ifndef XP_COLLECT_RETELL_H
#define XP_COLLECT_RETELL_H

#include <stdbool.h>

#include "lib/collect/processes.h"

#define XP_RETELL_WAITING (1u << 20) /* records at most; the kernel's own queue is shorter */

struct xp_retell {
	struct xp_processes live;
	bool between;              /* since a file has ended, until all has been told to the next one */
	bool begun;                /* the telling */
	struct xprof_task *then;   /* who lived when it began: nr_then, the first `told` have been told */
	size_t nr_then, told;
	struct xprof_task *waiting;
	size_t nr_waiting, room_waiting;
};

typedef int (*xp_retell_fn)(void *arg, const struct xprof_task *task, struct xp_err *err);

/* 1: it is for the file at hand; 0: it waits; or XP_E_NOMEM. All zeroes is the beginning; release it. */
int xp_retell_task(struct xp_retell *r, const struct xprof_task *task, struct xp_err *err);
void xp_retell_release(struct xp_retell *r);

void xp_retell_between(struct xp_retell *r);

/*
 * Tells one after the other for about this long, 0: all at once. Who lives is told as a SNAPSHOT since when he has been what he is
 * (processes.h), and then, in their order, the records that came meanwhile. Who has become another since the telling began is told
 * by those alone: his mappings would be another's. 1: there is more; 0: all has been told; or what fn returned.
 */
int xp_retell_step(struct xp_retell *r, uint64_t for_ns, xp_retell_fn fn, void *arg, struct xp_err *err);

#endif
