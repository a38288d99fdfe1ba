// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xprof attach: loads the profiler into the running hypervisor and kernel; it
 * stays, idle, until 'xprof detach'.
 */
#include "cli/cli.h"
#include "lib/host/attach.h"

static void say_what(const struct xp_xen *xen, const struct xp_attached *what)
{
	if (!what->payload && !what->module)
		cli_say("the profiler is there already; it stays until 'xprof detach'");
	else
		cli_say("loaded %s%s%s into the running Xen %s; it stays, idle, until 'xprof detach'",
			what->payload ? "the live patch" : "", what->payload && what->module ? " and " : "",
			what->module ? "the kernel module" : "", xen->version);
}

static int attach(struct xp_state *s, struct xp_err *err)
{
	struct xp_attached what;
	struct xp_xen xen;
	int ret = xp_xen_init(&xen, err);

	if (ret < 0)
		return ret;
	ret = xp_state_lock(s, err);
	if (ret == 0)
		ret = xp_attach(&xen, s, cli_libdir(), false, &what, err);
	if (ret == 0)
		say_what(&xen, &what);
	xp_xen_release(&xen);
	return ret;
}

int cmd_attach(int argc, char **argv)
{
	struct xp_state s;
	struct xp_err err;
	int ret;

	if (argc > 1)
		return cli_usage(argv[0], "'attach' takes no arguments");
	ret = xp_state_init(&s, cli_rundir(), &err);
	if (ret < 0)
		return cli_fail(ret, &err);
	ret = attach(&s, &err);
	xp_state_release(&s);
	return ret < 0 ? cli_fail(ret, &err) : XP_EXIT_OK;
}
