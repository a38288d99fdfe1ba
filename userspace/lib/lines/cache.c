// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/lines/cache.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <zlib.h>

#include "lib/base/file.h"
#include "lib/lines/answer.h"

static const char magic[8] = "XPLINES";

/* ---- the bytes ---- */

static void read_head(struct xp_cursor *c, const struct xp_build_id *id)
{
	const uint8_t *m = xp_cursor_bytes(c, sizeof(magic));
	uint32_t version = xp_cursor_u32(c), crc = xp_cursor_u32(c);
	const char *bytes;
	size_t len;

	if (m && memcmp(m, magic, sizeof(magic)))
		xp_cursor_fail(c, "no file of lines");
	if (version != XP_LINES_CACHE_VERSION)
		xp_cursor_fail(c, "version %u", version);
	if (xp_cursor_ok(c) && crc != crc32(crc32(0, NULL, 0), c->pos, (uInt)c->left))
		xp_cursor_fail(c, "its checksum is wrong");
	bytes = xp_cursor_string(c, &len);
	if (xp_cursor_ok(c) && (len != id->len || memcmp(bytes, id->bytes, len)))
		xp_cursor_fail(c, "of another build");
}

int xp_lines_cache_parse(struct xp_lines *l, const struct xp_build_id *id, const void *data, size_t len, struct xp_err *err)
{
	struct xp_cursor c;
	const char *source;
	size_t n;
	int rc;

	*l = (struct xp_lines){ 0 };
	if (len > XP_LINES_CACHE_MAX)
		return xp_fail(err, XP_E_FORMAT, "lines: too long");
	xp_cursor_init(&c, "lines", data, len, err);
	read_head(&c, id);
	source = xp_cursor_string(&c, &n);
	if (!xp_cursor_ok(&c))
		return XP_E_FORMAT;
	rc = xp_answer_read(l, &c);
	if (!rc)
		snprintf(l->source, sizeof(l->source), "%.*s", (int)(n < sizeof(l->source) ? n : sizeof(l->source) - 1), source);
	return rc;
}

static void put_lines(const struct xp_lines *l, struct xp_buf *out)
{
	struct xp_answer a;
	size_t i;

	xp_answer_init(&a);
	for (i = 0; i < l->nr; i++)
		xp_answer_line(&a, l, &l->v[i]);
	xp_answer_finish(&a, out);
	xp_answer_release(&a);
}

void xp_lines_cache_format(const struct xp_lines *l, const struct xp_build_id *id, struct xp_buf *out)
{
	struct xp_buf body = XP_BUF_INIT;

	xp_buf_blob(&body, id->bytes, id->len);
	xp_buf_string(&body, l->source);
	put_lines(l, &body);
	xp_buf_add(out, magic, sizeof(magic));
	xp_buf_u32(out, XP_LINES_CACHE_VERSION);
	xp_buf_u32(out, (uint32_t)crc32(crc32(0, NULL, 0), body.data, (uInt)body.len));
	xp_buf_add(out, body.data, body.len);
	if (!xp_buf_ok(&body))
		out->failed = true;
	xp_buf_release(&body);
}

/* ---- the file ---- */

static bool path_of(char path[PATH_MAX], const char *dir, const struct xp_build_id *id)
{
	char hex[2 * XP_BUILD_ID_MAX + 1];

	if (!dir || id->len < 2)
		return false;
	xp_build_id_hex(id, hex);
	return snprintf(path, PATH_MAX, "%s/%.2s/%s.lines", dir, hex, hex + 2) < PATH_MAX;
}

bool xp_lines_cache_load(struct xp_lines *l, const char *dir, const struct xp_build_id *id)
{
	struct xp_buf bytes = XP_BUF_INIT;
	struct xp_err ignored;
	char path[PATH_MAX];
	bool ok;

	*l = (struct xp_lines){ 0 };
	ok = path_of(path, dir, id) && !xp_file_read(path, &bytes, XP_LINES_CACHE_MAX, &ignored) &&
	     !xp_lines_cache_parse(l, id, bytes.data, bytes.len, &ignored);
	xp_buf_release(&bytes);
	return ok;
}

/* The folders above path, as far as they can be made. */
static void make_folders(char *path)
{
	char *slash;

	for (slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
}

void xp_lines_cache_store(const struct xp_lines *l, const char *dir, const struct xp_build_id *id)
{
	struct xp_buf bytes = XP_BUF_INIT;
	struct xp_err ignored;
	char path[PATH_MAX];

	if (!path_of(path, dir, id))
		return;
	make_folders(path);
	xp_lines_cache_format(l, id, &bytes);
	if (xp_buf_ok(&bytes) && bytes.len <= XP_LINES_CACHE_MAX)
		xp_file_replace(path, bytes.data, bytes.len, 0600, &ignored);
	xp_buf_release(&bytes);
}
