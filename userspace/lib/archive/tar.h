/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes regular files as a POSIX ustar archive (IEEE Std 1003.1, pax, "ustar
 * Interchange Format"), gzip'ed by zlib. The same files give the same bytes.
 *
 * (libarchive would do it, and bring 40 MB of its own libraries' libraries into
 * dom0.)
 */
#ifndef XP_ARCHIVE_TAR_H
#define XP_ARCHIVE_TAR_H

#include <stdint.h>
#include <zlib.h>

#include "lib/base/error.h"

struct xp_tar {
	gzFile out;
	const char *path;         /* of the archive, for messages; borrowed */
	char folder[100];         /* all names lie in it */
	uint64_t time;            /* of all files, seconds since 1970 */
};

/* fd stays the caller's. */
int xp_tar_begin(struct xp_tar *t, int fd, const char *path, struct xp_err *err);

/*
 * The file at fd, as it is now, all of it, named FOLDER/name (name: below 100 bytes); *size: how long it is. from: its path, for
 * messages. XP_E_TRUNCATED: it got shorter meanwhile.
 */
int xp_tar_file(struct xp_tar *t, int fd, const char *from, const char *name, uint64_t *size, struct xp_err *err);

/* The archive's end, unless something before has failed (then: only releases). */
int xp_tar_end(struct xp_tar *t, int failed, struct xp_err *err);

#endif
