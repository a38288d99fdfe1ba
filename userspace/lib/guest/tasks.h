/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processes of a guest, by its kernel's own list and types: which page
 * tables are whose.
 */
#ifndef XP_GUEST_TASKS_H
#define XP_GUEST_TASKS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/guest/btf.h"
#include "lib/guest/memory.h"

#define XP_GTASKS_MAX 16384u
#define XP_GCOMM 16u

/* What does not change while the kernel runs. */
struct xp_gtask_layout {
	uint64_t init_task; /* its address; 0: not known, so processes are not either */
	uint32_t tasks, mm, tgid, real_parent, comm; /* offsets in struct task_struct */
	uint32_t started;   /* likewise; 0: not known */
	uint32_t pgd;       /* in struct mm_struct */
};

struct xp_gtask {
	uint32_t tgid, ppid;
	uint64_t cr3;       /* address of its top page table, as samples have it: of a machine frame in a PV guest */
	uint64_t started;   /* by the guest's own clock, ns: tells it from another with its number; 0: not known */
	uint64_t mm;        /* address of its struct mm_struct */
	char comm[XP_GCOMM];
};

/* False: the types do not tell. */
bool xp_gtasks_layout(struct xp_gtask_layout *l, const struct xp_btf *types, uint64_t init_task);

/*
 * Appends a struct xp_gtask for each process that has memory of its own (kernel threads have none). The guest runs
 * meanwhile: one that begins or ends now may be missing. Ends where the list makes no sense.
 */
void xp_gtasks_read(struct xp_gmemory *m, const struct xp_gtask_layout *l, struct xp_buf *tasks);

#endif
