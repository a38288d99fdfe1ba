// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/lines/cache.h"

#include <unistd.h>
#include <zlib.h>

#include "lib/base/cache.h"
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

#define KIND "lines"

static bool name_of(char name[2 * XP_BUILD_ID_MAX + 8], const struct xp_build_id *id)
{
	if (id->len < 2)
		return false;
	xp_build_id_hex(id, name);
	return true;
}

bool xp_lines_cache_load(struct xp_lines *l, const struct xp_build_id *id)
{
	char name[2 * XP_BUILD_ID_MAX + 8];
	struct xp_buf bytes = XP_BUF_INIT;
	struct xp_err ignored;
	bool ok;
	int fd;

	*l = (struct xp_lines){ 0 };
	fd = name_of(name, id) ? xp_cache_open(KIND, name, XP_LINES_CACHE_MAX) : -1;
	if (fd < 0)
		return false;
	ok = !xp_file_read_fd(fd, name, &bytes, XP_LINES_CACHE_MAX, &ignored) &&
	     !xp_lines_cache_parse(l, id, bytes.data, bytes.len, &ignored);
	close(fd);
	xp_buf_release(&bytes);
	return ok;
}

void xp_lines_cache_store(const struct xp_lines *l, const struct xp_build_id *id)
{
	char name[2 * XP_BUILD_ID_MAX + 8];
	struct xp_buf bytes = XP_BUF_INIT;

	if (!name_of(name, id))
		return;
	xp_lines_cache_format(l, id, &bytes);
	if (xp_buf_ok(&bytes) && bytes.len <= XP_LINES_CACHE_MAX)
		xp_cache_store(KIND, name, bytes.data, bytes.len, XP_LINES_CACHE_TOTAL);
	xp_buf_release(&bytes);
}
