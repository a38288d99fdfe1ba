/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a profile says about the host that it is of (XP_HOST_KEYS).
 */
#ifndef XP_CLI_FACTS_H
#define XP_CLI_FACTS_H

#include "lib/base/error.h"
#include "lib/host/xen.h"
#include "lib/profile/profile.h"

/* command: as it was typed, "" if there is none. What cannot be learnt is left out. */
int cli_write_facts(struct xp_writer *w, struct xp_xen *xen, const struct xprof_op_info *info,
		    const char *command, struct xp_err *err);

/* The model name of the first CPU, "" if it is not told. */
void cli_cpu_model(char *text, size_t size);

/* The first line of a file, without its newline; "" if there is none. */
void cli_first_line(const char *path, char *text, size_t size);

#endif
