// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/guest/kept.h"

#include <unistd.h>
#include <zlib.h>

#include "lib/base/cache.h"
#include "lib/base/cursor.h"

#define VERSION 4u
#define PREFIX 32u /* bytes before the head */
#define FILE_MAX_BYTES (PREFIX + (size_t)XP_GKEPT_HEAD_MAX + XP_GKEPT_BODY_MAX + (1u << 20))

static const char magic[8] = "XPGKEPT";

static uint32_t sum(const void *data, size_t len)
{
	return (uint32_t)crc32(crc32(0, NULL, 0), data, (uInt)len);
}

/* The prefix. *head: how long that is, and its sum. */
static bool parse_prefix(struct xp_gkept *k, struct xp_cursor *c, uint32_t *head, uint32_t *head_crc)
{
	const uint8_t *m = xp_cursor_bytes(c, sizeof(magic));
	uint32_t version = xp_cursor_u32(c);

	*head = xp_cursor_u32(c);
	*head_crc = xp_cursor_u32(c);
	k->packed = xp_cursor_u32(c);
	k->bytes = xp_cursor_u32(c);
	k->body_crc = xp_cursor_u32(c);
	return xp_cursor_ok(c) && !memcmp(m, magic, sizeof(magic)) && version == VERSION && *head <= XP_GKEPT_HEAD_MAX &&
	       k->bytes <= XP_GKEPT_BODY_MAX && k->packed <= compressBound(XP_GKEPT_BODY_MAX) && k->body_crc;
}

static bool take_head(struct xp_gkept *k, const uint8_t *head, uint32_t len, uint32_t crc)
{
	if (sum(head, len) != crc)
		return false;
	xp_buf_add(&k->head, head, len);
	if (xp_buf_ok(&k->head))
		return true;
	xp_buf_release(&k->head);
	return false;
}

bool xp_gkept_parse(struct xp_gkept *k, const void *data, size_t len)
{
	uint32_t head, crc;
	const uint8_t *at;
	struct xp_cursor c;

	*k = (struct xp_gkept){ .head = XP_BUF_INIT, .fd = -1 };
	xp_cursor_init(&c, "what is kept of a guest", data, len, NULL);
	at = parse_prefix(k, &c, &head, &crc) ? xp_cursor_bytes(&c, head) : NULL;
	return at && take_head(k, at, head, crc);
}

/* As much as the file has of n bytes at `at`. */
static bool load(int fd, off_t at, size_t n, struct xp_buf *to)
{
	uint8_t *p = xp_buf_reserve(to, n + 1);
	ssize_t got = p ? pread(fd, p, n, at) : -1;

	to->len += got > 0 ? (size_t)got : 0;
	return got >= 0;
}

bool xp_gkept_open(struct xp_gkept *k, const char *name)
{
	int fd = xp_cache_open(XP_GKEPT_KIND, name, FILE_MAX_BYTES);
	struct xp_buf bytes = XP_BUF_INIT;
	struct xp_gkept prefix = { .fd = -1 };
	uint32_t head = 0, crc;
	struct xp_cursor c;
	bool ok;

	if (fd < 0)
		return false;
	ok = load(fd, 0, PREFIX, &bytes);
	xp_cursor_init(&c, name, bytes.data, bytes.len, NULL);
	ok = ok && parse_prefix(&prefix, &c, &head, &crc) && load(fd, PREFIX, head, &bytes) &&
	     xp_gkept_parse(k, bytes.data, bytes.len);
	xp_buf_release(&bytes);
	if (ok)
		k->fd = fd;
	else
		close(fd);
	return ok;
}

void xp_gkept_release(struct xp_gkept *k)
{
	xp_buf_release(&k->head);
	if (k->fd >= 0)
		close(k->fd);
	k->fd = -1;
}

bool xp_gkept_body(const struct xp_gkept *k, struct xp_buf *to)
{
	struct xp_buf packed = XP_BUF_INIT;
	uLongf bytes = k->bytes;
	uint8_t *at = xp_buf_reserve(to, (size_t)k->bytes + 1);
	bool ok = at && load(k->fd, (off_t)(PREFIX + k->head.len), k->packed, &packed) && packed.len == k->packed &&
		  uncompress(at, &bytes, packed.data, packed.len) == Z_OK && bytes == k->bytes && sum(at, bytes) == k->body_crc;

	if (ok)
		to->len += bytes;
	xp_buf_release(&packed);
	return ok;
}

void xp_gkept_store(const char *name, const struct xp_buf *head, const struct xp_buf *body)
{
	uLongf packed = compressBound(body->len);
	struct xp_buf file = XP_BUF_INIT;
	uint32_t crc = sum(body->data, body->len);

	if (!xp_buf_ok(head) || !xp_buf_ok(body) || head->len > XP_GKEPT_HEAD_MAX || body->len > XP_GKEPT_BODY_MAX || !crc ||
	    !xp_buf_reserve(&file, PREFIX + head->len + packed) ||
	    compress2(file.data + PREFIX + head->len, &packed, body->data, body->len, Z_BEST_SPEED) != Z_OK) {
		xp_buf_release(&file);
		return;
	}
	xp_buf_add(&file, magic, sizeof(magic));
	xp_buf_u32(&file, VERSION);
	xp_buf_u32(&file, (uint32_t)head->len);
	xp_buf_u32(&file, sum(head->data, head->len));
	xp_buf_u32(&file, (uint32_t)packed);
	xp_buf_u32(&file, (uint32_t)body->len);
	xp_buf_u32(&file, crc);
	xp_buf_add(&file, head->data, head->len);
	xp_cache_store(XP_GKEPT_KIND, name, file.data, file.len + packed, XP_GKEPT_TOTAL);
	xp_buf_release(&file);
}
