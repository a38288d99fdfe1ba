// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/collect/retell.h"

#include <stdlib.h>
#include <time.h>

#include "lib/base/clock.h"

void xp_retell_release(struct xp_retell *r)
{
	xp_processes_release(&r->live);
	free(r->then);
	free(r->waiting);
	*r = (struct xp_retell){ .then = NULL };
}

/* ---- records -------------------------------------------------------------*/

static int keep(struct xp_retell *r, const struct xprof_task *task, struct xp_err *err)
{
	size_t room = r->room_waiting ? 2 * r->room_waiting : 256;
	struct xprof_task *more;

	if (r->nr_waiting == r->room_waiting) {
		more = room <= XP_RETELL_WAITING ? realloc(r->waiting, room * sizeof(*more)) : NULL;
		if (!more)
			return xp_fail(err, XP_E_NOMEM, "no memory for %zu records of tasks", r->nr_waiting);
		r->waiting = more;
		r->room_waiting = room;
	}
	r->waiting[r->nr_waiting++] = *task;
	return 0;
}

int xp_retell_task(struct xp_retell *r, const struct xprof_task *task, struct xp_err *err)
{
	int ret = xp_processes_note(&r->live, task, err);

	if (ret < 0)
		return ret;
	return r->between ? keep(r, task, err) : 1;
}

void xp_retell_between(struct xp_retell *r)
{
	r->between = true;
}

/* ---- telling -------------------------------------------------------------*/

static int add(void *arg, const struct xprof_task *task, struct xp_err *err)
{
	struct xp_retell *r = arg;

	(void)err;
	r->then[r->nr_then++] = *task;
	return 0;
}

/* What waits of those who live is in what they are. Of those that came and went there is what the kernel said. */
static int begin(struct xp_retell *r, struct xp_err *err)
{
	size_t nr = 0;

	r->then = calloc(r->live.nr ? r->live.nr : 1, sizeof(*r->then));
	if (!r->then)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu processes", r->live.nr);
	r->nr_then = r->told = 0;
	xp_processes_each(&r->live, add, r, err);
	for (size_t i = 0; i < r->nr_waiting; i++)
		if (!xp_processes_find(&r->live, r->waiting[i].tgid))
			r->waiting[nr++] = r->waiting[i];
	r->nr_waiting = nr;
	r->begun = true;
	return 0;
}

/* Or has gone: then nobody else's mappings can be taken for his. */
static bool is_the_same(const struct xp_retell *r, const struct xprof_task *then)
{
	const struct xprof_task *now = xp_processes_find(&r->live, then->tgid);

	return !now || (now->tsc == then->tsc && now->cr3 == then->cr3);
}

static int tell_waiting(struct xp_retell *r, xp_retell_fn fn, void *arg, struct xp_err *err)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < r->nr_waiting; i++)
		ret = fn(arg, &r->waiting[i], err);
	free(r->then);
	r->then = NULL;
	r->nr_then = r->told = r->nr_waiting = 0;
	r->between = r->begun = false;
	return ret;
}

int xp_retell_step(struct xp_retell *r, uint64_t for_ns, xp_retell_fn fn, void *arg, struct xp_err *err)
{
	uint64_t began = xp_clock_ns(CLOCK_MONOTONIC);
	int ret = r->begun ? 0 : begin(r, err);

	while (ret == 0 && r->told < r->nr_then) {
		const struct xprof_task *task = &r->then[r->told++];

		if (is_the_same(r, task))
			ret = fn(arg, task, err);
		if (ret == 0 && for_ns && xp_clock_ns(CLOCK_MONOTONIC) - began >= for_ns)
			return 1;
	}
	return ret ? ret : tell_waiting(r, fn, arg, err);
}
