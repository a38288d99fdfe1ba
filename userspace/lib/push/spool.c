// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/push/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"

#define TAKEN "taken"

/* ---- going through it ----------------------------------------------------*/

struct entry {
	struct xp_spool_name name;
	uint64_t bytes;
};

/* Calls fn for each file that is ours; stops at the first non-zero return, which it returns. */
static int each(struct xp_spool *s, int (*fn)(void *arg, const struct entry *e), void *arg, struct xp_err *err)
{
	int fd = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *file;
	struct stat st;
	struct entry e;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot be listed", s->path);
	}
	while (ret == 0 && (file = readdir(d))) {
		if (!xp_spool_parse(file->d_name, &e.name))
			continue;
		if (fstatat(s->dir, file->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
			continue;
		e.bytes = (uint64_t)st.st_size;
		ret = fn(arg, &e);
	}
	closedir(d);
	return ret;
}

/* Older, or of the same time the smaller id. */
static bool before(const struct xp_spool_name *a, const struct xp_spool_name *b)
{
	return a->ms != b->ms ? a->ms < b->ms : memcmp(a->id, b->id, sizeof(a->id)) < 0;
}

/* ---- opening -------------------------------------------------------------*/

/* What was being written when an earlier push died: a name of ours, a dot and six characters. */
static void remove_halves(struct xp_spool *s)
{
	int fd = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *file;

	while (d && (file = readdir(d))) {
		struct xp_spool_name ignored;
		char name[256];
		size_t len = strlen(file->d_name);

		if (len < 8 || file->d_name[len - 7] != '.')
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(len - 7), file->d_name);
		if (xp_spool_parse(name, &ignored) || !strcmp(name, TAKEN))
			unlinkat(s->dir, file->d_name, 0);
	}
	if (d)
		closedir(d);
}

int xp_spool_open(struct xp_spool *s, const char *path, uint64_t budget, struct xp_err *err)
{
	int ret;

	*s = (struct xp_spool){ .dir = -1, .budget = budget };
	if (snprintf(s->path, sizeof(s->path), "%s", path) >= (int)sizeof(s->path))
		return xp_fail(err, XP_E_USAGE, "%.100s…: the name is too long", path);
	if (mkdir(path, 0700) && errno != EEXIST)
		return xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot make this directory", path);
	s->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0)
		return xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot open", path);
	if (!flock(s->dir, LOCK_EX | LOCK_NB)) {
		remove_halves(s);
		return 0;
	}
	if (errno == EWOULDBLOCK)
		ret = xp_fail(err, XP_E_BUSY, "%s: another 'xprof push' sends from there: end it, or name another directory with --spool", path);
	else
		ret = xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot lock", path);
	xp_spool_close(s);
	return ret;
}

void xp_spool_close(struct xp_spool *s)
{
	if (s->dir >= 0)
		close(s->dir);
	s->dir = -1;
}

/* ---- the budget ----------------------------------------------------------*/

struct oldest {
	struct entry e;
	uint64_t bytes; /* of all */
	bool any;
};

/* Rejected ones go first. */
static int find_first_to_go(void *arg, const struct entry *e)
{
	struct oldest *o = arg;
	bool sooner = e->name.rejected != o->e.name.rejected ? e->name.rejected : before(&e->name, &o->e.name);

	o->bytes += e->bytes;
	if (!o->any || sooner)
		o->e = *e;
	o->any = true;
	return 0;
}

/* Until `more` has room. */
static int make_room(struct xp_spool *s, uint64_t more, struct xp_err *err)
{
	char name[XP_SPOOL_NAME];

	for (;;) {
		struct oldest o = { .any = false };
		int ret = each(s, find_first_to_go, &o, err);

		if (ret < 0 || !o.any || o.bytes + more <= s->budget)
			return ret;
		xp_spool_format(name, &o.e.name);
		if (unlinkat(s->dir, name, 0))
			return xp_fail_errno(err, XP_E_SYSTEM, "%s/%s: cannot be removed", s->path, name);
		s->dropped += !o.e.name.rejected;
		s->dropped_bytes += o.e.name.rejected ? 0 : o.e.bytes;
	}
}

/* ---- in and out ----------------------------------------------------------*/

static int path_of(const struct xp_spool *s, char path[PATH_MAX], const char *name, struct xp_err *err)
{
	if (snprintf(path, PATH_MAX, "%s/%s", s->path, name) < PATH_MAX)
		return 0;
	return xp_fail(err, XP_E_USAGE, "%.100s…: the name is too long", s->path);
}

static int sync_dir(const struct xp_spool *s, struct xp_err *err)
{
	return fsync(s->dir) ? xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot write", s->path) : 0;
}

