/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Separate debug files: where a stripped file's symbols may lie.
 *
 * Looked for are <root>/usr/lib/debug/.build-id/xx/yyyy.debug and, by
 * .gnu_debuglink, NAME beside the file, in .debug/ beside it and below
 * <root>/usr/lib/debug. One that has another build-id (or, where there is
 * none, another CRC) is not taken.
 */
#ifndef XP_SYM_DEBUGFILE_H
#define XP_SYM_DEBUGFILE_H

#include "lib/sym/elf.h"

struct xp_debugfile {
	struct xp_elf elf;
	int fd;
};

/*
 * Looks for the debug file of e, whose path (without root) is given. True: *d is open until
 * xp_debugfile_release(); false: there is none that fits, and *d needs no release.
 */
bool xp_debugfile_open(struct xp_debugfile *d, struct xp_elf *e, const char *root, const char *path);

/*
 * A file of exactly this build that has symbols, for one that is not here: a guest's, whose path there is given. Looked for are
 * <root>/usr/lib/debug/.build-id/xx/yyyy.debug, debuginfod's cache ($DEBUGINFOD_CACHE_PATH, else
 * <root>/root/.cache/debuginfod_client) and, if that is a folder of programs or libraries, the same path below root.
 */
bool xp_debugfile_of_build(struct xp_debugfile *d, const struct xp_build_id *id, const char *root, const char *path);

void xp_debugfile_release(struct xp_debugfile *d);

#endif
