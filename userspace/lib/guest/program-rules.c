// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/guest/program-rules.h"

#include <string.h>

#include "lib/base/cursor.h"
#include "lib/guest/program-impl.h"
#include "lib/unwind/cfa.h"
#include "lib/unwind/cfi.h"

#define HEAD 16u /* of .eh_frame_hdr: version, encodings, the address in any of them */

/* Where it lies in the file, and as the program was linked. */
struct place {
	uint64_t offset, end, address;
};

static bool by_section(const struct xp_gfile *f, const Elf64_Ehdr *e, struct place *p)
{
	static struct xp_gsections s;
	const Elf64_Shdr *names;
	char name[sizeof(".eh_frame")];

	if (!xp_gprogram_sections(f, e, &s) || e->e_shstrndx >= s.nr)
		return false;
	names = &s.v[e->e_shstrndx];
	for (size_t i = 0; i < s.nr; i++) {
		const Elf64_Shdr *h = &s.v[i];

		if (h->sh_type == SHT_NOBITS || !(h->sh_flags & SHF_ALLOC) || h->sh_name >= names->sh_size ||
		    !xp_gfile_read(f, names->sh_offset + h->sh_name, name, sizeof(name)) || memcmp(name, ".eh_frame", sizeof(name)))
			continue;
		*p = (struct place){ h->sh_offset, h->sh_offset + h->sh_size, h->sh_addr };
		return p->end > p->offset;
	}
	return false;
}

/* .eh_frame_hdr says where it begins; it ends with its terminator, or its segment. */
static bool by_segment(const struct xp_gprogram *program, const struct xp_gfile *f, const Elf64_Ehdr *e, struct place *p)
{
	Elf64_Phdr h[XP_GPROGRAM_HEADERS];
	uint8_t head[HEAD], encoding;
	size_t nr = xp_gprogram_headers(f, e, h), i, len;
	struct xp_cursor c;

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
	p->address = xp_dwarf_address(&c, encoding, h[i].p_vaddr);
	for (i = 0; xp_cursor_ok(&c) && i < program->nr_segments; i++) {
		const struct xp_gsegment *s = &program->segments[i];

		if (p->address < s->address || p->address - s->address >= s->size)
			continue;
		p->offset = s->offset + (p->address - s->address);
		p->end = s->offset + s->size;
		return p->end > p->offset;
	}
	return false;
}

/* Page by page: what is behind one that is not in memory is left out. */
static bool read_frames(const struct xp_gfile *f, const struct place *p, struct xp_buf *to)
{
	uint64_t offset = p->offset;

	if (p->end - p->offset > XP_GRULES_MAX)
		return false;
	while (offset < p->end) {
		uint64_t page_end = (offset | (XP_GPAGE - 1)) + 1;
		size_t len = (page_end < p->end ? page_end : p->end) - offset;
		uint8_t *at = xp_buf_reserve(to, len);

		if (!at || !xp_gfile_read(f, offset, at, len))
			break;
		to->len += len;
		offset += len;
	}
	return to->len;
}

void xp_gprogram_rules(const struct xp_gprogram *p, const struct xp_gfile *f, struct xp_buf *rules)
{
	struct xp_cfi_section frames = { .name = ".eh_frame" };
	struct xp_buf bytes = XP_BUF_INIT;
	struct xp_unwind_table t;
	struct xp_err ignored;
	struct place place;
	Elf64_Ehdr e;

	if (xp_gprogram_header(f, &e) && (by_section(f, &e, &place) || by_segment(p, f, &e, &place)) && read_frames(f, &place, &bytes)) {
		frames.addr = place.address;
		frames.bytes = bytes.data;
		frames.len = bytes.len;
		xp_unwind_table_init(&t, xp_gprogram_base(p));
		if (!xp_cfi_rules(&t, &frames, 1, &ignored)) {
			if (t.nr)
				xp_unwind_table_encode(&t, rules);
			xp_unwind_table_release(&t);
		}
	}
	xp_buf_release(&bytes);
}
