// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xprof top: the host, live. Samples like 'record' and keeps nothing: a window
 * of samples slides (lib/top), the screen is drawn from it at each interval.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/run.h"
#include "cli/screen.h"
#include "cli/signals.h"
#include "cli/summary.h"
#include "cli/top-options.h"
#include "lib/base/clock.h"
#include "lib/series/vifs.h"
#include "lib/top/top.h"

struct top_cmd {
	struct cli_top_options options;
	struct cli_run run;
	struct xp_top top;
	struct xp_page lines;
	struct xp_vifs vifs;
	bool on_screen;
	int stop;                 /* eventfd: the user has had enough */
	uint64_t began_ns, due_ns, shown;
	/* in this interval and at its beginning */
	uint64_t since_ns, own_ns, samples;
	int failed;               /* to write: errno; EPIPE: nobody reads any more */
};

/* ---- what is known of the session ---- */

static uint64_t usage_ns(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000u + (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000u;
}

/* With those that read guests' memory. */
static uint64_t own_ns(void)
{
	return usage_ns(RUSAGE_SELF) + usage_ns(RUSAGE_CHILDREN);
}

static void set_status(struct top_cmd *c, uint64_t now)
{
	struct xp_top_status *s = &c->top.status;
	uint64_t own = own_ns(), elapsed = now - c->since_ns, window = c->top.window.slots * c->top.view.delay_ns;
	time_t t = time(NULL);
	struct tm local;

	localtime_r(&t, &local);
	strftime(s->time, sizeof(s->time), "%H:%M:%S", &local);
	s->samples_a_second = elapsed ? (double)c->samples * 1e9 / (double)elapsed : 0;
	s->own_percent = elapsed ? 100.0 * (double)(own - c->own_ns) / (double)elapsed : -1;
	s->window_ns = now - c->began_ns < window ? now - c->began_ns : window;
	c->own_ns = own;
	c->since_ns = now;
	c->samples = 0;
}

static void on_progress(void *arg, const struct xp_figures *figures)
{
	struct top_cmd *c = arg;

	c->top.status.samples = figures->samples;
	c->top.status.lost = figures->lost;
	c->top.status.overhead_ppm = figures->overhead_ppm;
}

static void on_samples(void *arg, uint32_t cpu, const struct xprof_sample *samples, size_t n)
{
	struct top_cmd *c = arg;

	c->samples += n;
	if (!c->top.view.frozen)
		xp_window_add(&c->top.window, cpu, samples, n);
}

static void on_period(void *arg, const struct xp_period *period)
{
	struct top_cmd *c = arg;

	xp_window_period(&c->top.window, period->cpu, period->event, period->period);
}

/* ---- showing ---- */

static void print(struct top_cmd *c)
{
	const struct xp_page *l = &c->lines;

	if (c->shown)
		putchar('\n');
	for (size_t i = 0; i < xp_page_nr(l); i++) {
		enum xp_page_look look;
		size_t len;
		const char *text = xp_page_get(l, i, &len, &look);

		fwrite(text, 1, len, stdout);
		putchar('\n');
	}
	errno = 0;
	if (fflush(stdout) || ferror(stdout))
		c->failed = errno ? errno : EIO;
}

static int show(struct top_cmd *c, struct xp_err *err)
{
	unsigned int columns = 0, lines = 0;
	int ret = xp_top_update(&c->top, err);

	if (c->on_screen)
		cli_screen_size(&columns, &lines);
	if (ret == 0)
		ret = xp_top_draw(&c->top, &c->lines, columns, lines, c->options.entries, err);
	if (ret < 0)
		return ret;
	if (c->on_screen)
		cli_screen_draw(&c->lines);
	else
		print(c);
	return 0;
}

static void stop(struct top_cmd *c)
{
	const uint64_t one = 1;

	if (write(c->stop, &one, sizeof(one)) < 0)
		return; /* it cannot be full */
}

/* ---- an interval ends ---- */

static int read_host(struct top_cmd *c, uint64_t now, struct xp_err *err)
{
	struct xp_top_domains *d = &c->top.domains;
	struct xp_err ignored; /* no interfaces to be told of */
	bool nets = xp_vifs_read(&c->vifs, &ignored) == 0;

	xp_vifs_forget(&c->vifs);
	xp_xen_memory(&c->run.xen, &d->total_kib, &d->unused_kib, &ignored);
	return xp_top_domains_read(d, &c->run.host.host, nets ? &c->vifs : NULL, now, err);
}

static int end_interval(struct top_cmd *c, uint64_t now, struct xp_err *err)
{
	int ret = read_host(c, now, err);

	c->due_ns = now + c->top.view.delay_ns;
	c->top.view.refresh = false;
	if (ret == 0)
		ret = xp_namer_run(&c->top.namer, c->run.names, &c->top.window, &c->top.labels, err);
	set_status(c, now);
	if (ret == 0)
		ret = show(c, err);
	xp_window_turn(&c->top.window);
	c->shown++;
	if (c->failed || (c->options.iterations && c->shown >= c->options.iterations))
		stop(c);
	return ret;
}

/* True: what is on the screen is not what was asked for any more. */
static bool take_keys(struct top_cmd *c)
{
	bool any = false;
	uint32_t key;

	while (c->on_screen && (key = cli_screen_key()) != 0)
		any |= xp_top_key(&c->top, key);
	if (c->top.view.quit)
		stop(c);
	return any;
}

static int on_poll(void *arg, struct xp_err *err)
{
	struct top_cmd *c = arg;
	uint64_t delay = c->top.view.delay_ns, now = xp_clock_ns(CLOCK_MONOTONIC);
	bool dirty = take_keys(c);

	if (c->top.view.delay_ns != delay)
		c->due_ns = now + c->top.view.delay_ns;
	if (!c->top.view.frozen && (now >= c->due_ns || c->top.view.refresh))
		return end_interval(c, now, err);
	return dirty ? show(c, err) : 0;
}

/* ---- the session ---- */

static int begin(struct top_cmd *c, struct xp_err *err)
{
	struct xp_top_event events[XPROF_MAX_EVENTS] = { { NULL, NULL, 0 } };
	const struct cli_sampled *s = &c->run.what;
	const struct xp_xen *xen = &c->run.xen;
	size_t column;
	int ret;

	for (size_t i = 0; i < s->nr_events; i++)
		events[i] = (struct xp_top_event){ s->events[i].name, s->events[i].modifiers, s->period_ns ? c->run.device.period_ns : s->events[i].period };
	ret = xp_top_init(&c->top, events, s->nr_events, cli_top_slots(&c->options), c->options.delay_ns, err);
	if (ret < 0)
		return ret;
	snprintf(c->top.status.xen, sizeof(c->top.status.xen), "%s", xen->version);
	c->top.status.cpus = xen->nr_cpus;
	c->top.status.mhz = xen->cpu_khz / 1000;
	column = c->options.sort ? xp_top_find_column(&c->top, c->options.sort) : c->top.view.sort;
	if (column == SIZE_MAX)
		return xp_fail(err, XP_E_USAGE, "there is no column '%.40s' to sort by; the first line of 'xprof top -b' has their names",
			       c->options.sort);
	c->top.view.sort = (unsigned int)column;
	c->since_ns = c->began_ns = xp_clock_ns(CLOCK_MONOTONIC);
	c->due_ns = c->began_ns + c->options.delay_ns;
	c->own_ns = own_ns();
	ret = read_host(c, c->began_ns, err);
	if (ret == 0 && c->on_screen) {
		c->on_screen = cli_screen_begin();
		if (!c->on_screen)
			cli_say("terminfo does not know this terminal: printing as -b does");
	}
	return ret;
}

static int watch(struct top_cmd *c)
{
	struct xp_err err;
	int status = cli_run_begin(&c->run), ret;

	if (status)
		return status;
	ret = begin(c, &err);
	status = ret < 0 ? cli_fail(ret, &err) : cli_run_collect(&c->run);
	cli_screen_end();
	status = cli_run_end(&c->run, status);
	cli_warnings(c->run.result.warnings);
	if (c->run.result.message[0])
		cli_say("%s", c->run.result.message);
	return status;
}

/* Ctrl-C ends it as q does. */
static int status_of(struct top_cmd *c, int status)
{
	int which = cli_signals_which(c->run.stop_fds[0]);

	if (c->failed == EPIPE && !status)
		return XP_EXIT_SIGNAL + SIGPIPE;
	return status || !which || which == SIGINT ? status : XP_EXIT_SIGNAL + which;
}

int cmd_top(int argc, char **argv)
{
	static struct top_cmd c;
	const struct cli_viewer viewer = { &c, on_samples, on_period, on_poll, on_progress };
	sigset_t before;
	int status = cli_top_options(argc, argv, &c.options);

	if (status)
		return status;
	c.on_screen = !c.options.batch && cli_screen_possible();
	if (!c.on_screen && !c.options.batch && isatty(STDOUT_FILENO))
		cli_say("this terminal cannot move its cursor: printing as -b does; Ctrl-C ends it");
	c.stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (c.stop < 0) {
		cli_say("no descriptor: %s", strerror(errno));
		return XP_EXIT_ERROR;
	}
	c.run.options = &c.options.sampling;
	c.run.command = "";
	c.run.viewer = &viewer;
	c.run.stop_fds[0] = cli_signals_catch(&before);
	c.run.stop_fds[1] = c.stop;
	xp_page_init(&c.lines);
	xp_vifs_init(&c.vifs);
	c.vifs.count_acks = false;
	status = status_of(&c, watch(&c));
	xp_vifs_release(&c.vifs);
	xp_page_release(&c.lines);
	xp_top_release(&c.top);
	close(c.stop);
	return status;
}
