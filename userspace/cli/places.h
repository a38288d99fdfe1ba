/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where binaries and debug data are looked for: --symdir, and the folders that the environment names. */
#ifndef XP_CLI_PLACES_H
#define XP_CLI_PLACES_H

#include "lib/lines/binary.h"

#define CLI_MAX_SYMDIRS 32

struct cli_places {
	const char *symdirs[CLI_MAX_SYMDIRS];
	size_t nr_symdirs;
	char debuginfod[4096]; /* "": none */
	char beside[4096];     /* the profile's folder, if binaries lie there */
	struct xp_binary_places places;
};

/* --symdir was given. 0, or the exit status: too many, or no folder. */
int cli_places_add(struct cli_places *p, const char *verb, const char *dir);

/*
 * All options are known: p->places is usable; lines are kept (lib/base/cache.h). debuginfod's folder is
 * $DEBUGINFOD_CACHE_PATH, else debuginfod_client below $XDG_CACHE_HOME or ~/.cache.
 */
void cli_places_finish(struct cli_places *p);

/* An archive was unpacked where the profile is: its binaries are looked at, too, before all others. NULL: the default file. */
void cli_places_beside(struct cli_places *p, const char *profile);

#endif
