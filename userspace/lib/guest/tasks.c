// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/guest/tasks.h"

#include <string.h>

bool xp_gtasks_layout(struct xp_gtask_layout *l, const struct xp_btf *types, uint64_t init_task)
{
	l->init_task = init_task;
	if (!xp_btf_offset(types, "task_struct", "start_time", &l->started))
		l->started = 0;
	if (xp_btf_offset(types, "task_struct", "tasks", &l->tasks) && xp_btf_offset(types, "task_struct", "mm", &l->mm) &&
	    xp_btf_offset(types, "task_struct", "tgid", &l->tgid) &&
	    xp_btf_offset(types, "task_struct", "real_parent", &l->real_parent) &&
	    xp_btf_offset(types, "task_struct", "comm", &l->comm) && xp_btf_offset(types, "mm_struct", "pgd", &l->pgd))
		return true;
	memset(l, 0, sizeof(*l));
	return false;
}

static bool read_u32(struct xp_gmemory *m, uint64_t address, uint32_t *value)
{
	return xp_gmemory_read(m, address, value, sizeof(*value));
}

/* The kernel knows the top page table by an address of its own: which frame that is. */
static bool read_cr3(struct xp_gmemory *m, uint64_t pgd, uint64_t *cr3)
{
	struct xp_gpage page;

	if (pgd % XP_GPAGE || !xp_gmemory_page(m, pgd, &page))
		return false;
	*cr3 = page.frame * XP_GPAGE;
	return true;
}

static bool read_task(struct xp_gmemory *m, const struct xp_gtask_layout *l, uint64_t at, struct xp_gtask *t)
{
	uint64_t pgd, parent;

	memset(t, 0, sizeof(*t));
	if (l->started)
		xp_gmemory_u64(m, at + l->started, &t->started);
	return xp_gmemory_u64(m, at + l->mm, &t->mm) && t->mm && xp_gmemory_u64(m, t->mm + l->pgd, &pgd) && read_cr3(m, pgd, &t->cr3) &&
	       read_u32(m, at + l->tgid, &t->tgid) && t->tgid && xp_gmemory_u64(m, at + l->real_parent, &parent) &&
	       read_u32(m, parent + l->tgid, &t->ppid) && xp_gmemory_read(m, at + l->comm, t->comm, sizeof(t->comm));
}

void xp_gtasks_read(struct xp_gmemory *m, const struct xp_gtask_layout *l, struct xp_buf *tasks)
{
	uint64_t head = l->init_task + l->tasks, at = head;

	if (!l->init_task)
		return;
	for (unsigned int i = 0; i < XP_GTASKS_MAX; i++) {
		struct xp_gtask t;

		if (!xp_gmemory_u64(m, at, &at) || at == head || !at)
			break;
		if (read_task(m, l, at - l->tasks, &t))
			xp_buf_add(tasks, &t, sizeof(t));
	}
}
