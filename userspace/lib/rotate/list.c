// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/rotate/list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int add(struct xp_rotate_list *l, size_t *room, const struct xp_rotate_file *file, struct xp_err *err)
{
	size_t more = *room ? *room * 2 : 64;
	struct xp_rotate_file *v;

	if (l->nr == XP_ROTATE_MAX_FILES)
		return xp_fail(err, XP_E_USAGE, "more than %u profiles in one directory", XP_ROTATE_MAX_FILES);
	if (l->nr == *room) {
		v = realloc(l->v, more * sizeof(*v));
		if (!v)
			return xp_fail(err, XP_E_NOMEM, "no memory for a list of %zu profiles", more);
		l->v = v;
		*room = more;
	}
	l->v[l->nr++] = *file;
	l->bytes += file->bytes;
	return 0;
}

static int look_at(struct xp_rotate_list *l, size_t *room, int dir, const char *name, bool parts, struct xp_err *err)
{
	struct xp_rotate_file file = { .name = "" };
	struct stat st;

	if (!(parts ? xp_rotate_is_part(name, &file.ms) : xp_rotate_is_name(name, &file.ms)))
		return 0;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
		return 0; /* it has just gone, or is not ours */
	memcpy(file.name, name, strlen(name) + 1); /* such a name fits */
	file.bytes = (uint64_t)st.st_size;
	return add(l, room, &file, err);
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct xp_rotate_file *)a)->name, ((const struct xp_rotate_file *)b)->name);
}

int xp_rotate_list_read(struct xp_rotate_list *l, int dir, const char *path, bool parts, struct xp_err *err)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	size_t room = 0;

	*l = (struct xp_rotate_list){ .v = NULL };
	if (!d) {
		if (fd >= 0)
			close(fd);
		return xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot be listed", path);
	}
	while (ret == 0 && (errno = 0, e = readdir(d)))
		ret = look_at(l, &room, dir, e->d_name, parts, err);
	if (ret == 0 && errno)
		ret = xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot be listed", path);
	closedir(d);
	if (ret < 0)
		xp_rotate_list_release(l);
	else if (l->nr)
		qsort(l->v, l->nr, sizeof(*l->v), compare);
	return ret;
}

void xp_rotate_list_release(struct xp_rotate_list *l)
{
	free(l->v);
	*l = (struct xp_rotate_list){ .v = NULL };
}
