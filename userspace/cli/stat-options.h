/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What 'xprof stat' is asked for, as values. */
#ifndef XP_CLI_STAT_OPTIONS_H
#define XP_CLI_STAT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/pmu/spec.h"

enum cli_stat_form { CLI_STAT_TEXT, CLI_STAT_CSV, CLI_STAT_JSON };

struct cli_stat_options {
	struct xp_event_specs events; /* none: those of the default that the CPU has */
	enum cli_stat_form form;
	const char *separator;        /* of CSV */
	const char *file;             /* NULL: stdout */
	const char *domains;          /* names and ids with commas; NULL: all */
	char **command;               /* NULL: none */
	uint64_t interval_ns;         /* 0: one block at the end */
	uint64_t duration_ns;         /* 0: until the command ends, or a signal comes */
	uint64_t runs;
	unsigned int by;              /* XP_STAT_BY_* */
	bool force;
};

/* 0 or XP_EXIT_USAGE; the error has been printed. */
int cli_stat_options(int argc, char **argv, struct cli_stat_options *o);

#endif
