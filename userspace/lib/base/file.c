/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

int xp_file_write_all(int fd, const void *data, size_t n, const char *path, struct xp_err *err)
{
	const char *p = data;

	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot write", path);
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

/* path with a suffix, in out. */
static int suffixed(char out[PATH_MAX], const char *path, const char *suffix, struct xp_err *err)
{
	int n = snprintf(out, PATH_MAX, "%s%s", path, suffix);

	if (n < 0 || n >= PATH_MAX)
		return xp_fail(err, XP_E_USAGE, "%.100s…: the name is too long", path);
	return 0;
}

static int write_and_close(int fd, const void *data, size_t n, mode_t mode, const char *path,
			   struct xp_err *err)
{
	int rc = xp_file_write_all(fd, data, n, path, err);

	if (!rc && fchmod(fd, mode))
		rc = xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot set its mode", path);
	if (!rc && fsync(fd))
		rc = xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot write", path);
	if (close(fd) && !rc)
		rc = xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot write", path);
	return rc;
}

int xp_file_replace(const char *path, const void *data, size_t n, mode_t mode, struct xp_err *err)
{
	char temp[PATH_MAX];
	int fd, rc;

	rc = suffixed(temp, path, ".XXXXXX", err);
	if (rc)
		return rc;
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot create", temp);
	rc = write_and_close(fd, data, n, mode, temp, err);
	if (!rc && rename(temp, path))
		rc = xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot rename it to %s", temp, path);
	if (rc)
		unlink(temp);
	return rc;
}

/* Moves what is at path out of the way. 1: it is no regular file and stays. */
static int keep_old(const char *path, struct xp_err *err)
{
	char old[PATH_MAX];
	struct stat st;
	int rc;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : xp_fail_errno(err, XP_E_SYSTEM, "%s", path);
	if (S_ISDIR(st.st_mode))
		return xp_fail(err, XP_E_SYSTEM, "%s is a directory: name a file", path);
	if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return 1;
	if (S_ISLNK(st.st_mode) && !stat(path, &st) && !S_ISREG(st.st_mode))
		return 1;
	rc = suffixed(old, path, ".old", err);
	if (rc)
		return rc;
	if (rename(path, old))
		return xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot rename it to %s", path, old);
	return 0;
}

int xp_file_create_keeping_old(const char *path, struct xp_err *err)
{
	int kept = keep_old(path, err);
	int fd;

	if (kept < 0)
		return kept;
	if (kept)
		fd = open(path, O_WRONLY | O_CLOEXEC);
	else
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot create", path);
	return fd;
}

int xp_file_read_fd(int fd, const char *path, struct xp_buf *b, size_t max, struct xp_err *err)
{
	size_t total = 0;

	for (;;) {
		uint8_t *p = xp_buf_reserve(b, 16384);
		ssize_t n;

		if (!p)
			return xp_fail(err, XP_E_NOMEM, "%s: no memory to read it", path);
		n = read(fd, p, 16384);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot read", path);
		if (n == 0)
			return 0;
		b->len += (size_t)n;
		total += (size_t)n;
		if (total > max)
			return xp_fail(err, XP_E_FORMAT, "%s: longer than %zu bytes", path, max);
	}
}

int xp_file_read(const char *path, struct xp_buf *b, size_t max, struct xp_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd < 0 && errno == ENOENT)
		return xp_fail_errno(err, XP_E_ABSENT, "%s", path);
	if (fd < 0)
		return xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot open", path);
	rc = xp_file_read_fd(fd, path, b, max, err);
	close(fd);
	return rc;
}
