// SPDX-License-Identifier: GPL-2.0-or-later
#include "userimage.h"

#include <stdlib.h>
#include <string.h>

#define DIRECT  0xffff888000000000ull
#define VMEMMAP 0xffffea0000000000ull
#define PAGE_BYTES 64u
#define FOLIO 4u /* pages of each, but for the last ones */
#define LOW_TABLES 64u /* frames for page tables, from the third on */

/* Where structs lie, in the direct map: a page each. */
enum { MM = 80, ROOT, LEAF, AREAS, FILE_, DENTRIES, MOUNTS, INODE, MAPPING, SUPER, NODES, FIRST_FILE_FRAME = 400 };
#define AT(page) (DIRECT + (uint64_t)(page) * XP_GPAGE)
#define PAGES_AT 200 /* frames of the vmemmap */

static uint8_t *frame(struct user_image *u, uint64_t number)
{
	return u->frames.data + number * XP_GPAGE;
}

static void put(struct user_image *u, uint64_t address, uint64_t value)
{
	memcpy(u->frames.data + (address - DIRECT), &value, 8);
}

static void put_text(struct user_image *u, uint64_t address, const char *text)
{
	memcpy(u->frames.data + (address - DIRECT), text, strlen(text) + 1);
}

/* ---- page tables ---------------------------------------------------------*/

static uint64_t next_table;

static void map(struct user_image *u, uint64_t root, uint64_t address, uint64_t to, uint64_t flags)
{
	uint64_t table = root;

	for (int level = 4; level; level--) {
		uint64_t *entry = (uint64_t *)(void *)frame(u, table) + (address >> (12 + 9 * (level - 1)) & 511);

		if (level == 1)
			*entry = to << 12 | flags | 1;
		else if (!*entry)
			*entry = next_table++ << 12 | 3;
		table = *entry >> 12 & 0xffffffffff;
	}
	if (next_table >= LOW_TABLES)
		abort();
}

/* ---- the process ---------------------------------------------------------*/

static void area(struct user_image *u, uint64_t at, uint64_t start, uint64_t end, uint64_t flags, uint64_t pages, uint64_t file)
{
	put(u, at, start);
	put(u, at + 8, end);
	put(u, at + 16, flags);
	put(u, at + 24, pages);
	put(u, at + 32, file);
}

/* Data without a file, the file's code, the file's data that can be written, in this order of addresses. */
static void make_areas(struct user_image *u)
{
	uint64_t end = USER_CODE + (u->file_len + XP_GPAGE - 1) / XP_GPAGE * XP_GPAGE;

	area(u, AT(AREAS), 0x10000, 0x12000, 3, 0, 0);
	area(u, AT(AREAS) + 64, USER_CODE, end, 5, 0, AT(FILE_));
	area(u, AT(AREAS) + 128, end, end + XP_GPAGE, 3, 1, AT(FILE_));
	put(u, AT(AREAS) + 40, AT(AREAS) + 64);
	put(u, AT(AREAS) + 64 + 40, AT(AREAS) + 128);
	if (u->list) {
		put(u, AT(MM), AT(AREAS));
		return;
	}
	/* the root has one leaf for all, and an empty slot behind it; pivots are last addresses */
	put(u, AT(MM), AT(ROOT) | 3 << 3 | 2);
	put(u, AT(ROOT) + 8, 0x7fffffffffffull);
	put(u, AT(ROOT) + 80, AT(LEAF) | 1 << 3 | 4);
	put(u, AT(LEAF) + 8, 0xffff);
	put(u, AT(LEAF) + 16, 0x11fff);
	put(u, AT(LEAF) + 24, USER_CODE - 1);
	put(u, AT(LEAF) + 32, end - 1);
	put(u, AT(LEAF) + 40, end + XP_GPAGE - 1);
	put(u, AT(LEAF) + 48, 0x7fffffffffffull);
	put(u, AT(LEAF) + 128 + 8, AT(AREAS));
	put(u, AT(LEAF) + 128 + 24, AT(AREAS) + 64);
	put(u, AT(LEAF) + 128 + 32, AT(AREAS) + 128);
}

/* /mnt/dir/program: on a filesystem that is mounted at /mnt. An entry: parent, name, inode; a mount: parent, place, then vfsmount. */
static void make_path(struct user_image *u)
{
	static const char *const names[] = { "/", "mnt", "/", "dir", "program" };

	for (uint64_t i = 0; i < 5; i++) {
		uint64_t parent = i == 0 || i == 2 ? i : i - 1;

		put(u, AT(DENTRIES) + 64 * i, AT(DENTRIES) + 64 * parent);
		put(u, AT(DENTRIES) + 64 * i + 8, AT(DENTRIES) + 1024 + 64 * i);
		put_text(u, AT(DENTRIES) + 1024 + 64 * i, names[i]);
	}
	put(u, AT(MOUNTS), AT(MOUNTS));
	put(u, AT(MOUNTS) + 16, AT(DENTRIES));
	put(u, AT(MOUNTS) + 64, AT(MOUNTS));
	put(u, AT(MOUNTS) + 72, AT(DENTRIES) + 64);
	put(u, AT(MOUNTS) + 80, AT(DENTRIES) + 128);
	put(u, AT(FILE_), AT(DENTRIES) + 256);
	put(u, AT(FILE_) + 8, AT(MOUNTS) + 64 + 16);
	put(u, AT(FILE_) + 16, AT(INODE));
}

