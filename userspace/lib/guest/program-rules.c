// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/guest/program-rules.h"

#include <stdlib.h>

#include "lib/base/cursor.h"
#include "lib/guest/program-impl.h"
#include "lib/unwind/cfa.h"
#include "lib/unwind/cfi.h"

#define HEAD 16u /* of .eh_frame_hdr: version, encodings, the address in any of them */

/* Where .eh_frame begins: an address as the program was linked. */
static bool find_frames(const struct xp_gfile *f, uint64_t *address)
{
	Elf64_Phdr h[XP_GPROGRAM_HEADERS];
	uint8_t head[HEAD], encoding;
	size_t nr, i, len;
	struct xp_cursor c;
	Elf64_Ehdr e;

	nr = xp_gprogram_header(f, &e) ? xp_gprogram_headers(f, &e, h) : 0;
	for (i = 0; i < nr && h[i].p_type != PT_GNU_EH_FRAME; i++)
		;
	if (i == nr)
		return false;
	len = h[i].p_filesz < sizeof(head) ? h[i].p_filesz : sizeof(head);
	if (!xp_gfile_read(f, h[i].p_offset, head, len))
		return false;
	xp_cursor_init(&c, ".eh_frame_hdr", head, len, NULL);
	if (xp_cursor_u8(&c) != 1)
		return false;
	encoding = xp_cursor_u8(&c);
	xp_cursor_u16(&c);
	*address = xp_dwarf_address(&c, encoding, h[i].p_vaddr);
	return xp_cursor_ok(&c);
}

/* From there to the end of the segment, page by page: what is behind one that is not in memory is left out. */
static size_t read_frames(const struct xp_gprogram *p, const struct xp_gfile *f, uint64_t address, struct xp_buf *to)
{
	uint64_t offset, end = 0;

	for (uint32_t i = 0; i < p->nr_segments && !end; i++) {
		const struct xp_gsegment *s = &p->segments[i];

		if (address >= s->address && address - s->address < s->size) {
			offset = s->offset + (address - s->address);
			end = s->offset + s->size;
		}
	}
	if (!end || end - offset > XP_GRULES_MAX)
		return 0;
	while (offset < end) {
		uint64_t page_end = (offset | (XP_GPAGE - 1)) + 1;
		size_t len = (page_end < end ? page_end : end) - offset;
		uint8_t *at = xp_buf_reserve(to, len);

		if (!at || !xp_gfile_read(f, offset, at, len))
			break;
		to->len += len;
		offset += len;
	}
	return to->len;
}

static uint64_t base_of(const struct xp_gprogram *p)
{
	uint64_t base = UINT64_MAX;

	for (uint32_t i = 0; i < p->nr_segments; i++)
		base = p->segments[i].address < base ? p->segments[i].address : base;
	return base;
}

void xp_gprogram_rules(const struct xp_gprogram *p, const struct xp_gfile *f, struct xp_buf *rules)
{
	struct xp_cfi_section frames = { .name = ".eh_frame" };
	struct xp_buf bytes = XP_BUF_INIT;
	struct xp_unwind_table t;
	struct xp_err ignored;

	if (find_frames(f, &frames.addr) && read_frames(p, f, frames.addr, &bytes)) {
		frames.bytes = bytes.data;
		frames.len = bytes.len;
		xp_unwind_table_init(&t, base_of(p));
		if (!xp_cfi_rules(&t, &frames, 1, &ignored)) {
			if (t.nr)
				xp_unwind_table_encode(&t, rules);
			xp_unwind_table_release(&t);
		}
	}
	xp_buf_release(&bytes);
}
