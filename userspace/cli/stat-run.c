// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/stat-run.h"

#include <errno.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/signals.h"

#define TEND_NS 100000000ull

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- from counts to blocks -----------------------------------------------*/

/* Takes in what was counted since the last time; into NULL: forgets it. */
static int take_stretch(struct cli_stat_run *r, struct xp_runs *into, struct xp_err *err)
{
	struct xp_groups g;
	double at = now_s();
	int ret = cli_counting_take(&r->counting, &g, err);

	if (ret == 0 && into)
		ret = xp_runs_add(into, &g, at - r->since, err);
	xp_groups_release(&g);
	r->since = at;
	return ret;
}

void cli_stat_run_print(struct cli_stat_run *r, const struct xp_runs *runs)
{
	const struct xp_stat_block block = { .runs = runs, .time = r->since - r->began, .seconds = runs->seconds.mean };

	cli_domain_names_refresh(&r->counting.names, &r->counting.xen);
	r->printer->block(r->out, &r->head, &block);
	fflush(r->out);
}

static int print_interval(struct cli_stat_run *r, struct xp_err *err)
{
	struct xp_runs one;
	int ret;

	xp_runs_init(&one);
	ret = take_stretch(r, &one, err);
	if (ret == 0)
		cli_stat_run_print(r, &one);
	xp_runs_release(&one);
	return ret;
}

/* ---- waiting -------------------------------------------------------------*/

static void timer_set(int fd, uint64_t ns, bool again)
{
	const struct timespec t = { (time_t)(ns / 1000000000), (long)(ns % 1000000000) };
	const struct itimerspec spec = { .it_value = t, .it_interval = again ? t : (struct timespec){ 0, 0 } };

	timerfd_settime(fd, 0, &spec, NULL);
}

static bool timer_came(int fd, const struct pollfd *p)
{
	uint64_t times;

	return p->revents && read(fd, &times, sizeof(times)) == sizeof(times);
}

/* Until the stretch is over: the command has ended, its time is up, or a signal came. */
static int wait_for_end(struct cli_stat_run *r, struct xp_err *err)
{
	struct pollfd p[] = {
		{ r->signals, POLLIN, 0 }, { r->options.command ? r->child.pidfd : -1, POLLIN, 0 },
		{ r->duration, POLLIN, 0 }, { r->interval, POLLIN, 0 }, { r->tend, POLLIN, 0 },
	};
	int ret = 0;

	while (ret == 0) {
		if (poll(p, sizeof(p) / sizeof(p[0]), -1) < 0 && errno != EINTR)
			return xp_fail_errno(err, XP_E_SYSTEM, "poll");
		if (p[0].revents)
			r->ended_by = cli_signals_which(r->signals);
		if (r->ended_by || p[1].revents || timer_came(r->duration, &p[2]))
			break;
		if (timer_came(r->interval, &p[3]))
			ret = print_interval(r, err);
		if (ret == 0 && timer_came(r->tend, &p[4]))
			ret = cli_counting_tend(&r->counting, err);
	}
	return ret;
}

/* ---- one run and several -------------------------------------------------*/

void cli_stat_run_reap(struct cli_stat_run *r)
{
	if (!r->options.command)
		return;
	if (r->ended_by && r->ended_by != SIGINT)
		cli_child_signal(&r->child, r->ended_by);
	r->of_command = cli_child_wait(&r->child, r->options.command[0]);
}

/*
 * The first run begins with the session, and the last one ends with it, so that what is between is counted to the
 * instruction.
 */
static int run_once(struct cli_stat_run *r, bool first, bool last, struct xp_err *err)
{
	int ret = first ? 0 : take_stretch(r, NULL, err);

	if (first)
		r->since = r->began;
	if (ret == 0 && r->options.command)
		cli_child_go(&r->child);
	timer_set(r->duration, r->options.duration_ns, false);
	timer_set(r->interval, r->options.interval_ns, true);
	if (ret == 0)
		ret = wait_for_end(r, err);
	if (last || r->ended_by)
		cli_counting_stop(&r->counting);
	if (ret == 0)
		ret = r->options.interval_ns ? print_interval(r, err) : take_stretch(r, &r->runs, err);
	return ret;
}

static bool goes_on(const struct cli_stat_run *r, uint64_t run)
{
	return run < r->options.runs && !r->ended_by && r->of_command != XP_EXIT_NOT_FOUND && r->of_command != XP_EXIT_CANNOT_RUN;
}

int cli_stat_run_make(struct cli_stat_run *r, struct xp_err *err)
{
	if (!r->options.command || cli_child_make(&r->child, r->options.command, &r->before) == 0)
		return 0;
	return xp_fail_errno(err, XP_E_SYSTEM, "cannot make a process");
}

int cli_stat_run_all(struct cli_stat_run *r, struct xp_err *err)
{
	uint64_t run = 0;
	int ret;

	r->began = now_s();
	do {
		ret = run ? cli_stat_run_make(r, err) : 0;
		if (ret == 0) {
			ret = run_once(r, run == 0, run + 1 == r->options.runs, err);
			cli_stat_run_reap(r);
		}
	} while (ret == 0 && goes_on(r, ++run));
	return ret;
}

/* ---- the beginning and the end -------------------------------------------*/

static int timer_make(void)
{
	return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
}

int cli_stat_run_init(struct cli_stat_run *r)
{
	r->counting.options = &r->options;
	r->signals = cli_signals_catch(&r->before);
	r->interval = timer_make();
	r->duration = timer_make();
	r->tend = timer_make();
	if (r->signals < 0 || r->interval < 0 || r->duration < 0 || r->tend < 0)
		return -1;
	timer_set(r->tend, TEND_NS, true);
	return 0;
}

void cli_stat_run_release(struct cli_stat_run *r)
{
	xp_runs_release(&r->runs);
}
