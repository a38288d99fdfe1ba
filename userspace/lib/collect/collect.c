// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/collect/collect.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include <linux/xprof.h>

#include "lib/base/clock.h"
#include "lib/collect/account.h"
#include "lib/collect/drain.h"
#include "lib/collect/space.h"

#define PASS_NS 100000000ull     /* a pass at least this often */
#define SECOND_NS 1000000000ull

struct collector {
	struct xp_device *device;
	struct xp_writer *w;      /* NULL: the next file could not be begun */
	uint64_t bytes_before;    /* of files that are done */
	uint64_t file_ns;         /* when this one began */
	const struct xp_collect_sink *sink;
	const struct xp_collect_config *config;
	struct xp_collect_result *result;
	struct xp_drain drain;
	struct xp_space space;
	uint64_t start_ns, last_second_ns, last_pass_ns;
	uint64_t stop_ns; /* 0: still sampling */
	bool beginning;   /* sink->begun() has not said yet that it is all */
};

/* ---- tasks ---------------------------------------------------------------*/

static int take_tasks(struct collector *c, const struct xprof_task *tasks, size_t n, struct xp_err *err)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < n; i++) {
		if (tasks[i].type == XPROF_TASK_LOST)
			c->result->figures.lost_tasks += tasks[i].pid;
		if (c->sink->task)
			ret = c->sink->task(c->sink->arg, &tasks[i], err);
	}
	return ret;
}

/* Everything that waits; not more than a few thousand records, so that rings are not forgotten. */
static int read_tasks(struct collector *c, struct xp_err *err)
{
	struct xprof_task tasks[128];
	int ret = 0;

	for (int i = 0; ret == 0 && i < 64; i++) {
		ssize_t n = read(c->device->fd, tasks, sizeof(tasks));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			return xp_fail_errno(err, XP_E_SYSTEM, "cannot read task records from " XPROF_DEVICE);
		if (n <= 0)
			break;
		ret = take_tasks(c, tasks, (size_t)n / sizeof(tasks[0]), err);
	}
	return ret;
}

/* ---- once a second -------------------------------------------------------*/

static struct xp_clock read_clock(const struct collector *c)
{
	return (struct xp_clock){
		.tsc = __rdtsc() - (uint64_t)c->device->tsc_offset,
		.realtime_ns = xp_clock_ns(CLOCK_REALTIME), .monotonic_ns = xp_clock_ns(CLOCK_MONOTONIC),
	};
}

static int write_clock(struct collector *c, struct xp_err *err)
{
	const struct xp_clock clock = read_clock(c);

	return xp_write_clock(c->w, &clock, err);
}

static void update_figures(struct collector *c)
{
	struct xp_collect_figures *f = &c->result->figures;

	f->elapsed_ns = (c->stop_ns ? c->stop_ns : xp_clock_ns(CLOCK_MONOTONIC)) - c->start_ns;
	f->bytes = c->bytes_before + (c->w ? xp_writer_bytes(c->w) : 0);
	f->sampling = !c->stop_ns;
	xp_account_figures(&c->drain, &c->device->info, f);
}

static int write_domains(struct collector *c, bool last, struct xp_err *err)
{
	struct xp_domains_sink sink = { c->sink->arg, c->sink->domain_name, c->sink->domain };

	return xp_domains_write(&c->drain.domains, c->w, &sink, last, err);
}

static bool disk_is_full(struct collector *c)
{
	bool is_short = xp_space_is_short(&c->space, xp_writer_bytes(c->w), &c->result->space_left);

	while (is_short && c->sink->make_room && c->sink->make_room(c->sink->arg))
		is_short = xp_space_is_still_short(&c->space, &c->result->space_left);
	if (is_short)
		c->result->end = XP_END_SPACE;
	return is_short;
}

/* 1: it is time to stop. */
static int every_second(struct collector *c, struct xp_err *err)
{
	int ret = write_clock(c, err);

	if (ret == 0)
		ret = write_domains(c, false, err);
	if (ret == 0)
		ret = xp_writer_flush(c->w, err);
	update_figures(c);
	if (ret == 0 && c->sink->progress)
		c->sink->progress(c->sink->arg, &c->result->figures);
	return ret ? ret : disk_is_full(c);
}

/* ---- the loop ------------------------------------------------------------*/

static int drain(struct collector *c, struct xp_err *err)
{
	uint64_t now = xp_clock_ns(CLOCK_MONOTONIC), pause = now - c->last_pass_ns;

	if (pause > c->result->pause_max_ns)
		c->result->pause_max_ns = pause;
	c->last_pass_ns = now;
	return xp_drain_pass(&c->drain, err);
}

/* After a change: what the new file's names need to know, a part at a time. */
static int go_on_beginning(struct collector *c, struct xp_err *err)
{
	int ret = c->sink->begun(c->sink->arg, err);

	c->beginning = ret == 1;
	return ret == 1 ? 0 : ret;
}

