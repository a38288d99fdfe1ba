// SPDX-License-Identifier: GPL-2.0-or-later
/* xprof push: profiles, with their names, to a store of profiles. */
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/push-options.h"
#include "cli/signals.h"
#include "cli/summary.h"
#include "lib/base/clock.h"
#include "lib/push/push.h"

#define LOOK_MS 30000 /* at the followed directory, should inotify have missed something */

struct session {
	struct cli_push_options o;
	struct xp_spool spool;
	struct xp_push push;
	char temporary[64]; /* a spool of our own; "": it is the user's */
	int signals, dir, watch;
};

static void on_say(void *arg, const char *line)
{
	(void)arg;
	cli_say("%s", line);
}

/* ---- opening and closing -------------------------------------------------*/

static int open_spool(struct session *s, struct xp_err *err)
{
	if (s->o.spool)
		return xp_spool_open(&s->spool, s->o.spool, s->o.spool_bytes, err);
	snprintf(s->temporary, sizeof(s->temporary), "/tmp/xprof-push-XXXXXX");
	if (!mkdtemp(s->temporary)) {
		s->temporary[0] = '\0';
		return xp_fail_errno(err, XP_E_SYSTEM, "no directory in /tmp for what is to be sent (--spool names another)");
	}
	return xp_spool_open(&s->spool, s->temporary, s->o.spool_bytes, err);
}

static int open_dir(struct session *s, struct xp_err *err)
{
	if (!s->o.follow)
		return 0;
	s->dir = open(s->o.follow, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0)
		return xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot open", s->o.follow);
	s->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (s->watch >= 0)
		inotify_add_watch(s->watch, s->o.follow, IN_MOVED_TO);
	return 0;
}

static int open_all(struct session *s, struct xp_err *err)
{
	int ret = open_dir(s, err);

	if (ret == 0)
		ret = open_spool(s, err);
	if (ret == 0)
		ret = xp_store_open(&s->push.store, s->o.kind, &s->o.address, err);
	s->push.kind = s->o.kind;
	s->push.spool = &s->spool;
	s->push.labels = s->o.labels;
	s->push.nr_labels = s->o.nr_labels;
	s->push.say = on_say;
	xp_push_init(&s->push, xp_clock_ns(CLOCK_REALTIME) ^ (uint64_t)getpid() << 32);
	return ret;
}

static void close_all(struct session *s)
{
	/* What was rejected, or could not be sent, is still in the profiles that were named. */
	if (s->temporary[0] && s->spool.dir >= 0)
		xp_spool_clear(&s->spool);
	xp_spool_close(&s->spool);
	if (s->temporary[0])
		rmdir(s->temporary);
	xp_store_close(s->push.store);
	if (s->watch >= 0)
		close(s->watch);
	if (s->dir >= 0)
		close(s->dir);
}

/* ---- sending -------------------------------------------------------------*/

/* Until something happens or it is time; true: a signal came. */
static bool wait_until(struct session *s, uint64_t due_ns)
{
	struct pollfd fds[2] = { { .fd = s->signals, .events = POLLIN }, { .fd = s->watch, .events = POLLIN } };
	uint64_t now = xp_clock_ns(CLOCK_MONOTONIC);
	int ms = due_ns && due_ns < now + LOOK_MS * 1000000ull ? due_ns > now ? (int)((due_ns - now) / 1000000) + 1 : 0 : LOOK_MS;
	char events[4096];

	poll(fds, 2, ms);
	while (s->watch >= 0 && read(s->watch, events, sizeof(events)) > 0)
		;
	return fds[0].revents & POLLIN;
}

static bool told_to_stop(const struct session *s)
{
	struct pollfd stop = { .fd = s->signals, .events = POLLIN };

	return poll(&stop, 1, 0) > 0;
}

