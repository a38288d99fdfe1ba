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

int xp_new_file_begin(struct xp_new_file *f, const char *path, struct xp_err *err)
{
	int rc;

	*f = (struct xp_new_file){ .fd = -1, .path = path };
	rc = suffixed(f->temp, path, ".XXXXXX", err);
	if (rc)
		return rc;
	f->fd = mkostemp(f->temp, O_CLOEXEC);
	return f->fd < 0 ? xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot create", f->temp) : 0;
}

int xp_new_file_end(struct xp_new_file *f, mode_t mode, int failed, struct xp_err *err)
{
	int rc = failed;

	if (!rc && fchmod(f->fd, mode))
		rc = xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot set its mode", f->temp);
	if (!rc && fsync(f->fd))
		rc = xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot write", f->temp);
	if (close(f->fd) && !rc)
		rc = xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot write", f->temp);
	if (!rc && rename(f->temp, f->path))
		rc = xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot rename it to %s", f->temp, f->path);
	if (rc)
		unlink(f->temp);
	return rc;
}

int xp_file_replace(const char *path, const void *data, size_t n, mode_t mode, struct xp_err *err)
{
	struct xp_new_file f;
	int rc = xp_new_file_begin(&f, path, err);

	return rc ? rc : xp_new_file_end(&f, mode, xp_file_write_all(f.fd, data, n, f.temp, err), err);
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

int xp_file_open_regular(const char *path, struct stat *st)
{
	int fd, handle = open(path, O_PATH | O_CLOEXEC);
	char self[64];

	if (handle < 0)
		return -1;
	if (fstat(handle, st) || !S_ISREG(st->st_mode)) {
		close(handle);
		errno = EINVAL;
		return -1;
	}
	snprintf(self, sizeof(self), "/proc/self/fd/%d", handle);
	fd = open(self, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	close(handle);
	return fd;
}
