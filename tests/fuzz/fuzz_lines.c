// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as the answer of the child that reads debug data, and as a file of
 * the cache: with its own head, and with a right one put before it, so that the
 * checksum keeps nothing away.
 */
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#include "lib/base/cursor.h"
#include "lib/lines/answer.h"
#include "lib/lines/cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct xp_build_id id = { 4, { 0xaa, 0xbb, 0xcc, 0xdd } };

static void use(struct xp_lines *l)
{
	uint64_t sum = 0;
	size_t i, j;

	for (i = 0; i < l->nr; i++) {
		const struct xp_line *line = xp_lines_at(l, l->v[i].addr);

		for (j = line->first; j < line->first + line->nr; j++) {
			const struct xp_line_frame *f = &l->frames[j];

			sum += f->line + (f->function ? strlen(f->function) : 0) + (f->file ? strlen(f->file) : 0);
		}
	}
	if (sum == UINT64_MAX)
		abort();
	xp_lines_release(l);
}

static void parse(const void *data, size_t size)
{
	struct xp_lines l;
	struct xp_err err;

	xp_lines_cache_parse(&l, &id, data, size, &err);
	use(&l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xp_buf whole = XP_BUF_INIT;
	struct xp_cursor c;
	struct xp_lines l;
	struct xp_err err;

	xp_cursor_init(&c, "fuzz", data, size, &err);
	xp_answer_read(&l, &c);
	use(&l);
	parse(data, size);
	xp_buf_add(&whole, "XPLINES", 8);
	xp_buf_u32(&whole, XP_LINES_CACHE_VERSION);
	xp_buf_u32(&whole, (uint32_t)crc32(crc32(0, NULL, 0), data, (uInt)size));
	xp_buf_add(&whole, data, size);
	if (xp_buf_ok(&whole))
		parse(whole.data, whole.len);
	xp_buf_release(&whole);
	return 0;
}
