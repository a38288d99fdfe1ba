// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/alike.h"
#include "cli/cli.h"
#include "cli/continuous.h"
#include "cli/facts.h"
#include "cli/sink.h"
#include "cli/summary.h"
#include "lib/collect/source.h"
#include "lib/series/series.h"
#include "lib/sym/names.h"

/* ---- the beginning, step by step -----------------------------------------*/

static void say_unseen(const struct cli_run *r)
{
	if (r->what.period_ns)
		return; /* the timer samples everything, always */
	cli_say("the profiler in this hypervisor cannot choose domains (it does not see vCPUs being switched, or they are more than "
		"%u): all are sampled, and the others' samples thrown away", XPROF_MAX_DOMAINS);
}

static int open_device(struct cli_run *r, struct xp_err *err)
{
	const struct cli_record_options *o = r->options;
	struct xp_device_options d = { .ring_bytes = o->ring_bytes, .stack_bytes = o->stack_bytes, .flags = o->force ? XPROF_OPEN_NMI_FATAL_OK : 0 };
	struct cli_sampled *s = &r->what;
	bool unseen = false;
	int ret = xp_device_open(&r->device, err);

	if (ret == 0)
		ret = cli_sampled_choose(s, o, &r->device, &r->xen, err);
	d.source = s->source;
	d.period_ns = s->period_ns;
	if (ret == 0)
		ret = xp_device_begin(&r->device, &d, err);
	if (ret == 0)
		ret = cli_sampled_open(s, &r->device, &unseen, err);
	if (unseen)
		say_unseen(r);
	snprintf(r->result.session.source, sizeof(r->result.session.source), "%s", xp_source_name(d.source));
	return ret;
}

static int set_path(struct cli_run *r, struct xp_err *err)
{
	const char *path = r->viewer ? "/" : r->options->file;
	char here[PATH_MAX] = "";
	bool relative = path[0] != '/';
	char *to = r->result.session.file;
	int n;

	to[0] = '\0';
	if (r->viewer)
		return 0; /* it has none */
	if (relative && !getcwd(here, sizeof(here)))
		return xp_fail_errno(err, XP_E_SYSTEM, "the current folder has no path: name a file from the root");
	n = snprintf(to, sizeof(r->result.session.file), "%s%s%s", here, relative && here[1] ? "/" : "", path);
	if (n < 0 || n >= (int)sizeof(r->result.session.file))
		return xp_fail(err, XP_E_USAGE, "%.100s…: the name is too long", path);
	return 0;
}

static int claim(struct cli_run *r, struct xp_err *err)
{
	struct xp_session *s = &r->result.session;
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	s->pid = (uint32_t)getpid();
	s->started_ns = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
	s->background = r->background;
	s->live = r->viewer;
	snprintf(s->event, sizeof(s->event), "%s", r->what.names);
	r->lock = xp_session_claim(&r->state, s, err);
	return r->lock < 0 ? r->lock : 0;
}

const char *cli_run_file(const struct cli_run *r)
{
	return r->options->continuous ? r->rotate.part : r->result.session.file;
}

static int open_file(struct cli_run *r, struct xp_err *err)
{
	int ret;

	if (r->viewer)
		return xp_writer_open_memory(&r->writer, NULL, err);
	r->had_file = access(cli_run_file(r), F_OK) == 0;
	ret = (r->options->stack_bytes ? xp_writer_open_chains : xp_writer_open)(&r->writer, cli_run_file(r), err);
	if (ret == 0)
		ret = cli_write_facts(r->writer, &r->xen, &r->device.info, r->command, err);
	return ret ? ret : cli_sampled_write(&r->what, &r->device, r->writer, err);
}

static int open_names(struct cli_run *r, struct xp_err *err)
{
	char payload[PATH_MAX];
	int ret;
	struct xp_names_config cfg = {
		.payload_text = r->device.info.text, .payload_size = r->device.info.text_size,
		.tsc_offset = r->device.tsc_offset, .no_guest_memory = r->options->no_guest_memory,
		.chains = r->options->stack_bytes, .live = r->viewer, .kept = r->options->continuous ? &r->kept : NULL,
	};

	xp_payload_path(&r->xen, cli_libdir(), payload, sizeof(payload));
	if (cfg.payload_size && access(payload, R_OK) == 0)
		cfg.payload = payload;
	ret = xp_names_open(&r->names, r->writer, &cfg, err);
	return ret || !cfg.chains ? ret : cli_chains_open(&r->chains, r->names, r->writer, err);
}

