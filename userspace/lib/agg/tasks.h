/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose address space a CR3 was at a time, and which life of a process that is.
 *
 * A CR3 is the task's of the last SNAPSHOT, FORK or EXEC record with it, until
 * that task's EXIT or until it executes into another; then, if it had been
 * borrowed (vfork), it is again the lender's. A time at which nobody is known
 * to have it belongs to whoever is next: a new address space runs a little
 * before its record. (A guest's processes are looked at now and then only: between
 * two owners others may have been.) Page tables are used again, so all this is in intervals.
 *
 * A life of a process is the time between two records that give it a new
 * address space: what is mapped belongs to a life.
 */
#ifndef XP_AGG_TASKS_H
#define XP_AGG_TASKS_H

#include "lib/agg/agg.h"

struct xp_tenure {              /* one task's interval of a CR3 */
	uint16_t domid;
	uint64_t cr3;
	uint64_t from, to;
	uint32_t task;          /* index into the profile's tasks: the record that began this life */
};

struct xp_life {                /* of a process, between two programs or address spaces */
	uint16_t domid;
	uint32_t tgid;
	uint64_t from, to;
	uint32_t task;          /* the record that began it */
};

struct xp_task_index {
	const struct xp_profile *p;
	struct xp_tenure *tenures; /* by domid, cr3, from */
	size_t nr, cap;
	struct xp_life *lives;     /* by domid, tgid, from */
	size_t nr_lives, cap_lives;
};

int xp_task_index_init(struct xp_task_index *x, const struct xp_profile *p, struct xp_err *err);
void xp_task_index_release(struct xp_task_index *x);

/* The task record that names (domid, cr3) at tsc, or XP_NONE; and [*from, *to) when that is so. */
uint32_t xp_task_at(const struct xp_task_index *x, uint16_t domid, uint64_t cr3, uint64_t tsc,
		    uint64_t *from, uint64_t *to);

/* The life of tgid at tsc, before its first one that; as an index. XP_NONE: nothing is known of it. */
uint32_t xp_life_at(const struct xp_task_index *x, uint16_t domid, uint32_t tgid, uint64_t tsc);

/* Whether this life is the first of its process that is known. */
bool xp_life_is_first(const struct xp_task_index *x, uint32_t life);

#endif
