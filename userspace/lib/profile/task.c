/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TASK chunks: processes, as they came, changed and went. */
#include "lib/base/sort.h"
#include "lib/profile/codec.h"

void xp_task_encode(struct xp_buf *b, const struct xp_task *task)
{
	xp_buf_varint(b, task->tsc);
	xp_buf_varint(b, task->cr3);
	xp_buf_varint(b, task->domid);
	xp_buf_varint(b, task->type);
	xp_buf_varint(b, task->pid);
	xp_buf_varint(b, task->tgid);
	xp_buf_varint(b, task->ppid);
	xp_put_string(b, task->comm);
}

bool xp_task_decode(struct xp_profile *p, struct xp_cursor *c)
{
	struct xp_task task, *out;

	task.tsc = xp_cursor_varint(c);
	task.cr3 = xp_cursor_varint(c);
	task.domid = (uint16_t)xp_cursor_bounded(c, UINT16_MAX, "a task's domain");
	task.type = (uint16_t)xp_cursor_bounded(c, UINT16_MAX, "a task's type");
	task.pid = (uint32_t)xp_cursor_bounded(c, UINT32_MAX, "a task's pid");
	task.tgid = (uint32_t)xp_cursor_bounded(c, UINT32_MAX, "a task's tgid");
	task.ppid = (uint32_t)xp_cursor_bounded(c, UINT32_MAX, "a task's ppid");
	task.comm = xp_profile_string(p, c);
	out = xp_cursor_ok(c) ? xp_profile_append(p, tasks, c) : NULL;
	if (out)
		*out = task;
	return out != NULL;
}

static int compare(const void *pa, const void *pb)
{
	const struct xp_task *a = pa, *b = pb;

	return a->tsc < b->tsc ? -1 : a->tsc > b->tsc;
}

void xp_task_finish(struct xp_profile *p)
{
	xp_stable_sort(p->tasks, p->nr_tasks, sizeof(*p->tasks), compare);
}
