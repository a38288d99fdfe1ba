// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/continuous.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/summary.h"
#include "lib/base/clock.h"
#include "lib/sym/names.h"

uint64_t cli_now_ms(void)
{
	return xp_clock_ns(CLOCK_REALTIME) / 1000000;
}

int cli_continuous_open(struct cli_run *r, struct xp_err *err)
{
	const struct xp_rotate_budget budget = { r->options->keep_bytes, r->options->keep_age_ns / 1000000 };
	int ret = xp_rotate_open(&r->rotate, r->result.session.file, &budget, cli_now_ms(), err);

	pthread_mutex_init(&r->rotate_lock, NULL);
	if (ret < 0)
		return ret;
	if (r->rotate.recovered)
		cli_say("an earlier recording did not end properly: its last profile, without names, is now among the others");
	xp_rotate_begin(&r->rotate, cli_now_ms());
	return 0;
}

void cli_continuous_close(struct cli_run *r)
{
	struct xp_err ignored;

	xp_job_take(&r->job, &ignored); /* (there is none, but after an error) */
	if (!r->sampled)
		xp_rotate_discard(&r->rotate);
	xp_rotate_close(&r->rotate);
	xp_retell_release(&r->processes);
}

/* ---- tasks ---------------------------------------------------------------*/

#define TELLING_NS 50000000u /* at a time, between two readings of the rings */

static int tell(void *arg, const struct xprof_task *task, struct xp_err *err)
{
	struct cli_run *r = arg;

	return xp_names_task(r->names, task, err);
}

int cli_continuous_task(struct cli_run *r, const struct xprof_task *task, struct xp_err *err)
{
	int ret = xp_retell_task(&r->processes, task, err);

	return ret == 1 ? tell(r, task, err) : ret;
}

/* ---- files ---------------------------------------------------------------*/

#define ENDING_NICE 5 /* names can wait, rings cannot */

/* The first of several errors is the one to be told. */
static int and_then(int before, int now, struct xp_err *err, const struct xp_err *why)
{
	if (before == 0 && now < 0)
		*err = *why;
	return before ? before : now;
}

/* In a thread: names, end and publication of a file. What could be written is worth being read, whatever went wrong before. */
static int end_file(void *arg, struct xp_err *err)
{
	struct cli_run *r = arg;
	struct cli_ending *e = &r->ending;
	struct xp_err why;
	int ret = e->names ? xp_names_finish(e->names, err) : 0; /* (none: they could not be begun) */

	xp_names_close(e->names);
	ret = and_then(ret, xp_writer_close(e->writer, &why), err, &why);
	pthread_mutex_lock(&r->rotate_lock);
	ret = and_then(ret, xp_rotate_publish(&r->rotate, e->ms, cli_now_ms(), &why), err, &why);
	pthread_mutex_unlock(&r->rotate_lock);
	return ret;
}

static void start_ending(struct cli_run *r)
{
	r->ending.waits = false;
	xp_job_start(&r->job, end_file, r, ENDING_NICE);
}

static void let_go(struct cli_run *r)
{
	cli_run_let_go(r, &r->ending.names, &r->ending.writer);
	r->ending.ms = r->rotate.last_ms;
	r->ending.waits = true;
}

/* One file ends at a time. If one takes longer than a file lasts, the next one lasts longer. */
static bool on_ready(void *arg)
{
	struct cli_run *r = arg;

	return !xp_job_runs(&r->job);
}

int cli_continuous_poll(struct cli_run *r, struct xp_err *err)
{
	return xp_job_runs(&r->job) ? 0 : xp_job_take(&r->job, err);
}

static int on_next(void *arg, struct xp_collect_file *file, struct xp_err *err)
{
	struct cli_run *r = arg;
	int ret = xp_job_take(&r->job, err);

	if (ret < 0)
		return ret;
	let_go(r);
	xp_retell_between(&r->processes);
	xp_rotate_begin(&r->rotate, cli_now_ms());
	ret = cli_run_open_file(r, err);
	*file = (struct xp_collect_file){ .w = r->writer, .path = r->rotate.part };
	return ret;
}

/* Then it is time for the names of the one before, which would only have been in the way. */
static int on_begun(void *arg, struct xp_err *err)
{
	struct cli_run *r = arg;
	int ret = xp_retell_step(&r->processes, TELLING_NS, tell, r, err);

	if (ret == 0)
		start_ending(r);
	return ret;
}

int cli_continuous_end(struct cli_run *r, struct xp_err *err)
{
	struct xp_err why;
	int ret;

	if (r->ending.waits) /* (an error came before its turn) */
		start_ending(r);
	ret = xp_job_take(&r->job, err);
	if (r->writer) {
		let_go(r);
		start_ending(r);
		ret = and_then(ret, xp_job_take(&r->job, &why), err, &why);
	}
	r->result.figures.bytes = r->rotate.bytes;
	return ret;
}

static bool on_make_room(void *arg)
{
	struct cli_run *r = arg;
	bool dropped;

	pthread_mutex_lock(&r->rotate_lock);
	dropped = xp_rotate_drop_oldest(&r->rotate);
	pthread_mutex_unlock(&r->rotate_lock);
	if (!dropped)
		return false;
	if (r->rotate.removed_for_room == 1)
		cli_say("the disk is nearly full: profiles go before their time, the oldest first");
	return true;
}

void cli_continuous_sink(struct xp_collect_sink *sink)
{
	sink->ready = on_ready;
	sink->next = on_next;
	sink->begun = on_begun;
	sink->make_room = on_make_room;
}

void cli_continuous_summary(const struct cli_run *r)
{
	char bytes[32], path[1024];

	cli_summary_figures(&r->result);
	fprintf(stderr, "[ xprof: wrote %" PRIu64 " profiles into %s (%s), removed %" PRIu64 " old ones; the longest change took %.0f ms, the longest "
		"pause between two readings of the rings %.0f ms ]\n", r->rotate.published, cli_escape(r->result.session.file, path, sizeof(path)),
		cli_bytes(r->result.figures.bytes, bytes), r->rotate.removed, (double)r->change_max_ns / 1e6, (double)r->pause_max_ns / 1e6);
}
