// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/continuous.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/summary.h"
#include "lib/base/clock.h"
#include "lib/sym/names.h"

#define MAX_WAITING (1u << 20) /* records of tasks between two files; the kernel's own queue is shorter */

uint64_t cli_now_ms(void)
{
	return xp_clock_ns(CLOCK_REALTIME) / 1000000;
}

int cli_continuous_open(struct cli_run *r, struct xp_err *err)
{
	const struct xp_rotate_budget budget = { r->options->keep_bytes, r->options->keep_age_ns / 1000000 };
	int ret = xp_rotate_open(&r->rotate, r->result.session.file, &budget, cli_now_ms(), err);

	if (ret < 0)
		return ret;
	if (r->rotate.recovered)
		cli_say("an earlier recording did not end properly: its last profile, without names, is now among the others");
	xp_rotate_begin(&r->rotate, cli_now_ms());
	return 0;
}

void cli_continuous_close(struct cli_run *r)
{
	if (!r->sampled)
		xp_rotate_discard(&r->rotate);
	xp_rotate_close(&r->rotate);
	xp_processes_release(&r->live);
	free(r->waiting);
	r->waiting = NULL;
	r->nr_waiting = r->room_waiting = 0;
}

/* ---- tasks ---------------------------------------------------------------*/

static int keep_waiting(struct cli_run *r, const struct xprof_task *task, struct xp_err *err)
{
	size_t room = r->room_waiting ? 2 * r->room_waiting : 256;
	struct xprof_task *more;

	if (r->nr_waiting == r->room_waiting) {
		more = room <= MAX_WAITING ? realloc(r->waiting, room * sizeof(*more)) : NULL;
		if (!more)
			return xp_fail(err, XP_E_NOMEM, "no memory for %zu records of tasks", r->nr_waiting);
		r->waiting = more;
		r->room_waiting = room;
	}
	r->waiting[r->nr_waiting++] = *task;
	return 0;
}

int cli_continuous_task(struct cli_run *r, const struct xprof_task *task, struct xp_err *err)
{
	int ret = xp_processes_note(&r->live, task, err);

	if (ret < 0)
		return ret;
	return r->between ? keep_waiting(r, task, err) : xp_names_task(r->names, task, err);
}

static int tell(void *arg, const struct xprof_task *task, struct xp_err *err)
{
	struct cli_run *r = arg;

	return xp_names_task(r->names, task, err);
}

/*
 * Those that live are told as what they are now: their mappings are read, which nobody followed while no file was open.
 * Of those that came and went meanwhile there is what the kernel said.
 */
static int on_begun(void *arg, struct xp_err *err)
{
	struct cli_run *r = arg;
	int ret = xp_processes_each(&r->live, tell, r, err);

	for (size_t i = 0; ret == 0 && i < r->nr_waiting; i++)
		if (!xp_processes_find(&r->live, r->waiting[i].tgid))
			ret = xp_names_task(r->names, &r->waiting[i], err);
	r->nr_waiting = 0;
	r->between = false;
	return ret;
}

/* ---- files ---------------------------------------------------------------*/

static int on_next(void *arg, struct xp_collect_file *file, struct xp_err *err)
{
	struct cli_run *r = arg;
	int ret = cli_run_close_file(r, err);

	r->between = true;
	if (ret == 0)
		ret = xp_rotate_publish(&r->rotate, cli_now_ms(), err);
	if (ret < 0)
		return ret;
	xp_rotate_begin(&r->rotate, cli_now_ms());
	ret = cli_run_open_file(r, err);
	*file = (struct xp_collect_file){ .w = r->writer, .path = r->rotate.part };
	return ret;
}

static bool on_make_room(void *arg)
{
	struct cli_run *r = arg;

	if (!xp_rotate_drop_oldest(&r->rotate))
		return false;
	if (r->rotate.removed_for_room == 1)
		cli_say("the disk is nearly full: profiles go before their time, the oldest first");
	return true;
}

void cli_continuous_sink(struct xp_collect_sink *sink)
{
	sink->next = on_next;
	sink->begun = on_begun;
	sink->make_room = on_make_room;
}

void cli_continuous_summary(const struct cli_run *r)
{
	char bytes[32], path[1024];

	cli_summary_figures(&r->result);
	fprintf(stderr, "[ xprof: wrote %" PRIu64 " profiles into %s (%s), removed %" PRIu64 " old ones; the longest change took %.0f ms ]\n",
		r->rotate.published, cli_escape(r->result.session.file, path, sizeof(path)), cli_bytes(r->result.figures.bytes, bytes),
		r->rotate.removed, (double)r->change_max_ns / 1e6);
}
