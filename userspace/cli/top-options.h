/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arguments of 'xprof top'. */
#ifndef XP_CLI_TOP_OPTIONS_H
#define XP_CLI_TOP_OPTIONS_H

#include "cli/options.h"

struct cli_top_options {
	struct cli_record_options sampling;
	bool batch;
	uint64_t iterations;  /* 0: until it is ended */
	uint64_t delay_ns;    /* from screen to screen */
	uint64_t window_ns;   /* how far back samples are added up */
	uint64_t entries;     /* functions of a batch's screen */
	const char *sort;     /* a column's name; NULL: the default */
};

/* 0 or XP_EXIT_USAGE; the error has been printed. */
int cli_top_options(int argc, char **argv, struct cli_top_options *o);

/* Intervals in the window: at least one. */
unsigned int cli_top_slots(const struct cli_top_options *o);

#endif
