// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xprof detach: takes module and live patch out again. Not while somebody
 * records.
 */
#include <limits.h>
#include <stdio.h>

#include "cli/cli.h"
#include "lib/collect/device.h"
#include "lib/host/attach.h"
#include "lib/host/module.h"
#include "lib/host/session.h"

/* By an xprof, as its state says. */
static int check_session(const struct xp_state *s, struct xp_err *err)
{
	struct xp_session session;
	char file[PATH_MAX];

	if (xp_session_find(s, &session) != XP_SESSION_RUNNING)
		return 0;
	return xp_fail(err, XP_E_BUSY, "process %u is recording into %s: 'xprof stop' first", session.pid,
		       cli_escape(session.file, file, sizeof(file)));
}

/* By whoever, as the module says. */
static int check_device(struct xp_err *err)
{
	struct xp_device d;
	struct xp_err ignored;
	uint32_t owner;

	if (!xp_module_loaded() || xp_device_open(&d, &ignored) < 0)
		return 0;
	owner = d.owner_pid;
	xp_device_close(&d);
	if (!owner)
		return 0;
	return xp_fail(err, XP_E_BUSY, "process %u has a profiling session open: end it first", owner);
}

static int detach(struct xp_state *s, struct xp_err *err)
{
	struct xp_xen xen;
	int ret = xp_xen_init(&xen, err);

	if (ret < 0)
		return ret;
	ret = xp_state_lock(s, err);
	if (ret == 0)
		ret = check_session(s, err);
	if (ret == 0)
		ret = check_device(err);
	if (ret == 0)
		ret = xp_detach(&xen, s, err);
	xp_xen_release(&xen);
	return ret;
}

int cmd_detach(int argc, char **argv)
{
	struct xp_state s;
	struct xp_err err;
	int ret;

	if (argc > 1)
		return cli_usage(argv[0], "'detach' takes no arguments");
	ret = xp_state_init(&s, cli_rundir(), &err);
	if (ret < 0)
		return cli_fail(ret, &err);
	ret = detach(&s, &err);
	xp_state_release(&s);
	if (ret < 0)
		return cli_fail(ret, &err);
	cli_say(ret ? "the profiler was not loaded" : "the profiler is out of the hypervisor and the kernel");
	return XP_EXIT_OK;
}
