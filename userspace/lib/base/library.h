/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Libraries that only one verb needs, loaded when it does: the others do not pay for what lies behind them, and a host that never
 * uses that verb need not have them.
 */
#ifndef XP_BASE_LIBRARY_H
#define XP_BASE_LIBRARY_H

#include <stddef.h>

#include "lib/base/error.h"

struct xp_library_function { const char *name; size_t at; }; /* where its address goes, in the caller's struct of functions */

struct xp_library {
	const char *name, *does, *package; /* for messages: "libcurl", "sends", "libcurl4" */
	const char *files[2];              /* the first that is there; NULL: no second one */
	const char *wanted;                /* what is said of one that lacks a function: ": at least 7.88 is needed", or "" */
	const struct xp_library_function *functions;
	size_t nr_functions;
};

/* Fills *functions. It stays loaded. XP_E_ABSENT: it is not installed. XP_E_VERSION: it lacks a function. */
int xp_library_load(void *functions, const struct xp_library *l, struct xp_err *err);

#endif