static int pass(struct collector *c, struct xp_err *err)
{
	int ret = read_tasks(c, err);

	if (ret == 0)
		ret = drain(c, err);
	if (ret == 0 && c->beginning)
		return go_on_beginning(c, err);
	if (ret == 0 && c->sink->poll)
		ret = c->sink->poll(c->sink->arg, err);
	return ret;
}

/* ---- from one file to the next -------------------------------------------*/

/* produced = kept + filtered + lost: readers know the rest from the statistics. */
static int write_filtered(struct collector *c, struct xp_err *err)
{
	char text[24];

	if (c->drain.keeps_all)
		return 0;
	snprintf(text, sizeof(text), "%" PRIu64, c->drain.nr_filtered - c->drain.told_filtered);
	c->drain.told_filtered = c->drain.nr_filtered;
	return xp_write_host(c->w, "samples.filtered", text, err);
}

/* All samples of the file have been taken from the rings. */
static int write_file_end(struct collector *c, struct xp_clock *now, struct xp_err *err)
{
	int ret = xp_drain_finish(&c->drain, err);

	*now = read_clock(c);
	if (ret == 0)
		ret = xp_write_clock(c->w, now, err);
	if (ret == 0)
		ret = write_domains(c, true, err);
	if (ret == 0)
		ret = xp_account_write(&c->drain, err);
	if (ret == 0)
		ret = write_filtered(c, err);
	if (ret == 0)
		ret = xp_writer_flush(c->w, err);
	if (ret == 0 && c->sink->finish)
		ret = c->sink->finish(c->sink->arg, err);
	return ret;
}

static bool file_is_done(const struct collector *c)
{
	const struct xp_collect_config *k = c->config;

	if (!c->sink->next || c->beginning || (c->sink->ready && !c->sink->ready(c->sink->arg)))
		return false;
	return (k->file_ns && xp_clock_ns(CLOCK_MONOTONIC) - c->file_ns >= k->file_ns) ||
	       (k->file_bytes && xp_writer_bytes(c->w) >= k->file_bytes);
}

/* What the new file must say though nothing of it has changed. */
static int write_file_begin(struct collector *c, const struct xp_clock *now, struct xp_err *err)
{
	int ret = xp_write_clock(c->w, now, err);

	xp_domains_forget_written(&c->drain.domains);
	if (ret == 0)
		ret = write_domains(c, false, err);
	return ret ? ret : xp_drain_write_periods(&c->drain, err);
}

/* The clock that ends one file begins the next: their times add up. Xen goes on sampling into the rings. */
static int change_file(struct collector *c, struct xp_err *err)
{
	struct xp_collect_file file;
	uint64_t began = xp_clock_ns(CLOCK_MONOTONIC), took;
	struct xp_clock now;
	int ret = write_file_end(c, &now, err);

	if (ret == 0) {
		c->bytes_before += xp_writer_bytes(c->w);
		c->w = NULL;
		ret = c->sink->next(c->sink->arg, &file, err);
	}
	if (ret == 0) {
		c->w = file.w;
		xp_drain_use(&c->drain, file.w);
		xp_space_move(&c->space, file.path);
		c->file_ns = began;
		c->result->files++;
		ret = write_file_begin(c, &now, err);
	}
	if (ret == 0)
		ret = read_tasks(c, err);
	if (ret == 0 && c->sink->begun)
		ret = go_on_beginning(c, err);
	took = xp_clock_ns(CLOCK_MONOTONIC) - began;
	if (took > c->result->change_max_ns)
		c->result->change_max_ns = took;
	return ret;
}

/* ---- waiting -------------------------------------------------------------*/

/* How long to wait: till the next pass or the end, whichever comes first. */
static int timeout_ms(const struct collector *c)
{
	uint64_t end = c->start_ns + c->config->duration_ns;
	uint64_t now = xp_clock_ns(CLOCK_MONOTONIC);
	uint64_t ns = c->beginning ? 0 : PASS_NS;

	if (c->config->duration_ns && now < end && end - now < ns)
		ns = end - now;
	return (int)((ns + 999999) / 1000000);
}

static bool is_over(struct collector *c)
{
	if (!c->config->duration_ns || xp_clock_ns(CLOCK_MONOTONIC) - c->start_ns < c->config->duration_ns)
		return false;
	c->result->end = XP_END_DURATION;
	return true;
}

/* For drain.enough: what is left in the rings then is read when no more comes. */
static bool end_is_due(void *arg)
{
	struct collector *c = arg;
	struct pollfd fds[2] = {
		{ .fd = c->config->stop_fds[0], .events = POLLIN },
		{ .fd = c->config->stop_fds[1], .events = POLLIN },
	};

	return poll(fds, 2, 0) > 0 || is_over(c);
}

