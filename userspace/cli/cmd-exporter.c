// SPDX-License-Identifier: GPL-2.0-or-later
/* xprof exporter: metrics of a continuous recording, for Prometheus. */
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/signals.h"
#include "lib/exporter/directory.h"
#include "lib/exporter/server.h"

#define DEFAULT_LISTEN "127.0.0.1:9797"
#define LOOK_MS 10000 /* at the directory, should inotify have missed something */

struct exporter {
	const char *listen;
	bool once;
	int watch, signals;
	struct xp_directory directory;
	struct xp_server *server;
};

static void on_say(void *arg, const char *line)
{
	(void)arg;
	cli_say("%s", line);
}

/* ---- serving -------------------------------------------------------------*/

static void on_text(void *arg, struct xp_buf *out)
{
	struct exporter *x = arg;
	struct xp_err err;

	if (xp_directory_look(&x->directory, &err) < 0)
		cli_say("%s", err.text);
	xp_metrics_text(&x->directory.now, out);
}

/* Until a signal comes. */
static int serve(struct exporter *x, struct xp_err *err)
{
	struct pollfd fds[3] = {
		{ .fd = x->signals, .events = POLLIN }, { .fd = x->watch, .events = POLLIN },
		{ .fd = xp_server_fd(x->server), .events = POLLIN },
	};
	char events[4096];
	int ret = 0;

	while (ret == 0 && !(fds[0].revents & POLLIN)) {
		int ms = xp_server_timeout_ms(x->server);

		poll(fds, 3, ms < 0 || ms > LOOK_MS ? LOOK_MS : ms);
		while (x->watch >= 0 && read(x->watch, events, sizeof(events)) > 0)
			;
		ret = xp_directory_take(&x->directory, err);
		xp_server_run(x->server);
	}
	return ret;
}

static int print_once(struct exporter *x, struct xp_err *err)
{
	struct xp_buf text = XP_BUF_INIT;
	int ret = xp_directory_look(&x->directory, err);

	if (ret == 0)
		xp_metrics_text(&x->directory.now, &text);
	if (ret == 0 && !xp_buf_ok(&text))
		ret = xp_fail(err, XP_E_NOMEM, "no memory");
	if (ret == 0)
		fwrite(text.data, 1, text.len, stdout);
	xp_buf_release(&text);
	return ret;
}

/* ---- the command ---------------------------------------------------------*/

static int parse(struct exporter *x, int argc, char **argv)
{
	static const struct option options[] = {
		{ "listen", required_argument, NULL, 'l' }, { "once", no_argument, NULL, '1' }, { NULL, 0, NULL, 0 },
	};
	int c;

	optind = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (c == 'l')
			x->listen = optarg;
		else if (c == '1')
			x->once = true;
		else
			return cli_usage("exporter", c == ':' ? "option '%s' needs a value" : "there is no option '%s'", argv[optind - 1]);
	}
	if (optind + 1 != argc)
		return cli_usage("exporter", "which directory? That of 'xprof record --continuous -o DIR'");
	x->directory.path = argv[optind];
	return 0;
}

static int open_dir(struct exporter *x, struct xp_err *err)
{
	struct xp_directory *d = &x->directory;

	d->say = on_say;
	d->dir = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->dir < 0)
		return xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot open", d->path);
	x->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (x->watch >= 0)
		inotify_add_watch(x->watch, d->path, IN_MOVED_TO);
	return 0;
}

static int run(struct exporter *x, struct xp_err *err)
{
	int ret = x->once ? print_once(x, err) : xp_directory_take(&x->directory, err);

	if (ret < 0 || x->once)
		return ret;
	ret = xp_server_open(&x->server, x->listen, on_text, x, err);
	if (ret < 0)
		return ret;
	cli_say("metrics of %s are at port %u, /metrics; Ctrl-C ends it", x->directory.path, xp_server_port(x->server));
	ret = serve(x, err);
	xp_server_close(x->server);
	return ret;
}

int cmd_exporter(int argc, char **argv)
{
	static struct exporter x = { .listen = DEFAULT_LISTEN, .watch = -1, .directory = { .dir = -1 } };
	struct xp_err err;
	sigset_t before;
	int ret, status = parse(&x, argc, argv);

	if (status)
		return status;
	x.signals = cli_signals_catch(&before);
	ret = open_dir(&x, &err);
	if (ret == 0)
		ret = run(&x, &err);
	xp_directory_release(&x.directory);
	return ret < 0 ? cli_fail(ret, &err) : XP_EXIT_OK;
}
