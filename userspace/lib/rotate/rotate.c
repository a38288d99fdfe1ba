// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/rotate/rotate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/profile/format.h"
#include "lib/rotate/list.h"

/* ---- removing ------------------------------------------------------------*/

static bool begins_like_a_profile(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char magic[XP_FILE_MAGIC_BYTES];
	bool is;

	if (fd < 0)
		return false;
	is = read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic) && !memcmp(magic, XP_FILE_MAGIC, sizeof(magic));
	close(fd);
	return is;
}

static bool remove_one(struct xp_rotate *r, const char *name)
{
	if (!begins_like_a_profile(r->dir, name) || unlinkat(r->dir, name, 0))
		return false;
	r->removed++;
	return true;
}

static bool is_too_old(const struct xp_rotate *r, const struct xp_rotate_file *f, uint64_t now_ms)
{
	return r->budget.age_ms && now_ms > r->budget.age_ms && f->ms < now_ms - r->budget.age_ms;
}

/* The oldest first, until what is left and the one to come have room. */
static int keep_within(struct xp_rotate *r, uint64_t now_ms, struct xp_err *err)
{
	uint64_t most = r->budget.bytes ? r->budget.bytes - r->budget.bytes / XP_ROTATE_SHARE : UINT64_MAX;
	struct xp_rotate_list l;
	int ret = xp_rotate_list_read(&l, r->dir, r->path, false, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i + 1 < l.nr; i++)
		if ((l.bytes > most || is_too_old(r, &l.v[i], now_ms)) && remove_one(r, l.v[i].name))
			l.bytes -= l.v[i].bytes;
	xp_rotate_list_release(&l);
	return 0;
}

bool xp_rotate_drop_oldest(struct xp_rotate *r)
{
	struct xp_rotate_list l;
	struct xp_err ignored;
	bool gone = false;

	if (xp_rotate_list_read(&l, r->dir, r->path, false, &ignored) < 0)
		return false;
	for (size_t i = 0; !gone && i + 1 < l.nr; i++)
		gone = remove_one(r, l.v[i].name);
	r->removed_for_room += gone;
	xp_rotate_list_release(&l);
	return gone;
}

/* ---- publishing ----------------------------------------------------------*/

static int sync_file(struct xp_rotate *r, const char *part, struct xp_err *err)
{
	int fd = openat(r->dir, part, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), ret = 0;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || fsync(fd))
		ret = xp_fail_errno(err, XP_E_SYSTEM, "%s/%s: cannot write", r->path, part);
	else
		r->bytes += (uint64_t)st.st_size;
	if (fd >= 0)
		close(fd);
	return ret;
}

static int publish(struct xp_rotate *r, uint64_t ms, struct xp_err *err)
{
	char part[XP_ROTATE_NAME_BYTES], name[XP_ROTATE_NAME_BYTES];
	int ret;

	xp_rotate_part(part, ms);
	xp_rotate_name(name, ms);
	ret = sync_file(r, part, err);
	if (ret < 0)
		return ret;
	if (renameat(r->dir, part, r->dir, name) || fsync(r->dir))
		return xp_fail_errno(err, XP_E_SYSTEM, "%s/%s: cannot rename it to %s", r->path, part, name);
	return 0;
}

void xp_rotate_begin(struct xp_rotate *r, uint64_t now_ms)
{
	char part[XP_ROTATE_NAME_BYTES];

	r->last_ms = now_ms > r->last_ms ? now_ms : r->last_ms + 1;
	xp_rotate_part(part, r->last_ms);
	snprintf(r->part, sizeof(r->part), "%s/%s", r->path, part);
}

int xp_rotate_publish(struct xp_rotate *r, uint64_t ms, uint64_t now_ms, struct xp_err *err)
{
	int ret = publish(r, ms, err);

	if (ret < 0)
		return ret;
	r->published++;
	return keep_within(r, now_ms, err);
}

void xp_rotate_discard(struct xp_rotate *r)
{
	if (r->part[0])
		unlink(r->part);
	r->part[0] = '\0';
}

/* ---- opening -------------------------------------------------------------*/

static int lock(struct xp_rotate *r, struct xp_err *err)
{
	if (mkdir(r->path, 0700) && errno != EEXIST)
		return xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot make this directory", r->path);
	r->dir = open(r->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->dir < 0)
		return xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot open; -o names the directory for the profiles", r->path);
	if (!flock(r->dir, LOCK_EX | LOCK_NB))
		return 0;
	if (errno == EWOULDBLOCK)
		return xp_fail(err, XP_E_BUSY, "%s: another 'xprof record --continuous' writes there: end it, or name another "
			       "directory with -o", r->path);
	return xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot lock", r->path);
}

/* A recorder that died left a profile that is whole up to its last second. One that is not even begun goes. */
static int recover(struct xp_rotate *r, struct xp_err *err)
{
	struct xp_rotate_list l;
	int ret = xp_rotate_list_read(&l, r->dir, r->path, true, err);

	for (size_t i = 0; ret == 0 && i < l.nr; i++) {
		if (begins_like_a_profile(r->dir, l.v[i].name)) {
			ret = publish(r, l.v[i].ms, err);
			r->recovered += ret == 0;
		} else if (!l.v[i].bytes) {
			unlinkat(r->dir, l.v[i].name, 0);
		}
	}
	if (ret == 0 || l.v)
		xp_rotate_list_release(&l);
	return ret;
}

static int find_newest(struct xp_rotate *r, struct xp_err *err)
{
	struct xp_rotate_list l;
	int ret = xp_rotate_list_read(&l, r->dir, r->path, false, err);

	if (ret < 0)
		return ret;
	r->last_ms = l.nr ? l.v[l.nr - 1].ms : 0;
	xp_rotate_list_release(&l);
	return 0;
}

int xp_rotate_open(struct xp_rotate *r, const char *path, const struct xp_rotate_budget *budget, uint64_t now_ms, struct xp_err *err)
{
	int ret;

	*r = (struct xp_rotate){ .dir = -1, .budget = *budget };
	snprintf(r->path, sizeof(r->path), "%s", path);
	ret = lock(r, err);
	if (ret == 0)
		ret = recover(r, err);
	r->bytes = 0;
	if (ret == 0)
		ret = find_newest(r, err);
	if (ret == 0)
		ret = keep_within(r, now_ms, err);
	if (ret < 0)
		xp_rotate_close(r);
	return ret;
}

void xp_rotate_close(struct xp_rotate *r)
{
	if (r->dir >= 0)
		close(r->dir); /* and it is not locked any more */
	r->dir = -1;
}
