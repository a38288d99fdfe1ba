/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What 'record' and 'stat' do alike around their session. */
#ifndef XP_CLI_ALIKE_H
#define XP_CLI_ALIKE_H

#include "lib/base/error.h"
#include "lib/host/state.h"
#include "lib/host/xen.h"

/* XP_E_BUSY says which process has this host's session, and what it does. */
int cli_check_free(const struct xp_state *s, struct xp_err *err);

/* Loads the profiler if it is not there, and says so: it goes with what ("this recording"). The caller holds the state's lock. */
int cli_attach(struct xp_xen *xen, struct xp_state *s, const char *what, struct xp_err *err);

/* An address says little: whose code it is goes behind the message. */
void cli_name_owner(struct xp_xen *xen, uint64_t owner, struct xp_err *err);

#endif