int xp_spool_put(struct xp_spool *s, const struct xp_spool_name *name, const struct xp_buf *body, struct xp_err *err)
{
	char text[XP_SPOOL_NAME], path[PATH_MAX];
	int ret;

	if (body->len > s->budget || body->len > XP_SPOOL_MAX_BODY)
		return xp_fail(err, XP_E_USAGE, "a message of %zu bytes does not fit into a spool of %llu: --spool-size makes it larger",
			       body->len, (unsigned long long)s->budget);
	xp_spool_format(text, name);
	ret = path_of(s, path, text, err);
	if (ret == 0)
		ret = make_room(s, body->len, err);
	if (ret == 0)
		ret = xp_file_replace(path, body->data, body->len, 0600, err);
	return ret ? ret : sync_dir(s, err);
}

struct search {
	const struct xp_push_kind *kind;
	struct xp_spool_name name;
	size_t others;
	bool any;
};

static int find_oldest(void *arg, const struct entry *e)
{
	struct search *f = arg;

	if (e->name.rejected)
		return 0;
	if (e->name.kind != f->kind)
		f->others++;
	else if (!f->any || before(&e->name, &f->name))
		f->name = e->name;
	f->any |= e->name.kind == f->kind;
	return 0;
}

bool xp_spool_oldest(struct xp_spool *s, const struct xp_push_kind *kind, struct xp_spool_name *name, size_t *others)
{
	struct search f = { .kind = kind };
	struct xp_err ignored;

	if (each(s, find_oldest, &f, &ignored) < 0)
		return false;
	*name = f.name;
	*others = f.others;
	return f.any;
}

int xp_spool_read(struct xp_spool *s, const struct xp_spool_name *name, struct xp_buf *body, struct xp_err *err)
{
	char text[XP_SPOOL_NAME], path[PATH_MAX];
	int ret;

	xp_spool_format(text, name);
	ret = path_of(s, path, text, err);
	return ret ? ret : xp_file_read(path, body, XP_SPOOL_MAX_BODY, err);
}

int xp_spool_sent(struct xp_spool *s, const struct xp_spool_name *name, struct xp_err *err)
{
	char text[XP_SPOOL_NAME];

	xp_spool_format(text, name);
	if (unlinkat(s->dir, text, 0))
		return xp_fail_errno(err, XP_E_SYSTEM, "%s/%s: was sent, but cannot be removed", s->path, text);
	return sync_dir(s, err);
}

int xp_spool_reject(struct xp_spool *s, const struct xp_spool_name *name, struct xp_err *err)
{
	struct xp_spool_name rejected = *name;
	char from[XP_SPOOL_NAME], to[XP_SPOOL_NAME];

	rejected.rejected = true;
	xp_spool_format(from, name);
	xp_spool_format(to, &rejected);
	if (renameat(s->dir, from, s->dir, to))
		return xp_fail_errno(err, XP_E_SYSTEM, "%s/%s: cannot rename it to %s", s->path, from, to);
	return sync_dir(s, err);
}

struct unwanted {
	struct xp_spool *s;
	const struct xp_push_kind *kind;
	uint64_t ms;
};

static int remove_unwanted(void *arg, const struct entry *e)
{
	const struct unwanted *u = arg;
	char name[XP_SPOOL_NAME];

	if (e->name.rejected || e->name.kind != u->kind || e->name.ms != u->ms)
		return 0;
	xp_spool_format(name, &e->name);
	unlinkat(u->s->dir, name, 0);
	return 0;
}

void xp_spool_take_back(struct xp_spool *s, const struct xp_push_kind *kind, uint64_t ms)
{
	struct unwanted u = { s, kind, ms };
	struct xp_err ignored;

	each(s, remove_unwanted, &u, &ignored);
}

void xp_spool_clear(struct xp_spool *s)
{
	struct xp_err ignored;

	s->budget = 0;
	make_room(s, 0, &ignored);
	unlinkat(s->dir, TAKEN, 0);
}

static int count(void *arg, const struct entry *e)
{
	struct xp_spool_counts *c = arg;

	c->waiting += !e->name.rejected;
	c->rejected += e->name.rejected;
	c->bytes += e->bytes;
	return 0;
}

int xp_spool_count(struct xp_spool *s, struct xp_spool_counts *c, struct xp_err *err)
{
	*c = (struct xp_spool_counts){ 0 };
	return each(s, count, c, err);
}

/* ---- what was taken ------------------------------------------------------*/

int xp_spool_taken(struct xp_spool *s, char name[64], struct xp_err *err)
{
	struct xp_buf text = XP_BUF_INIT;
	char path[PATH_MAX];
	int ret = path_of(s, path, TAKEN, err);

	name[0] = '\0';
	if (ret == 0)
		ret = xp_file_read(path, &text, 63, err);
	if (ret == 0)
		snprintf(name, 64, "%.*s", (int)text.len, (const char *)text.data);
	xp_buf_release(&text);
	return ret == XP_E_ABSENT ? 0 : ret;
}

int xp_spool_take(struct xp_spool *s, const char *name, struct xp_err *err)
{
	char path[PATH_MAX];
	int ret = path_of(s, path, TAKEN, err);

	if (ret == 0)
		ret = xp_file_replace(path, name, strlen(name), 0600, err);
	return ret ? ret : sync_dir(s, err);
}