static void domain_name(void *arg, uint16_t domid, const uint8_t uuid[16], char *name, size_t size)
{
	xp_xen_domain_name(arg, domid, uuid, name, size);
}

static void open_host(struct cli_run *r)
{
	r->host = (struct xp_host_xen){ .xch = r->xen.xch, .xs = r->xen.xs, .name = domain_name, .name_arg = &r->xen };
	xp_host_xen_init(&r->host);
}

static int open_series(struct cli_run *r, struct xp_err *err)
{
	struct xp_series_config config = {
		.host = &r->host.host, .interval_ns = r->options->series_ns, .tsc_offset = r->device.tsc_offset,
	};

	open_host(r);
	if (!config.interval_ns)
		return 0;
	return xp_series_open(&r->series, r->writer, &config, err);
}

int cli_run_open_file(struct cli_run *r, struct xp_err *err)
{
	int ret = open_file(r, err);

	if (ret == 0)
		ret = open_names(r, err);
	return ret ? ret : open_series(r, err);
}

static void close_series(struct cli_run *r)
{
	xp_series_close(r->series);
	r->series = NULL;
	xp_host_xen_release(&r->host);
}

static void close_names(struct cli_run *r)
{
	close_series(r);
	cli_chains_close(&r->chains);
	xp_names_close(r->names);
	r->names = NULL;
}

void cli_run_let_go(struct cli_run *r, struct xp_names **names, struct xp_writer **writer)
{
	close_series(r);
	*names = r->names;
	*writer = r->writer;
	r->names = NULL;
	r->writer = NULL;
}

/* A recording that never began leaves the files as they were. */
static void put_file_back(struct cli_run *r)
{
	const char *path = r->result.session.file;
	char old[PATH_MAX + 8];
	struct stat st;

	if (lstat(path, &st) || !S_ISREG(st.st_mode))
		return; /* a pipe or a device: it was not made by us */
	snprintf(old, sizeof(old), "%s.old", path);
	if (unlink(path) || (r->had_file && rename(old, path)))
		cli_say("the profile that was there before is now the .old one");
}

static void close_all(struct cli_run *r)
{
	struct xp_err ignored;

	if (r->writer) {
		close_names(r);
		xp_writer_close(r->writer, &ignored);
		r->writer = NULL;
		if (!r->sampled && !r->options->continuous && !r->viewer)
			put_file_back(r);
	}
	close_names(r);
	xp_names_kept_release(&r->kept);
	if (r->options->continuous)
		cli_continuous_close(r);
	xp_device_close(&r->device);
}

static void add_warning(struct xp_result *r, const char *text)
{
	size_t at = strlen(r->warnings);

	snprintf(r->warnings + at, sizeof(r->warnings) - at, "%s\n", text);
}

/*
 * Last of all, what was loaded for this recording goes. Under the lock no
 * other session can have begun. The result tells how it went, so it is
 * published afterwards.
 */
static void give_back(struct cli_run *r)
{
	struct xp_err err;
	int ret = xp_state_lock(&r->state, &err);

	if (ret == 0)
		ret = xp_detach_automatic(&r->xen, &r->state, &err);
	if (ret < 0)
		add_warning(&r->result, err.text);
	if (r->lock >= 0)
		xp_session_end(&r->state, r->lock, r->background && r->sampled ? &r->result : NULL);
	r->lock = -1;
	xp_xen_release(&r->xen);
	xp_state_release(&r->state);
}

