// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 'xprof' alone: what there is here, and what to do next. On stderr, as nothing
 * was asked for.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/summary.h"
#include "lib/host/session.h"
#include "lib/host/xen.h"

/* Words, not beyond column 79. */
static void fold(const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (column && column + 1 + len > 79) {
			fputc('\n', stderr);
			column = 0;
		}
		fprintf(stderr, "%s%.*s", column ? " " : "", (int)len, text);
		column += len + (column > 0);
		text += len + strspn(text + len, " ");
	}
	fputc('\n', stderr);
}

static void next(const char *command, const char *what)
{
	fprintf(stderr, "  %-22s %s\n", command, what);
}

/* ---- a session ---- */

static void say_running(const struct xp_session *s)
{
	char file[PATH_MAX];

	if (s->live) {
		fprintf(stderr, "'xprof top' is watching this host (process %u).\n\n", s->pid);
		next("xprof stop", "end it, if it cannot be ended there with q");
		return;
	}
	if (!s->file[0]) {
		fprintf(stderr, "'xprof stat' is counting (process %u).\n\n", s->pid);
		next("xprof stop", "end it: it prints what it has counted");
		return;
	}
	fprintf(stderr, "A recording is running (process %u), into\n  %s\n\n", s->pid, cli_escape(s->file, file, sizeof(file)));
	next("xprof status", "how far it is");
	next("xprof stop", "end it and finish its file");
}

/* True: there is one, and it was said what to do. Only root can see it. */
static bool welcome_session(void)
{
	static struct xp_result result;
	struct xp_session session;
	struct xp_state state;
	struct xp_err ignored;
	bool any = true;

	if (geteuid() != 0 || access(cli_rundir(), F_OK) || xp_state_init(&state, cli_rundir(), &ignored) < 0)
		return false;
	if (xp_session_find(&state, &session) == XP_SESSION_RUNNING) {
		say_running(&session);
	} else if (xp_result_load(&state, &result, &ignored) == 0) {
		fputs("A recording in the background has ended.\n\n", stderr);
		next("xprof stop", "tells how it went, and where its profile is");
	} else {
		any = false;
	}
	xp_state_release(&state);
	return any;
}

/* ---- a profile ---- */

static const char *age(time_t from, char text[32])
{
	long s = (long)(time(NULL) - from);

	if (s < 120)
		snprintf(text, 32, "%ld s ago", s < 0 ? 0 : s);
	else if (s < 7200)
		snprintf(text, 32, "%ld min ago", s / 60);
	else if (s < 172800)
		snprintf(text, 32, "%ld h ago", s / 3600);
	else
		snprintf(text, 32, "%ld days ago", s / 86400);
	return text;
}

static bool welcome_profile(void)
{
	char bytes[32], when[32];
	struct stat st;

	if (stat(CLI_DEFAULT_FILE, &st) || access(CLI_DEFAULT_FILE, R_OK))
		return false;
	fprintf(stderr, "There is a profile here: " CLI_DEFAULT_FILE " (%s, %s).\n\n", cli_bytes((uint64_t)st.st_size, bytes),
		age(st.st_mtime, when));
	next("xprof report", "where the time went");
	if (access(CLI_DEFAULT_FILE ".old", R_OK) == 0)
		next("xprof diff", "what has changed since " CLI_DEFAULT_FILE ".old");
	next("xprof export --help", "for flame graphs and other tools");
	return true;
}

/* ---- a host ---- */

static void welcome_host(bool profile)
{
	bool root = geteuid() == 0;

	if (!profile)
		fputs(root ? "This is a Xen host, and nothing is being recorded.\n\n"
			   : "This is a Xen host. Profiling it takes root:\n\n", stderr);
	if (!profile)
		next(root ? "xprof check" : "sudo xprof check", "what can this host do, and what is missing?");
	next(root ? "xprof record" : "sudo xprof record", profile ? "ten more seconds of everything" : "ten seconds of everything, then: xprof report");
	next(root ? "xprof top" : "sudo xprof top", "watch it live");
}

static void welcome_elsewhere(bool profile, const struct xp_err *why)
{
	char text[sizeof(why->text) + 64];

	if (profile)
		return; /* a profile can be read anywhere */
	snprintf(text, sizeof(text), "It records none here: %s.", why->text);
	fold(text);
	fputs("\nProfiles of such a host can be read anywhere:\n\n", stderr);
	next("xprof report FILE", "where that host's time went");
}

void cli_welcome(void)
{
	struct xp_err err;
	bool profile;

	fputs("xprof profiles a Xen host: hypervisor, Domain-0 and guests.\n", stderr);
	if (!welcome_session()) {
		profile = welcome_profile();
		if (xp_xen_present(&err) == 0)
			welcome_host(profile);
		else
			welcome_elsewhere(profile, &err);
	}
	next("xprof --help", "all verbs");
}
