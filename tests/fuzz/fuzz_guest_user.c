// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as the memory in which a guest's process, its mappings and its files are found: records of a frame's number, a
 * length (16 bits each) and that many bytes. Frame 1 is the kernel's root, frame 2 the process'; offsets are those of
 * tests/unit/userimage.c.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/guest/kept.h"
#include "lib/guest/programs.h"

#define FRAMES 512u

static uint8_t memory[FRAMES][XP_GPAGE];

static void read_frames(void *arg, const uint64_t *frames, size_t nr, uint8_t *pages, bool *bad)
{
	(void)arg;
	for (size_t i = 0; i < nr; i++) {
		bad[i] = frames[i] >= FRAMES;
		if (bad[i])
			memset(pages + i * XP_GPAGE, 0, XP_GPAGE);
		else
			memcpy(pages + i * XP_GPAGE, memory[frames[i]], XP_GPAGE);
	}
}

static void fill(const uint8_t *data, size_t size)
{
	memset(memory, 0, sizeof(memory));
	while (size >= 4) {
		uint16_t frame, len;

		memcpy(&frame, data, 2);
		memcpy(&len, data + 2, 2);
		data += 4;
		size -= 4;
		len = len > XP_GPAGE ? XP_GPAGE : len;
		len = len > size ? (uint16_t)size : len;
		memcpy(memory[frame % FRAMES], data, len);
		data += len;
		size -= len;
	}
}

static void take_back(const struct xp_gprograms *p)
{
	struct xp_gfile_info info;
	struct xp_cursor c, symbols, rules;
	char path[XP_GPATH_MAX];

	xp_cursor_init(&c, "files", p->files.data, p->files.len, NULL);
	while (xp_gprograms_next(&c, &info, path, &symbols, &rules)) {
		const uint8_t *at = symbols.pos;
		size_t left = symbols.left;
		struct xp_gsymbol s;
		const char *name;

		while (xp_gsymbol_next(&at, &left, &s, &name))
			if (s.end <= s.start || memchr(name, 0, s.len))
				abort();
		if (left)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct xp_guser_layout layout = {
		.page_bytes = 64, .maple = 1, .vm_end = 8, .vm_flags = 16, .vm_pgoff = 24, .vm_file = 32, .vm_next = 40,
		.file_mnt = 8, .file_inode = 16, .d_name = 8, .mnt = 16, .mnt_parent = 0, .mnt_mountpoint = 8,
		.i_size = 8, .i_ino = 16, .i_generation = 20, .i_sb = 24, .xa_slots = 16, .page_index = 32,
	};
	struct xp_gtask task = { .tgid = 7, .cr3 = 2 * XP_GPAGE, .mm = 0xffff888000000000ull + 80 * XP_GPAGE };
	struct xp_gframes frames = { NULL, read_frames };
	struct xp_gask ask = { .roots = &task.cr3, .nr_roots = 1, .rules = true };
	struct xp_buf tasks = XP_BUF_INIT;
	struct xp_guser_layout l = layout;
	struct xp_gprograms p = { .maps = XP_BUF_INIT };
	static struct xp_gmemory m;
	struct xp_gkept kept;

	fill(data, size);
	l.maple = !size || data[0] < 128;
	xp_buf_add(&tasks, &task, sizeof(task));
	xp_gmemory_init(&m, &frames, 1, 4);
	xp_gprograms_read(&p, &m, &l, &tasks, &ask);
	take_back(&p);
	xp_gprograms_release(&p);
	xp_buf_release(&tasks);
	if (xp_gkept_parse(&kept, data, size))
		xp_gkept_release(&kept);
	return 0;
}
