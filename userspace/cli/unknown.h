/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options that there are not, or that lack their value. */
#ifndef XP_CLI_UNKNOWN_H
#define XP_CLI_UNKNOWN_H

#include <getopt.h>

/*
 * getopt_long() has just returned c, '?' or ':' (its string of letters must begin with ':'); opterr is 0. Names what was typed,
 * and the nearest of longs. Returns XP_EXIT_USAGE.
 */
int cli_unknown_option(const char *verb, int c, char **argv, const struct option *longs);

#endif
