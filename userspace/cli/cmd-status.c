// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xprof status: what is being recorded and what is loaded.
 */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/summary.h"
#include "lib/base/json.h"
#include "lib/base/text.h"
#include "lib/host/attach.h"
#include "lib/host/livepatch.h"
#include "lib/host/module.h"
#include "lib/host/session.h"

struct status {
	const char *state;         /* "idle", "recording", "counting" (stat), "watching" (top), "finishing" its file, "ended": 'stop' has not told yet */
	struct xp_result result;   /* session and figures of the one that runs or has ended */
	bool module;
	bool noted;
	struct xp_attached attached;
	struct xp_livepatch *patches;
	int nr_patches;            /* negative: not known */
};

static void gather_session(struct status *s, const struct xp_state *state)
{
	struct xp_err ignored;

	s->state = "idle";
	if (xp_session_find(state, &s->result.session) == XP_SESSION_RUNNING) {
		xp_figures_load(state, &s->result.figures, &ignored);
		s->state = s->result.figures.finishing ? "finishing" : "recording";
		if (!s->result.session.file[0])
			s->state = s->result.session.live ? "watching" : "counting";
	} else if (xp_result_load(state, &s->result, &ignored) == 0) {
		s->state = "ended";
	}
	s->noted = xp_attach_noted(state, &s->attached);
	s->module = xp_module_loaded();
}

static void gather_patches(struct status *s)
{
	struct xp_xen xen;
	struct xp_err ignored;

	s->nr_patches = -1;
	if (xp_xen_present(&ignored) < 0 || xp_xen_init(&xen, &ignored) < 0)
		return;
	s->nr_patches = xp_livepatch_list(&xen, &s->patches, &ignored);
	xp_xen_release(&xen);
}

static bool payload_applied(const struct status *s)
{
	for (int i = 0; i < s->nr_patches; i++)
		if (s->patches[i].ours && s->patches[i].applied)
			return true;
	return false;
}

/* ---- text ----------------------------------------------------------------*/

static void print_figures(const struct xp_figures *f)
{
	char samples[32], lost[32], overhead[32], bytes[32];

	printf("  %.1f s, %s samples, %s lost, %u domain%s, overhead %s (longest NMI %.1f us), %s written\n",
	       (double)f->elapsed_ns / 1e9, cli_grouped(f->samples, samples), cli_grouped(f->lost, lost), f->domains,
	       f->domains == 1 ? "" : "s", cli_share(f->overhead_ppm, overhead), (double)f->handler_max_ns / 1e3,
	       cli_bytes(f->bytes, bytes));
}

static const char *intro(const char *state)
{
	if (!strcmp(state, "recording"))
		return "recording into ";
	return !strcmp(state, "finishing") ? "a recording is finishing its file " : "a recording has ended: ";
}

static void print_session(const struct status *s)
{
	const struct xp_session *session = &s->result.session;

	if (!strcmp(s->state, "idle")) {
		puts("nothing is being recorded");
		return;
	}
	if (!strcmp(s->state, "counting")) {
		printf("'xprof stat' is counting (%s; process %u)\n", session->event, session->pid);
		return;
	}
	if (!strcmp(s->state, "watching")) {
		printf("'xprof top' is watching (%s, by %s; process %u)\n", session->event, session->source, session->pid);
		return;
	}
	fputs(intro(s->state), stdout);
	xp_text_print(stdout, session->file);
	printf(" (%s, by %s; process %u)\n", session->event, session->source, session->pid);
	print_figures(&s->result.figures);
	if (s->result.message[0]) {
		fputs("  it ended early: ", stdout);
		xp_text_print(stdout, s->result.message);
		putchar('\n');
	}
	if (!strcmp(s->state, "ended"))
		puts("  'xprof stop' acknowledges it");
}

static const char *how_long(const struct status *s)
{
	if (!s->noted)
		return "by somebody else";
	return s->attached.automatic ? "goes with the recording" : "stays until 'xprof detach'";
}

