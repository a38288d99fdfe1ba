// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/archive/archive.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/archive/tar.h"
#include "lib/base/file.h"
#include "lib/base/text.h"

struct tape {
	struct xp_tar tar;
	struct xp_archive *a;
	struct xp_err *err;
};

static int put_file(struct tape *t, int fd, const char *from, const char *name)
{
	uint64_t size;
	int rc = xp_tar_file(&t->tar, fd, from, name, &size, t->err);

	if (rc)
		return rc;
	t->a->files++;
	t->a->bytes += size;
	return 0;
}

/* ---- one image ---- */

static int put_binary(struct tape *t, const struct xp_binary *b, const struct xp_build_id *id, const char *suffix)
{
	char hex[2 * XP_BUILD_ID_MAX + 1], name[100];

	xp_build_id_hex(id, hex);
	snprintf(name, sizeof(name), ".build-id/%.2s/%s%s", hex, hex + 2, suffix);
	return put_file(t, b->fd, b->path, name);
}

static bool same_file(const struct xp_binary *a, const struct xp_binary *b)
{
	struct stat x, y;

	return !fstat(a->fd, &x) && !fstat(b->fd, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Absent debug data are no reason to complain: what most programs come without. */
static int put_debug(struct tape *t, struct xp_archived *i, const struct xp_binary_wanted *w, const struct xp_binary *code,
		     const struct xp_binary_places *places)
{
	struct xp_binary debug;
	struct xp_err ignored;
	int rc = 0;

	if (xp_binary_open(&debug, w, XP_BINARY_DEBUG, places, &ignored))
		return 0;
	i->debug = true;
	if (!same_file(&debug, code))
		rc = put_binary(t, &debug, &w->build_id, ".debug");
	xp_binary_close(&debug);
	return rc;
}

static int put_image(struct tape *t, struct xp_profile *p, struct xp_archived *i, const struct xp_binary_places *places)
{
	struct xp_binary_wanted w;
	struct xp_binary code;
	int rc;

	xp_binary_wanted_init(&w, p, i->image);
	if (w.build_id.len < 2) {
		xp_fail(&i->why, XP_E_ABSENT, "%s: it has no build-id, by which it could be told from another", i->image->name);
		return 0;
	}
	if (xp_binary_open(&code, &w, XP_BINARY_CODE, places, &i->why))
		return 0;
	rc = put_binary(t, &code, &w.build_id, "");
	i->code = !rc;
	if (!rc)
		rc = put_debug(t, i, &w, &code, places);
	xp_binary_close(&code);
	return rc;
}

/* The same build may have been mapped under several names. */
static bool is_packed(const struct xp_archive *a, size_t before)
{
	const struct xp_image *image = a->images[before].image;
	size_t i;

	for (i = 0; i < before; i++)
		if (a->images[i].code && a->images[i].image->build_id_len == image->build_id_len &&
		    !memcmp(a->images[i].image->build_id, image->build_id, image->build_id_len))
			return true;
	return false;
}

/* ---- all of them ---- */

static int put_profile(struct tape *t, const char *file)
{
	struct stat st;
	int fd = open(file, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0 || fstat(fd, &st)) {
		rc = xp_fail_errno(t->err, XP_E_SYSTEM, "%s", file);
	} else {
		t->tar.time = (uint64_t)st.st_mtime; /* of all: packing twice gives the same */
		rc = put_file(t, fd, file, XP_ARCHIVE_PROFILE);
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

static int put_all(struct tape *t, const char *file, struct xp_profile *p, const struct xp_binary_places *places)
{
	struct xp_archive *a = t->a;
	int rc = put_profile(t, file);
	size_t i;

	for (i = 0; i < a->nr && !rc; i++) {
		if (is_packed(a, i))
			a->images[i].code = true;
		else
			rc = put_image(t, p, &a->images[i], places);
	}
	return rc;
}

/* out/host.tar.gz unpacks to host/. */
static void name_folder(struct xp_tar *t, const char *path)
{
	const char *name = xp_text_last_part(path);
	size_t len = strcspn(name, ".");

	if (!len || len >= sizeof(t->folder))
		snprintf(t->folder, sizeof(t->folder), "xprof-archive");
	else
		snprintf(t->folder, sizeof(t->folder), "%.*s", (int)len, name);
}

static int write_tape(struct tape *t, int fd, const char *path, const char *file, struct xp_profile *p,
		      const struct xp_binary_places *places)
{
	int rc = xp_tar_begin(&t->tar, fd, path, t->err);

	if (rc)
		return rc;
	name_folder(&t->tar, path);
	rc = put_all(t, file, p, places);
	return xp_tar_end(&t->tar, rc, t->err);
}

int xp_archive_write(struct xp_archive *a, const char *path, const char *file, struct xp_profile *p,
		     const struct xp_binary_places *places, struct xp_err *err)
{
	struct tape t = { .a = a, .err = err };
	struct xp_new_file out;
	int rc;

	*a = (struct xp_archive){ 0 };
	rc = xp_archive_images(a, p, err);
	if (!rc)
		rc = xp_new_file_begin(&out, path, err);
	if (!rc)
		rc = xp_new_file_end(&out, 0600, write_tape(&t, out.fd, path, file, p, places), err);
	if (rc)
		xp_archive_release(a);
	return rc;
}

void xp_archive_release(struct xp_archive *a)
{
	free(a->images);
	*a = (struct xp_archive){ 0 };
}