/* For ever: what comes is taken, what waits is sent. */
static int follow(struct session *s, struct xp_err *err)
{
	int taken = 0, step = XP_PUSH_EMPTY;

	cli_say("sending what 'xprof record --continuous' writes into %s; Ctrl-C ends it, and what waits then is sent the next time",
		s->o.follow);
	while (!told_to_stop(s)) {
		taken = xp_push_follow(&s->push, s->dir, s->o.follow, err);
		if (taken < 0)
			return taken;
		step = xp_push_step(&s->push, s->signals, err);
		if (step < 0)
			return step;
		if (!taken && step != XP_PUSH_SENT && wait_until(s, step == XP_PUSH_WAITS ? s->push.due_ns : 0))
			break;
	}
	return 0;
}

/* Until all is sent, or the store has been tried for long enough. */
static int send_all(struct session *s, struct xp_err *err)
{
	uint64_t end = xp_clock_ns(CLOCK_MONOTONIC) + s->o.retry_ns;
	int step;

	for (;;) {
		step = xp_push_step(&s->push, s->signals, err);
		if (step < 0 || step == XP_PUSH_EMPTY || told_to_stop(s))
			return step < 0 ? step : 0;
		if (step == XP_PUSH_WAITS && (s->push.refused || s->push.due_ns > end))
			return 0;
		if (step == XP_PUSH_WAITS && wait_until(s, s->push.due_ns))
			return 0;
	}
}

static int push_files(struct session *s, struct xp_err *err)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < s->o.nr_files; i++)
		ret = xp_push_profile(&s->push, s->o.files[i], err);
	return ret ? ret : send_all(s, err);
}

/* ---- the end -------------------------------------------------------------*/

static void say_some(uint64_t nr, const char *what)
{
	if (nr)
		fprintf(stderr, ", %" PRIu64 " %s", nr, what);
}

static void say_figures(const struct session *s, const struct xp_spool_counts *left)
{
	const struct xp_push *p = &s->push;
	char bytes[32];

	fprintf(stderr, "[ xprof: %" PRIu64 " profile%s read, %" PRIu64 " messages sent (%s)", p->profiles, p->profiles == 1 ? "" : "s", p->sent,
		cli_bytes(p->sent_bytes, bytes));
	say_some(p->rejected, "rejected");
	say_some(s->spool.dropped, "dropped unsent");
	say_some(p->failed, p->failed == 1 ? "try failed" : "tries failed");
	say_some(p->maybe_twice, "maybe sent twice");
	say_some(left->waiting, s->temporary[0] ? "not sent" : "wait in the spool");
	if (!s->temporary[0])
		say_some(left->rejected, "rejected ones there");
	fputs(" ]\n", stderr);
}

static int say_result(struct session *s, int status)
{
	const struct xp_push *p = &s->push;
	struct xp_spool_counts left = { 0 };
	struct xp_err ignored;

	xp_spool_count(&s->spool, &left, &ignored);
	if (!status || p->profiles || p->sent)
		say_figures(s, &left);
	if (status)
		return status;
	if (p->refused && left.waiting)
		return XP_EXIT_ERROR;
	return left.waiting || p->rejected || s->spool.dropped ? XP_EXIT_PARTIAL : XP_EXIT_OK;
}

int cmd_push(int argc, char **argv)
{
	static struct session s;
	struct xp_err err;
	sigset_t before;
	int ret, status = cli_push_options(argc, argv, &s.o);

	if (status)
		return status;
	s.spool.dir = s.dir = s.watch = -1;
	s.signals = cli_signals_catch(&before);
	ret = open_all(&s, &err);
	if (ret == 0) {
		ret = s.o.follow ? follow(&s, &err) : push_files(&s, &err);
		status = say_result(&s, ret < 0 ? cli_fail(ret, &err) : 0);
		/* To be told to end is how following ends; what waits, waits for the next time. */
		if (s.o.follow && status == XP_EXIT_PARTIAL && ret == 0)
			status = XP_EXIT_OK;
	} else {
		status = cli_fail(ret, &err);
	}
	close_all(&s);
	return status;
}
