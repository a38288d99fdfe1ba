// SPDX-License-Identifier: GPL-2.0-or-later
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "lib/host/attach.h"
#include "lib/host/session.h"

/* PREFIX/bin/xprof has its payloads and modules in PREFIX/lib/xprof. */
static bool beside_program(char path[PATH_MAX])
{
	char program[PATH_MAX], relative[PATH_MAX + 32];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	char *slash;

	if (n <= 0)
		return false;
	program[n] = '\0';
	slash = strrchr(program, '/');
	if (slash)
		*slash = '\0';
	snprintf(relative, sizeof(relative), "%s/../lib/xprof", program);
	return slash && realpath(relative, path);
}

const char *cli_libdir(void)
{
	static char path[PATH_MAX];
	const char *set = getenv("XPROF_LIBDIR");

	if (set && set[0])
		return set;
	if (!path[0] && !beside_program(path))
		snprintf(path, sizeof(path), "/usr/lib/xprof");
	return path;
}

const char *cli_rundir(void)
{
	const char *set = getenv("XPROF_RUNDIR");

	return set && set[0] ? set : XP_STATE_DIR;
}

/* ---- what others left behind ---------------------------------------------*/

static void forget_dead(struct xp_state *s)
{
	struct xp_session dead;
	char file[PATH_MAX];

	if (xp_session_find(s, &dead) != XP_SESSION_DEAD)
		return;
	cli_say("the collector (process %u) was killed; %s is readable up to its last second", dead.pid,
		cli_escape(dead.file, file, sizeof(file)));
	xp_session_forget(s);
}

static void detach_leftover(struct xp_state *s)
{
	struct xp_attached what;
	struct xp_xen xen;
	struct xp_err err;
	int ret;

	if (!xp_attach_noted(s, &what) || !what.automatic)
		return;
	ret = xp_xen_init(&xen, &err);
	if (ret == 0) {
		ret = xp_detach_automatic(&xen, s, &err);
		xp_xen_release(&xen);
	}
	if (ret > 0)
		cli_say("took out of the hypervisor what the last recording had loaded");
	else if (ret < 0)
		cli_say("what the last recording had loaded is still there: %s", err.text);
}

static bool is_left_behind(const struct xp_state *s)
{
	struct xp_session session;
	struct xp_attached what;

	switch (xp_session_find(s, &session)) {
	case XP_SESSION_DEAD:
		return true;
	case XP_SESSION_RUNNING:
		return false;
	default:
		return xp_attach_noted(s, &what) && what.automatic;
	}
}

void cli_recover(void)
{
	struct xp_state s;
	struct xp_err err;

	if (geteuid() != 0 || access(cli_rundir(), F_OK) || xp_state_init(&s, cli_rundir(), &err) < 0)
		return;
	/* Looked at again under the lock: 'start' may be between loading and recording. */
	if (is_left_behind(&s) && xp_state_lock(&s, &err) == 0 && is_left_behind(&s)) {
		forget_dead(&s);
		detach_leftover(&s);
	}
	xp_state_release(&s);
}
