// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/debugfile.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define DEBUG_DIR "/usr/lib/debug"

/* What a candidate must be. */
struct wanted {
	const struct xp_build_id *id;
	uint32_t crc; /* counts only where there is no build-id */
};

static bool has_crc(int fd, uint32_t wanted)
{
	static const size_t piece = 65536;
	unsigned char *buf = malloc(piece);
	uLong crc = crc32(0, NULL, 0);
	off_t at = 0;
	ssize_t n;

	if (!buf)
		return false;
	while ((n = pread(fd, buf, piece, at)) > 0) {
		crc = crc32(crc, buf, (uInt)n);
		at += n;
	}
	free(buf);
	return n == 0 && (uint32_t)crc == wanted;
}

static bool fits(const struct xp_debugfile *d, const struct wanted *w)
{
	if (w->id->len)
		return xp_build_id_is(&d->elf.build_id, w->id);
	return has_crc(d->fd, w->crc);
}

static bool is_regular(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode);
}

static bool try_path(struct xp_debugfile *d, const char *path, const struct wanted *w)
{
	struct xp_err ignored;

	d->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (d->fd < 0)
		return false;
	if (!is_regular(d->fd) || xp_elf_open(&d->elf, d->fd, path, &ignored)) {
		close(d->fd);
		return false;
	}
	if (fits(d, w))
		return true;
	xp_debugfile_release(d);
	return false;
}

static bool try_build_id(struct xp_debugfile *d, const char *root, const struct wanted *w)
{
	char hex[2 * XP_BUILD_ID_MAX + 1];
	char path[PATH_MAX];

	if (w->id->len < 2)
		return false;
	xp_build_id_hex(w->id, hex);
	snprintf(path, sizeof(path), "%s" DEBUG_DIR "/.build-id/%.2s/%s.debug", root, hex, hex + 2);
	return try_path(d, path, w);
}

static bool try_link(struct xp_debugfile *d, struct xp_elf *e, const char *root, const char *file, struct wanted *w)
{
	static const char *const formats[][2] = { { "", "" }, { "", ".debug/" }, { DEBUG_DIR, "" } };
	const char *link = xp_elf_debuglink(e, &w->crc);
	const char *slash = strrchr(file, '/');
	char path[PATH_MAX];
	size_t i;

	if (!link || !*link || strchr(link, '/') || !slash)
		return false;
	for (i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		snprintf(path, sizeof(path), "%s%s%.*s%s%s", root, formats[i][0], (int)(slash - file + 1), file,
			 formats[i][1], link);
		if (try_path(d, path, w))
			return true;
	}
	return false;
}

bool xp_debugfile_open(struct xp_debugfile *d, struct xp_elf *e, const char *root, const char *path)
{
	struct wanted w = { .id = &e->build_id };

	*d = (struct xp_debugfile){ .fd = -1 };
	return try_build_id(d, root, &w) || try_link(d, e, root, path, &w);
}

static bool try_debuginfod(struct xp_debugfile *d, const char *root, const struct wanted *w)
{
	const char *cache = getenv("DEBUGINFOD_CACHE_PATH");
	char hex[2 * XP_BUILD_ID_MAX + 1], path[PATH_MAX];

	xp_build_id_hex(w->id, hex);
	if (cache && *cache)
		snprintf(path, sizeof(path), "%s/%s/debuginfo", cache, hex);
	else
		snprintf(path, sizeof(path), "%s/root/.cache/debuginfod_client/%s/debuginfo", root, hex);
	return try_path(d, path, w);
}

/* A path that a guest has told. What is opened by mistake must be a file: to open a device may do something. */
static bool try_same_path(struct xp_debugfile *d, const char *root, const char *file, const struct wanted *w)
{
	static const char *const folders[] = { "/usr/", "/lib/", "/lib64/", "/bin/", "/sbin/", "/opt/" };
	char path[PATH_MAX];
	struct stat st;
	size_t i;

	for (i = 0; i < sizeof(folders) / sizeof(*folders) && strncmp(file, folders[i], strlen(folders[i])); i++)
		;
	if (i == sizeof(folders) / sizeof(*folders) || strstr(file, "/../") ||
	    snprintf(path, sizeof(path), "%s%s", root, file) >= PATH_MAX || stat(path, &st) || !S_ISREG(st.st_mode))
		return false;
	return try_path(d, path, w);
}

bool xp_debugfile_of_build(struct xp_debugfile *d, const struct xp_build_id *id, const char *root, const char *path)
{
	struct wanted w = { .id = id };

	*d = (struct xp_debugfile){ .fd = -1 };
	return id->len && (try_build_id(d, root, &w) || try_debuginfod(d, root, &w) || try_same_path(d, root, path, &w));
}

void xp_debugfile_release(struct xp_debugfile *d)
{
	xp_elf_release(&d->elf);
	close(d->fd);
	d->fd = -1;
}
