/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files: whole writes, and files that appear whole or not at all. */
#ifndef XP_BASE_FILE_H
#define XP_BASE_FILE_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"

/* All n bytes, whatever write() returns in between. 0, or XP_E_SYSTEM with path named in the text. */
int xp_file_write_all(int fd, const void *data, size_t n, const char *path, struct xp_err *err);

/*
 * A file that appears as a whole: readers see the old contents or the new, never a part (a file beside it, fsync, rename).
 * Write to fd, then end it: with failed != 0, or when that fails itself, path is as it was.
 */
struct xp_new_file {
	int fd;
	const char *path;       /* borrowed */
	char temp[4096];
};
int xp_new_file_begin(struct xp_new_file *f, const char *path, struct xp_err *err);
int xp_new_file_end(struct xp_new_file *f, mode_t mode, int failed, struct xp_err *err); /* failed, 0, or an error */

/* The same of n bytes that are there. */
int xp_file_replace(const char *path, const void *data, size_t n, mode_t mode, struct xp_err *err);

/*
 * Opens path for writing from its beginning, mode 0600, as a new file. A regular file that was there is kept as
 * path.old (the .old before it is gone); something else (a pipe, /dev/null) is opened as it is. Returns the descriptor.
 */
int xp_file_create_keeping_old(const char *path, struct xp_err *err);

/* Appends the whole of path, at most max bytes, to b. XP_E_ABSENT: there is no such file. */
int xp_file_read(const char *path, struct xp_buf *b, size_t max, struct xp_err *err);
/* The same of an open file, from where it is; path: for messages. */
int xp_file_read_fd(int fd, const char *path, struct xp_buf *b, size_t max, struct xp_err *err);

/*
 * For reading, if it is a regular file: opening a device may have effects, a pipe may block. -1, and errno (EINVAL: it is
 * something else). *st: as it is opened.
 */
int xp_file_open_regular(const char *path, struct stat *st);

#endif
