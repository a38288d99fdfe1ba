// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/file.h"

#define DEFAULT "/var/cache/xprof"
#define DAY 86400
#define NAME_BYTES 200u
#define FILES_MAX 65536u /* that are looked at before one goes */

static bool is_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	return *name && *name != '.' && strlen(name) < NAME_BYTES && strspn(name, letters) == strlen(name);
}

static bool is_ours(const struct stat *st)
{
	return st->st_uid == geteuid() && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

static int checked_folder(int fd)
{
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) || !is_ours(&st))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The folder and, in a system that has not even /var/cache, those above it. */
static void make_folders(const char *dir)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s", dir) >= PATH_MAX)
		return;
	for (char *slash = path; (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	mkdir(path, 0700);
}

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value == '/' ? value : NULL;
}

/* False: there is none. */
static bool find_dir(char dir[PATH_MAX])
{
	const char *own = environment("XPROF_CACHE"), *xdg = environment("XDG_CACHE_HOME"), *home = environment("HOME");
	int n = -1;

	if (own)
		n = snprintf(dir, PATH_MAX, "%s", own);
	else if (xdg)
		n = snprintf(dir, PATH_MAX, "%s/xprof", xdg);
	else if (!geteuid())
		n = snprintf(dir, PATH_MAX, "%s", DEFAULT);
	else if (home)
		n = snprintf(dir, PATH_MAX, "%s/.cache/xprof", home);
	return n > 0 && n < PATH_MAX;
}

/* The folder of a kind; make: if it is not there. -1: there is none that is ours. */
static int open_folder(const char *kind, bool make)
{
	char dir[PATH_MAX];
	int top, fd;

	if (!is_name(kind) || !find_dir(dir))
		return -1;
	if (make)
		make_folders(dir);
	top = checked_folder(open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	if (top < 0)
		return -1;
	fd = make && mkdirat(top, kind, 0700) && errno != EEXIST ? -1 :
	     checked_folder(openat(top, kind, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	close(top);
	return fd;
}

int xp_cache_open(const char *kind, const char *name, size_t max)
{
	int folder = is_name(name) ? open_folder(kind, false) : -1;
	int fd = folder < 0 ? -1 : openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (folder >= 0)
		close(folder);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !is_ours(&st) || (uint64_t)st.st_size > max) {
		close(fd);
		return -1;
	}
	if (st.st_mtime < time(NULL) - DAY)
		futimens(fd, NULL); /* it is in use */
	return fd;
}

/* ---- the bound -----------------------------------------------------------*/

struct kept { struct timespec used; uint64_t size; char name[NAME_BYTES]; };

static int by_use(const void *pa, const void *pb)
{
	const struct kept *a = pa, *b = pb;

	if (a->used.tv_sec != b->used.tv_sec)
		return a->used.tv_sec < b->used.tv_sec ? -1 : 1;
	return a->used.tv_nsec < b->used.tv_nsec ? -1 : a->used.tv_nsec > b->used.tv_nsec;
}

static struct kept *list_files(int folder, size_t *nr, uint64_t *sum)
{
	DIR *dir = fdopendir(dup(folder));
	struct kept *files = NULL;
	struct dirent *entry;
	size_t room = 0;

	*nr = 0;
	*sum = 0;
	while (dir && *nr < FILES_MAX && (entry = readdir(dir))) {
		struct stat st;

		if (*entry->d_name == '.' || strlen(entry->d_name) >= NAME_BYTES ||
		    fstatat(folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
			continue;
		if (*nr == room) {
			struct kept *more = realloc(files, (room ? 2 * room : 64) * sizeof(*files));

			if (!more)
				break;
			files = more;
			room = room ? 2 * room : 64;
		}
		files[*nr] = (struct kept){ .used = st.st_mtim, .size = (uint64_t)st.st_size };
		memcpy(files[(*nr)++].name, entry->d_name, strlen(entry->d_name) + 1);
		*sum += (uint64_t)st.st_size;
	}
	if (dir)
		closedir(dir);
	return files;
}

static void prune(int folder, uint64_t total)
{
	uint64_t sum;
	size_t nr;
	struct kept *files = list_files(folder, &nr, &sum);

	if (sum > total)
		qsort(files, nr, sizeof(*files), by_use);
	for (size_t i = 0; i < nr && sum > total; i++) {
		if (!unlinkat(folder, files[i].name, 0))
			sum -= files[i].size;
	}
	free(files);
}

void xp_cache_store(const char *kind, const char *name, const void *data, size_t len, uint64_t total)
{
	int folder = is_name(name) ? open_folder(kind, true) : -1, fd;
	char temp[NAME_BYTES + 32];
	struct xp_err ignored;
	bool ok;

	if (folder < 0)
		return;
	snprintf(temp, sizeof(temp), "%s.%d.new", name, (int)getpid());
	unlinkat(folder, temp, 0);
	fd = openat(folder, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0) {
		ok = !xp_file_write_all(fd, data, len, temp, &ignored);
		ok &= !close(fd);
		/* (Not synced: who reads it checks its sum.) */
		if (!ok || renameat(folder, temp, folder, name))
			unlinkat(folder, temp, 0);
		else
			prune(folder, total);
	}
	close(folder);
}