static void print_loaded(const struct status *s)
{
	bool ours = payload_applied(s);

	if (!ours && !s->module) {
		puts("the profiler is not loaded");
		return;
	}
	printf("loaded: %s%s%s (%s)\n", ours ? "live patch" : "", ours && s->module ? ", " : "",
	       s->module ? "kernel module" : "", how_long(s));
	if (ours)
		puts("  another live patch that depends on the one before it is refused by Xen meanwhile: 'xprof detach' first");
}

static void print_others(const struct status *s)
{
	for (int i = 0; i < s->nr_patches; i++) {
		if (s->patches[i].ours)
			continue;
		printf("live patch of somebody else, %s: ", s->patches[i].applied ? "applied" : "uploaded");
		xp_text_print(stdout, s->patches[i].name);
		putchar('\n');
	}
}

/* ---- JSON ----------------------------------------------------------------*/

static void json_session(struct xp_json *j, const struct status *s)
{
	const struct xp_session *session = &s->result.session;
	const struct xp_figures *f = &s->result.figures;
	bool any = strcmp(s->state, "idle") != 0;

	xp_json_string(j, "state", s->state);
	if (any)
		xp_json_u64(j, "pid", session->pid);
	else
		xp_json_null(j, "pid");
	xp_json_string(j, "file", any ? session->file : NULL);
	xp_json_u64(j, "samples", f->samples);
	xp_json_u64(j, "lost", f->lost);
	xp_json_string(j, "event", any ? session->event : NULL);
	xp_json_string(j, "source", any ? session->source : NULL);
	xp_json_u64(j, "elapsed_ns", f->elapsed_ns);
	xp_json_u64(j, "bytes", f->bytes);
	xp_json_u64(j, "domains", f->domains);
	xp_json_u64(j, "cpus", f->cpus);
	xp_json_u64(j, "overhead_ppm", f->overhead_ppm);
	xp_json_u64(j, "handler_max_ns", f->handler_max_ns);
	xp_json_u64(j, "coalesced", f->coalesced);
	xp_json_string(j, "message", s->result.message[0] ? s->result.message : NULL);
}

static void json_loaded(struct xp_json *j, const struct status *s)
{
	xp_json_object(j, "loaded");
	xp_json_bool(j, "live_patch", payload_applied(s));
	xp_json_bool(j, "module", s->module);
	xp_json_bool(j, "automatic", s->noted && s->attached.automatic);
	xp_json_end_object(j);
	xp_json_array(j, "live_patches");
	for (int i = 0; i < s->nr_patches; i++) {
		xp_json_flat_object(j, NULL);
		xp_json_string(j, "name", s->patches[i].name);
		xp_json_bool(j, "applied", s->patches[i].applied);
		xp_json_end_object(j);
	}
	xp_json_end_array(j);
}

static void print_json(const struct status *s)
{
	struct xp_json j;

	xp_json_init(&j, stdout);
	xp_json_object(&j, NULL);
	xp_json_u64(&j, "schema_version", 1);
	json_session(&j, s);
	json_loaded(&j, s);
	xp_json_end_object(&j);
}

static void print_text(const struct status *s)
{
	print_session(s);
	print_loaded(s);
	print_others(s);
}

int cmd_status(int argc, char **argv)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' }, { NULL, 0, NULL, 0 } };
	static struct status s;
	struct xp_state state;
	struct xp_err err;
	bool json = false;
	int c, ret;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'j')
			return cli_usage(argv[0], "there is no option '%s'", argv[optind - 1]);
		json = true;
	}
	if (optind < argc)
		return cli_usage(argv[0], "'status' takes no argument '%s'", argv[optind]);
	ret = xp_state_init(&state, cli_rundir(), &err);
	if (ret < 0)
		return cli_fail(ret, &err);
	gather_session(&s, &state);
	gather_patches(&s);
	xp_state_release(&state);
	if (json)
		print_json(&s);
	else
		print_text(&s);
	free(s.patches);
	return XP_EXIT_OK;
}
