/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XP_CLI_PUSH_OPTIONS_H
#define XP_CLI_PUSH_OPTIONS_H

#include <stdint.h>

#include "lib/push/push.h"

#define CLI_PUSH_LABELS 32

struct cli_push_options {
	const struct xp_push_kind *kind;
	struct xp_store_address address;
	const char *spool;       /* NULL: one for the time being */
	const char *follow;      /* NULL: files */
	char *const *files;
	size_t nr_files;
	uint64_t spool_bytes, retry_ns;
	struct xp_store_label labels[CLI_PUSH_LABELS];
	size_t nr_labels;
};

/* 0 or XP_EXIT_USAGE; the error has been printed. Strings are argv's, but for what lives until the process ends. */
int cli_push_options(int argc, char **argv, struct cli_push_options *o);

#endif
