/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options that several verbs which read profiles share. */
#ifndef XP_CLI_FILTER_OPTIONS_H
#define XP_CLI_FILTER_OPTIONS_H

#include "lib/agg/agg.h"

/* --mode xen,kernel,…: adds to the filter. 0 or the exit status; the error has been printed. */
int cli_filter_modes(struct xp_filter *filter, const char *verb, const char *list);

#endif
