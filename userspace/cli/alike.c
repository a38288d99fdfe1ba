// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/alike.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "lib/host/attach.h"
#include "lib/host/owner.h"
#include "lib/host/session.h"

int cli_check_free(const struct xp_state *s, struct xp_err *err)
{
	struct xp_session other;

	return xp_session_find(s, &other) == XP_SESSION_RUNNING ? xp_session_busy(&other, err) : 0;
}

int cli_attach(struct xp_xen *xen, struct xp_state *s, const char *what, struct xp_err *err)
{
	struct xp_attached loaded;
	int ret = xp_attach(xen, s, cli_libdir(), true, &loaded, err);

	if (ret == 0 && (loaded.payload || loaded.module))
		cli_say("loaded the profiler (%s%s%s) into the running Xen %s; it goes with %s", loaded.payload ? "live patch" : "",
			loaded.payload && loaded.module ? ", " : "", loaded.module ? "kernel module" : "", xen->version, what);
	return ret;
}

void cli_name_owner(struct xp_xen *xen, uint64_t owner, struct xp_err *err)
{
	char name[256], escaped[1024];
	size_t at = strlen(err->text);

	xp_owner_name(xen, owner, name, sizeof(name));
	snprintf(err->text + at, sizeof(err->text) - at, " (it is %s)", cli_escape(name, escaped, sizeof(escaped)));
}
