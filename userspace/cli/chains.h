/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chains while recording: a stack's copy, by the rules of whose code it is, to frames. */
#ifndef XP_CLI_CHAINS_H
#define XP_CLI_CHAINS_H

#include "lib/collect/collect.h"
#include "lib/sym/names.h"
#include "lib/sym/xen-unwind.h"

struct cli_chains {
	struct xp_names *names;    /* borrowed; its config has chains */
	struct xp_xen_unwind xen;
	bool read;                 /* these were */
};

/*
 * For another profile again: these names. Reads Xen's rules the first time (they are Xen's, so they hold); why there are none goes
 * into the profile (chains.xen). What the writer returns.
 */
int cli_chains_open(struct cli_chains *c, struct xp_names *names, struct xp_writer *w, struct xp_err *err);
void cli_chains_close(struct cli_chains *c);

/* sink->walk of lib/collect. */
void cli_chains_walk(struct cli_chains *c, const struct xp_stack_copy *copy, bool xen, struct xp_stack_chain *out);

#endif