/* 1: it is time to stop; 0: go on. */
static int wait_for_work(struct collector *c, struct xp_err *err)
{
	struct pollfd fds[3] = {
		{ .fd = c->device->fd, .events = POLLIN },
		{ .fd = c->config->stop_fds[0], .events = POLLIN },
		{ .fd = c->config->stop_fds[1], .events = POLLIN },
	};

	if (poll(fds, 3, timeout_ms(c)) < 0 && errno != EINTR)
		return xp_fail_errno(err, XP_E_SYSTEM, "poll");
	for (int i = 0; i < 2; i++) {
		if (fds[i + 1].fd < 0 || !fds[i + 1].revents)
			continue;
		c->result->end = XP_END_TOLD;
		c->result->stop_fd = i;
		return 1;
	}
	if (fds[0].revents & (POLLERR | POLLHUP))
		return xp_fail(err, XP_E_SYSTEM, "the session in the hypervisor has ended: it was detached, or another owner "
			       "has taken Xen's NMIs ('xl dmesg' may tell)");
	return is_over(c);
}

static int after_pass(struct collector *c, struct xp_err *err)
{
	int ret = 0;

	if (xp_clock_ns(CLOCK_MONOTONIC) - c->last_second_ns >= SECOND_NS) {
		c->last_second_ns = xp_clock_ns(CLOCK_MONOTONIC);
		ret = every_second(c, err);
	}
	return ret == 0 && file_is_done(c) ? change_file(c, err) : ret;
}

static int loop(struct collector *c, struct xp_err *err)
{
	int ret = 0;

	while (ret == 0) {
		ret = wait_for_work(c, err);
		if (ret == 0)
			ret = pass(c, err);
		if (ret == 0)
			ret = after_pass(c, err);
	}
	return ret < 0 ? ret : 0;
}

/* ---- beginning and end ---------------------------------------------------*/

static int begin(struct collector *c, struct xp_err *err)
{
	int ret = read_tasks(c, err); /* those that are there already */

	if (ret == 0)
		ret = write_clock(c, err);
	if (ret == 0)
		ret = xp_device_start(c->device, err);
	if (ret < 0)
		return ret;
	c->start_ns = c->file_ns = c->last_second_ns = c->last_pass_ns = xp_clock_ns(CLOCK_MONOTONIC);
	c->drain.sampling = true;
	c->drain.enough = end_is_due;
	c->drain.enough_arg = c;
	if (c->sink->started)
		c->sink->started(c->sink->arg);
	return 0;
}

static bool rings_are_empty(const struct collector *c)
{
	for (size_t i = 0; i < c->drain.nr_rings; i++)
		if (xp_ring_has_more(&c->drain.rings[i]))
			return false;
	return true;
}

/* Nothing is produced any more: a pass empties every ring, unless it is corrupt. */
static int last_passes(struct collector *c, struct xp_err *err)
{
	int ret = pass(c, err);

	while (ret == 0 && c->beginning)
		ret = pass(c, err);

	for (int i = 0; ret == 0 && i < 3 && !rings_are_empty(c); i++)
		ret = xp_drain_pass(&c->drain, err);
	return ret;
}

static int write_end(struct collector *c, struct xp_err *err)
{
	int ret = last_passes(c, err);
	struct xp_clock now;

	c->drain.sampling = false;
	return ret ? ret : write_file_end(c, &now, err);
}

/* ret: how the loop ended. Its error goes before those of the end. */
static int end(struct collector *c, int ret, struct xp_err *err)
{
	struct xp_err later;
	int stop = xp_device_stop(c->device, ret < 0 ? &later : err);

	c->stop_ns = xp_clock_ns(CLOCK_MONOTONIC);
	c->drain.enough = NULL;
	update_figures(c);
	if (c->sink->progress)
		c->sink->progress(c->sink->arg, &c->result->figures);
	if (ret < 0)
		c->result->end = XP_END_ERROR;
	if (ret == 0)
		ret = stop;
	if (ret == 0)
		ret = write_end(c, err);
	update_figures(c);
	if (ret == 0)
		xp_account_check(&c->drain, &c->result->figures, c->result->warnings, sizeof(c->result->warnings));
	return ret;
}

int xp_collect(struct xp_device *d, const struct xp_collect_file *file, const struct xp_collect_sink *sink,
	       const struct xp_collect_config *config, struct xp_collect_result *result, struct xp_err *err)
{
	struct collector c = { .device = d, .w = file->w, .sink = sink, .config = config, .result = result };
	int ret;

	memset(result, 0, sizeof(*result));
	result->files = 1;
	if (file->path)
		xp_space_init(&c.space, file->path);
	ret = xp_drain_init(&c.drain, d->rings, d->nr_rings, file->w, sink, config, err);
	if (ret < 0)
		return ret;
	ret = begin(&c, err);
	if (ret == 0)
		ret = end(&c, loop(&c, err), err);
	xp_drain_release(&c.drain);
	return ret;
}
