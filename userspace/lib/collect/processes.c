// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/collect/processes.h"

#include <stdlib.h>
#include <string.h>

static size_t home(const struct xp_processes *l, uint32_t tgid)
{
	return (tgid * 0x9e3779b1u >> 7) & (l->room - 1);
}

/* Its slot, or the free one where it would be. There is always a free one. */
static struct xprof_task *slot_of(const struct xp_processes *l, uint32_t tgid)
{
	size_t i = home(l, tgid);

	while (l->slots[i].type && l->slots[i].tgid != tgid)
		i = (i + 1) & (l->room - 1);
	return &l->slots[i];
}

static int grow(struct xp_processes *l, struct xp_err *err)
{
	struct xp_processes more = { .room = l->room ? 2 * l->room : 256 };

	if (2 * (l->nr + 1) <= l->room)
		return 0;
	more.slots = calloc(more.room, sizeof(*more.slots));
	if (!more.slots)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu processes", l->nr);
	for (size_t i = 0; i < l->room; i++)
		if (l->slots[i].type)
			*slot_of(&more, l->slots[i].tgid) = l->slots[i];
	more.nr = l->nr;
	free(l->slots);
	*l = more;
	return 0;
}

/* Those behind the hole that would not be found across it move up. */
static void forget(struct xp_processes *l, uint32_t tgid)
{
	struct xprof_task *gone = l->room ? slot_of(l, tgid) : NULL;
	size_t i;

	if (!gone || !gone->type)
		return;
	gone->type = 0;
	l->nr--;
	for (i = ((size_t)(gone - l->slots) + 1) & (l->room - 1); l->slots[i].type; i = (i + 1) & (l->room - 1)) {
		struct xprof_task moved = l->slots[i];

		l->slots[i].type = 0;
		*slot_of(l, moved.tgid) = moved;
	}
}

int xp_processes_note(struct xp_processes *l, const struct xprof_task *task, struct xp_err *err)
{
	struct xprof_task *slot;
	int ret;

	if (task->type == XPROF_TASK_EXIT)
		forget(l, task->tgid);
	if (task->type != XPROF_TASK_SNAPSHOT && task->type != XPROF_TASK_FORK && task->type != XPROF_TASK_EXEC)
		return 0;
	ret = grow(l, err);
	if (ret < 0)
		return ret;
	slot = slot_of(l, task->tgid);
	l->nr += !slot->type;
	*slot = *task;
	return 0;
}

void xp_processes_release(struct xp_processes *l)
{
	free(l->slots);
	*l = (struct xp_processes){ .slots = NULL };
}

const struct xprof_task *xp_processes_find(const struct xp_processes *l, uint32_t tgid)
{
	const struct xprof_task *slot = l->room ? slot_of(l, tgid) : NULL;

	return slot && slot->type ? slot : NULL;
}

static uint16_t told_as(const struct xp_processes *l, const struct xprof_task *task)
{
	const struct xprof_task *parent = task->type == XPROF_TASK_FORK ? xp_processes_find(l, task->ppid) : NULL;

	return parent && task->cr3 && parent->cr3 == task->cr3 ? XPROF_TASK_FORK : XPROF_TASK_SNAPSHOT;
}

int xp_processes_each(const struct xp_processes *l, int (*fn)(void *arg, const struct xprof_task *task, struct xp_err *err), void *arg,
		 struct xp_err *err)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < l->room; i++) {
		struct xprof_task task = l->slots[i];

		if (!task.type)
			continue;
		task.type = told_as(l, &task);
		ret = fn(arg, &task, err);
	}
	return ret;
}