static int open_all(struct cli_run *r, struct xp_err *err)
{
	int ret = cli_attach(&r->xen, &r->state, r->viewer ? "this session" : "this recording", err);

	if (ret == 0)
		ret = open_device(r, err);
	if (ret == 0)
		ret = claim(r, err);
	if (ret == 0 && r->options->continuous)
		ret = cli_continuous_open(r, err);
	if (ret == 0)
		ret = cli_run_open_file(r, err);
	if (ret == 0)
		return 0;
	if (ret == XP_E_BUSY && r->device.info.owner)
		cli_name_owner(&r->xen, r->device.info.owner, err);
	ret = cli_fail(ret, err);
	close_all(r);
	give_back(r);
	cli_warnings(r->result.warnings);
	return ret;
}

/* Takes the lock and looks whether the host is free. */
static int enter(struct cli_run *r, struct xp_err *err)
{
	int ret = set_path(r, err);

	if (ret == 0)
		ret = xp_state_init(&r->state, cli_rundir(), err);
	if (ret == 0)
		ret = xp_state_lock(&r->state, err);
	if (ret == 0)
		ret = cli_check_free(&r->state, err);
	if (ret == 0)
		ret = xp_xen_init(&r->xen, err);
	if (ret == 0)
		return 0;
	xp_state_release(&r->state);
	return cli_fail(ret, err);
}

int cli_run_begin(struct cli_run *r)
{
	struct xp_err err;
	int status;

	r->lock = r->state.dir = r->state.lock = r->device.fd = r->rotate.dir = -1;
	status = enter(r, &err);
	if (status == XP_EXIT_OK)
		status = open_all(r, &err);
	if (status == XP_EXIT_OK)
		xp_state_unlock(&r->state);
	return status;
}

/* ---- the middle and the end ----------------------------------------------*/

int cli_run_collect(struct cli_run *r)
{
	const struct cli_sampled *what = &r->what;
	const struct xp_collect_file file = { .w = r->writer, .path = r->viewer ? NULL : cli_run_file(r) };
	struct xp_collect_sink sink;
	const struct xp_collect_config config = {
		.events = what->events, .nr_events = what->nr_events,
		.domids = what->domids, .nr_domids = what->nr_domids,
		.duration_ns = r->options->duration_ns,
		.stop_fds = { r->stop_fds[0], r->stop_fds[1] },
		.file_ns = r->options->rotate_ns, .file_bytes = r->options->keep_bytes / XP_ROTATE_SHARE,
	};
	struct xp_collect_result result;
	struct xp_err err;
	char left[32];
	int ret;

	cli_sink_init(&sink, r);
	ret = xp_collect(&r->device, &file, &sink, &config, &result, &err);
	if (r->show_progress)
		cli_progress_clear();
	cli_figures(&r->result.figures, &result.figures);
	r->change_max_ns = result.change_max_ns;
	r->pause_max_ns = result.pause_max_ns;
	snprintf(r->result.warnings, sizeof(r->result.warnings), "%s", result.warnings);
	if (ret < 0 && !r->sampled)
		return cli_fail(ret, &err);
	if (ret < 0)
		snprintf(r->result.message, sizeof(r->result.message), "%s", err.text);
	else if (result.end == XP_END_SPACE)
		snprintf(r->result.message, sizeof(r->result.message), "the disk is nearly full (%s left): the file is whole, "
			 "but shorter than was asked for", cli_bytes(result.space_left, left));
	return r->result.message[0] ? XP_EXIT_PARTIAL : XP_EXIT_OK;
}

static int close_only_file(struct cli_run *r, struct xp_err *err)
{
	int ret;

	close_names(r);
	r->result.figures.bytes = xp_writer_bytes(r->writer);
	ret = xp_writer_close(r->writer, err);
	r->writer = NULL;
	return ret;
}

static int close_file(struct cli_run *r, int status)
{
	struct xp_err err;
	int ret = r->options->continuous ? cli_continuous_end(r, &err) : close_only_file(r, &err);

	if (ret == 0 || r->result.message[0])
		return status;
	snprintf(r->result.message, sizeof(r->result.message), "%s", err.text);
	return XP_EXIT_PARTIAL;
}

int cli_run_end(struct cli_run *r, int status)
{
	if (r->sampled)
		status = close_file(r, status);
	close_all(r);
	r->result.status = (uint64_t)status;
	give_back(r);
	return status;
}