/* ---- the page cache ------------------------------------------------------*/

static bool is_missing(const struct user_image *u, size_t page)
{
	return page >= u->missing_from && page < u->missing_to;
}

/* An entry of a folio's first page, siblings behind it; a page that is not there is a value (swapped out). */
static void make_page(struct user_image *u, uint64_t node, size_t page)
{
	uint64_t at = VMEMMAP + PAGE_BYTES * (FIRST_FILE_FRAME + page), first = page % 64 / FOLIO * FOLIO;
	uint64_t entry = page % FOLIO ? first << 2 | 2 : at;

	put(u, AT(PAGES_AT) + (at - VMEMMAP) + 32, page);
	if (u->missing_to)
		entry = is_missing(u, page) ? 0x1001 : at; /* single pages then */
	put(u, node + 16 + 8 * (page % 64), entry);
}

static void make_cache(struct user_image *u, size_t nr)
{

	put(u, AT(INODE), AT(MAPPING));
	put(u, AT(INODE) + 8, u->file_len);
	put(u, AT(INODE) + 16, 4711);
	put(u, AT(INODE) + 24, AT(SUPER));
	put(u, AT(SUPER), 0x801);
	put(u, AT(MAPPING), u->only_mapped ? 0 : AT(NODES) | 2);
	*(frame(u, NODES)) = 6;
	for (size_t i = 0; i < nr; i++) {
		uint64_t node = AT(NODES + 1 + i / 64);

		put(u, AT(NODES) + 16 + 8 * (i / 64), node | 2);
		make_page(u, node, i);
	}
}

static void read_frames(void *arg, const uint64_t *frames, size_t nr, uint8_t *pages, bool *bad)
{
	const struct user_image *u = arg;

	for (size_t i = 0; i < nr; i++) {
		bad[i] = frames[i] >= u->frames.len / XP_GPAGE;
		if (bad[i])
			memset(pages + i * XP_GPAGE, 0, XP_GPAGE);
		else
			memcpy(pages + i * XP_GPAGE, u->frames.data + frames[i] * XP_GPAGE, XP_GPAGE);
	}
}

static void make_file(struct user_image *u, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		size_t left = u->file_len - i * XP_GPAGE;

		memcpy(frame(u, FIRST_FILE_FRAME + i), u->file + i * XP_GPAGE, left < XP_GPAGE ? left : XP_GPAGE);
		if (!is_missing(u, i) && u->only_mapped)
			map(u, USER_CR3 / XP_GPAGE, USER_CODE + i * XP_GPAGE, FIRST_FILE_FRAME + i, 4);
	}
}

void user_image_make(struct user_image *u)
{
	size_t nr = (u->file_len + XP_GPAGE - 1) / XP_GPAGE, all = FIRST_FILE_FRAME + nr;

	memset(xp_buf_reserve(&u->frames, all * XP_GPAGE), 0, all * XP_GPAGE);
	u->frames.len = all * XP_GPAGE;
	next_table = 3;
	for (uint64_t i = 0; i < all; i++)
		map(u, 1, DIRECT + i * XP_GPAGE, i, 2);
	for (uint64_t i = 0; i * XP_GPAGE < (FIRST_FILE_FRAME + nr) * PAGE_BYTES; i++)
		map(u, 1, VMEMMAP + i * XP_GPAGE, PAGES_AT + i, 2);
	make_areas(u);
	make_path(u);
	make_cache(u, nr);
	make_file(u, nr);
	u->layout = (struct xp_guser_layout){
		.page_bytes = PAGE_BYTES, .maple = !u->list, .vm_end = 8, .vm_flags = 16, .vm_pgoff = 24, .vm_file = 32, .vm_next = 40,
		.file_mnt = 8, .file_inode = 16, .d_name = 8, .mnt = 16, .mnt_parent = 0, .mnt_mountpoint = 8,
		.i_size = 8, .i_ino = 16, .i_generation = 20, .i_sb = 24, .xa_slots = 16, .page_index = 32,
	};
	u->task = (struct xp_gtask){ .tgid = 7, .cr3 = USER_CR3, .mm = AT(MM), .started = 12345, .comm = "program" };
	u->source = (struct xp_gframes){ u, read_frames };
}

void user_image_release(struct user_image *u)
{
	xp_buf_release(&u->frames);
}
