// SPDX-License-Identifier: GPL-2.0-or-later
#include "guestimage.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRESENT    1ull
#define WRITABLE   2ull
#define LARGE      0x80ull
#define NO_EXECUTE (1ull << 63)

#define TABLE_FRAMES 16u        /* the root, one of level 3, one of level 2, the rest of level 1 */
#define IMAGE_BYTES (4u << 20)  /* of the kernel: two large pages */
#define PER_SYMBOL  64u         /* bytes of text */

/* Offsets in the page of data that is behind the text. */
#define LIST_AT     0x100u      /* the kernel's `modules` */
#define MODULE_AT   0x200u
#define MOD_KALLSYMS_AT 0x400u
#define SYMTAB_AT   0x480u
#define TYPETAB_AT  0x500u
#define STRTAB_AT   0x540u
#define TASKS_AT    0x5c0u      /* init_task, a process, a kernel thread, 64 bytes each; and the process' mm */
#define TYPES_AT    0x800u
/* Offsets in struct module, and in what it has within it. */
#define M_LIST      16u
#define M_NAME      40u
#define M_CODE      112u
#define M_KALLSYMS  232u

static const uint8_t note[] = { 4, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0, 0xca, 0xfe, 0xba, 0xbe };

static size_t whole_pages(size_t n)
{
	return (n + XP_GPAGE - 1) / XP_GPAGE * XP_GPAGE;
}

/* Behind the text are the notes, and from the page behind them on the table. */
static size_t text_bytes(const struct guest_image *g)
{
	return whole_pages(g->nr * (size_t)PER_SYMBOL);
}

/* ---- the symbols ---------------------------------------------------------*/

struct symbol { uint64_t address; char type; char name[320]; };

/* Behind the text. */
static const struct { const char *name; unsigned int at; } last[] = {
	{ "_etext", 0 }, { "__start_notes", 0 }, { "__stop_notes", sizeof(note) }, { "modules", LIST_AT },
	{ "init_task", TASKS_AT },
	{ "__start_BTF", TYPES_AT }, { "__stop_BTF", XP_GPAGE },
};
#define NR_LAST (sizeof(last) / sizeof(last[0]))

static void make_symbols(const struct guest_image *g, struct symbol *s)
{
	unsigned int percpu = 7;

	memset(s, 0, g->nr * sizeof(*s));
	for (unsigned int i = 0; i < g->nr; i++) {
		s[i].type = i % 3 ? 't' : 'T';
		s[i].address = g->base + (uint64_t)i * PER_SYMBOL;
		snprintf(s[i].name, sizeof(s[i].name), "__x64_sys_function_%u_of_%x", i, i * 2654435761u);
	}
	for (unsigned int i = 0; i < percpu; i++) {
		s[i].type = 'A';
		s[i].address = (uint64_t)i * 8;
		if (!g->absolute_percpu)
			s[i].address += g->base;
		snprintf(s[i].name, sizeof(s[i].name), "percpu_%u", i);
	}
	s[percpu].type = 'T';
	s[percpu].address = g->base + percpu * PER_SYMBOL;
	snprintf(s[percpu].name, sizeof(s[0].name), "_stext");
	if (g->long_names) {
		memset(s[300].name, 'r', 300);
		s[300].name[300] = '\0';
	}
	for (unsigned int i = 0; i < NR_LAST; i++) {
		struct symbol *l = &s[g->nr - NR_LAST + i];

		l->address = g->base + text_bytes(g) + last[i].at;
		l->type = 'R';
		snprintf(l->name, sizeof(l->name), "%s", last[i].name);
	}
	if (!g->module)
		snprintf(s[g->nr - NR_LAST + 3].name, sizeof(s[0].name), "modules_are_not_built_in");
}

/* ---- the table -----------------------------------------------------------*/

/* Codes above ASCII stand for frequent strings, the others for themselves. */
static const char *const frequent[] = { "__x64_sys_", "function_", "_of_", "percpu_" };

static void token(unsigned int code, char text[16])
{
	size_t n = sizeof(frequent) / sizeof(frequent[0]);

	if (code >= 128 && code < 128 + n)
		snprintf(text, 16, "%s", frequent[code - 128]);
	else if (code > 32 && code < 127)
		snprintf(text, 16, "%c", (int)code);
	else
		text[0] = '\0';
}

static void compress(struct xp_buf *to, const char *text)
{
	while (*text) {
		size_t i, n = sizeof(frequent) / sizeof(frequent[0]);

		for (i = 0; i < n && strncmp(text, frequent[i], strlen(frequent[i])); i++)
			;
		xp_buf_u8(to, i < n ? (uint8_t)(128 + i) : (uint8_t)*text);
		text += i < n ? strlen(frequent[i]) : 1;
	}
}

static void align(struct xp_buf *b)
{
	while (b->len % 8)
		xp_buf_u8(b, 0);
}

static void put(struct xp_buf *b, uint64_t value, unsigned int bytes)
{
	xp_buf_add(b, &value, bytes);
}

static void put_offsets(const struct guest_image *g, const struct symbol *s, struct xp_buf *b)
{
	for (unsigned int i = 0; i < g->nr; i++) {
		if (!g->absolute_percpu)
			put(b, s[i].address - g->base, 4);
		else
			put(b, s[i].type == 'A' ? s[i].address : g->base - 1 - s[i].address, 4);
	}
	align(b);
	put(b, g->base, 8);
}

static void put_names(const struct guest_image *g, const struct symbol *s, struct xp_buf *b)
{
	struct xp_buf one = XP_BUF_INIT, markers = XP_BUF_INIT;
	size_t start;

	put(b, g->nr, 8);
	start = b->len;
	for (unsigned int i = 0; i < g->nr; i++) {
		char whole[336];

		if (i % 256 == 0)
			put(&markers, b->len - start, g->marker_bytes);
		snprintf(whole, sizeof(whole), "%c%s", s[i].type, s[i].name);
		xp_buf_reset(&one);
		compress(&one, whole);
		if (one.len >= 128)
			xp_buf_u8(b, (uint8_t)(0x80 | (one.len & 0x7f)));
		xp_buf_u8(b, (uint8_t)(one.len >= 128 ? one.len >> 7 : one.len));
		xp_buf_add(b, one.data, one.len);
	}
	align(b);
	xp_buf_add(b, markers.data, markers.len);
	align(b);
	xp_buf_release(&one);
	xp_buf_release(&markers);
}

static void put_tokens(struct xp_buf *b)
{
	struct xp_buf index = XP_BUF_INIT;
	size_t start = b->len;

	for (unsigned int code = 0; code < 256; code++) {
		char text[16];

		xp_buf_u16(&index, (uint16_t)(b->len - start));
		token(code, text);
		xp_buf_add(b, text, strlen(text) + 1);
	}
	align(b);
	xp_buf_add(b, index.data, index.len);
	align(b);
	xp_buf_release(&index);
}

static void make_table(const struct guest_image *g, const struct symbol *s, struct xp_buf *b)
{
	if (!g->since_6_4)
		put_offsets(g, s, b);
	put_names(g, s, b);
	for (unsigned int i = 0; g->sequence && i < g->nr; i++)
		xp_buf_add(b, (uint8_t[]){ (uint8_t)i, (uint8_t)(i >> 8), 0 }, 3);
	align(b);
	put_tokens(b);
	if (g->since_6_4)
		put_offsets(g, s, b);
}

/* ---- types, and a module -------------------------------------------------*/

struct member { const char *name; uint32_t type, at; };

static uint32_t string(struct xp_buf *strings, const char *text)
{
	uint32_t at = (uint32_t)strings->len;

	xp_buf_add(strings, text, strlen(text) + 1);
	return at;
}

/* A struct; members end with one without a name that is NULL. */
static void put_struct(struct xp_buf *types, struct xp_buf *strings, const char *name, uint32_t size, const struct member *m)
{
	uint32_t n = 0;

	while (m[n].name)
		n++;
	xp_buf_u32(types, string(strings, name));
	xp_buf_u32(types, 4u << 24 | n);
	xp_buf_u32(types, size);
	for (uint32_t i = 0; i < n; i++) {
		xp_buf_u32(types, m[i].name[0] ? string(strings, m[i].name) : 0);
		xp_buf_u32(types, m[i].type);
		xp_buf_u32(types, m[i].at * 8);
	}
}

/* Some of struct module lies in a struct without a name, as random layouts have it. */
static void make_types(const struct guest_image *g, struct xp_buf *to)
{
	struct xp_buf types = XP_BUF_INIT, strings = XP_BUF_INIT;

	xp_buf_u8(&strings, 0);
	xp_buf_add(&types, (uint32_t[]){ string(&strings, "long"), 1u << 24, 8, 64 }, 16); /* 1: an integer */
	put_struct(&types, &strings, "", 64, (struct member[]){ { "state", 1, 0 }, { "name", 1, M_NAME - 8 }, { NULL, 0, 0 } });
	put_struct(&types, &strings, "module", 512, (struct member[]){
		{ "", 2, 8 }, { "list", 1, M_LIST }, { g->since_6_4 ? "mem" : "core_layout", 1, M_CODE }, { "kallsyms", 1, M_KALLSYMS },
		{ NULL, 0, 0 } });
	put_struct(&types, &strings, g->since_6_4 ? "module_memory" : "module_layout", 80, (struct member[]){
		{ "base", 1, 0 }, { g->since_6_4 ? "size" : "text_size", 1, 24 }, { NULL, 0, 0 } });
	put_struct(&types, &strings, "mod_kallsyms", 32, (struct member[]){
		{ "symtab", 1, 0 }, { "num_symtab", 1, 8 }, { "strtab", 1, 16 }, { "typetab", 1, 24 }, { NULL, 0, 0 } });
	put_struct(&types, &strings, "task_struct", 64, (struct member[]){
		{ "tasks", 1, 0 }, { "mm", 1, 16 }, { "tgid", 1, 24 }, { "real_parent", 1, 32 }, { "comm", 1, 40 }, { NULL, 0, 0 } });
	put_struct(&types, &strings, "mm_struct", 16, (struct member[]){ { "pgd", 1, 8 }, { NULL, 0, 0 } });
	xp_buf_u16(to, 0xeb9f);
	xp_buf_u16(to, 1);
	xp_buf_add(to, (uint32_t[]){ 24, 0, (uint32_t)types.len, (uint32_t)types.len, (uint32_t)strings.len }, 20);
	xp_buf_add(to, types.data, types.len);
	xp_buf_add(to, strings.data, strings.len);
	xp_buf_release(&types);
	xp_buf_release(&strings);
}

static void put_u64(uint8_t *at, uint64_t value)
{
	memcpy(at, &value, 8);
}

/* init_task, process 7 of it, kernel thread 8. */
static void make_tasks(const struct guest_image *g, uint8_t *page, uint64_t address)
{
	uint8_t *at = page + TASKS_AT;

	for (uint64_t i = 0; i < 3; i++, at += 64) {
		put_u64(at, address + TASKS_AT + (i + 1) % 3 * 64);
		put_u64(at + 24, i ? 6 + i : 0);
		put_u64(at + 32, address + TASKS_AT);
		memcpy(at + 40, i == 1 ? "guest_process" : "kernel", i == 1 ? 14 : 7);
	}
	put_u64(page + TASKS_AT + 64 + 16, address + TASKS_AT + 3 * 64);
	put_u64(page + TASKS_AT + 3 * 64 + 8, g->base + XP_GPAGE); /* (any page will do) */
}

/* page: the page of data, and where the kernel has it. */
static void make_module(const struct guest_image *g, uint8_t *page, uint64_t address)
{
	static const char strings[] = "\0guest_open\0guest_data";
	static const uint64_t values[] = { 0, GUEST_MODULE + 0x10, GUEST_MODULE + 0x4000 };
	static const uint32_t names[] = { 0, 1, 12 };
	struct xp_buf types = XP_BUF_INIT;

	put_u64(page + LIST_AT, address + MODULE_AT + M_LIST);
	put_u64(page + MODULE_AT + M_LIST, address + LIST_AT);
	memcpy(page + MODULE_AT + M_NAME, "guest_mod", 10);
	put_u64(page + MODULE_AT + M_CODE, GUEST_MODULE);
	put_u64(page + MODULE_AT + M_CODE + 24, 0x3000);
	put_u64(page + MODULE_AT + M_KALLSYMS, address + MOD_KALLSYMS_AT);
	put_u64(page + MOD_KALLSYMS_AT, address + SYMTAB_AT);
	put_u64(page + MOD_KALLSYMS_AT + 8, 3);
	put_u64(page + MOD_KALLSYMS_AT + 16, address + STRTAB_AT);
	put_u64(page + MOD_KALLSYMS_AT + 24, address + TYPETAB_AT);
	for (size_t i = 0; i < 3; i++) {
		memcpy(page + SYMTAB_AT + 24 * i, &names[i], 4);
		put_u64(page + SYMTAB_AT + 24 * i + 8, values[i]);
	}
	memcpy(page + TYPETAB_AT, "?td", 3);
	memcpy(page + STRTAB_AT, strings, sizeof(strings));
	make_tasks(g, page, address);
	make_types(g, &types);
	memcpy(page + TYPES_AT, types.data, types.len);
	xp_buf_release(&types);
}

/* ---- the memory ----------------------------------------------------------*/

static void read_frames(void *arg, const uint64_t *frames, size_t nr, uint8_t *pages, bool *bad)
{
	const struct guest_image *g = arg;

	for (size_t i = 0; i < nr; i++) {
		bad[i] = frames[i] >= g->frames.len / XP_GPAGE;
		if (bad[i])
			memset(pages + i * XP_GPAGE, 0, XP_GPAGE);
		else
			memcpy(pages + i * XP_GPAGE, g->frames.data + frames[i] * XP_GPAGE, XP_GPAGE);
	}
}

static void entry(struct guest_image *g, uint64_t table, uint64_t index, uint64_t frame, uint64_t flags)
{
	uint64_t value = frame << 12 | PRESENT | flags;

	memcpy(g->frames.data + table * XP_GPAGE + index * 8, &value, 8);
}

static void map(struct guest_image *g, size_t bytes)
{
	uint64_t first = g->base >> 21 & 511;

	entry(g, 0, g->base >> 39 & 511, 1, WRITABLE);
	entry(g, 1, g->base >> 30 & 511, 2, WRITABLE);
	for (uint64_t i = 0; i * (2u << 20) < bytes; i++) {
		if (g->large)
			/* frames of a large page begin at a multiple of its size */
			entry(g, 2, first + i, 512 + i * 512, LARGE | (g->writable ? WRITABLE : 0) | (i ? NO_EXECUTE : 0));
		else
			entry(g, 2, first + i, 3 + i, WRITABLE);
	}
	for (uint64_t i = 0; !g->large && i * XP_GPAGE < bytes; i++)
		entry(g, 3 + i / 512, i % 512, TABLE_FRAMES + i,
		      (g->writable ? WRITABLE : 0) | (i * XP_GPAGE >= text_bytes(g) && !g->writable ? NO_EXECUTE : 0));
}

/* As many frames as the kernel needs; of large pages all. */
static void make_memory(struct guest_image *g, const struct xp_buf *table)
{
	size_t first = (g->large ? 512 : TABLE_FRAMES) * (size_t)XP_GPAGE;
	size_t at = g->large ? (2u << 20) + 40 : text_bytes(g) + XP_GPAGE + 24; /* (large pages: constants have their own) */
	size_t bytes = g->large ? IMAGE_BYTES : whole_pages(at + table->len);

	g->frames.len = 0;
	memset(xp_buf_reserve(&g->frames, first + bytes), 0, first + bytes);
	g->frames.len = first + bytes;
	map(g, bytes);
	memcpy(g->frames.data + first + text_bytes(g), note, sizeof(note));
	if (g->module)
		make_module(g, g->frames.data + first + text_bytes(g), g->base + text_bytes(g));
	g->table = first + at;
	g->table_len = table->len;
	memcpy(g->frames.data + g->table, table->data, table->len);
	g->source = (struct xp_gframes){ g, read_frames };
}

void guest_image_make(struct guest_image *g)
{
	struct symbol *s = malloc(g->nr * sizeof(*s));
	struct xp_buf table = XP_BUF_INIT;

	if (!s)
		abort();
	make_symbols(g, s);
	make_table(g, s, &table);
	make_memory(g, &table);
	for (unsigned int i = 0; i < g->nr; i++) {
		char line[400];

		xp_buf_add(&g->text, line, (size_t)snprintf(line, sizeof(line), "%016" PRIx64 " %c %s\n", s[i].address, s[i].type, s[i].name));
	}
	if (g->module)
		xp_buf_add(&g->text, GUEST_MODULE_TEXT, sizeof(GUEST_MODULE_TEXT) - 1);
	xp_buf_release(&table);
	free(s);
}

void guest_image_release(struct guest_image *g)
{
	xp_buf_release(&g->frames);
	xp_buf_release(&g->text);
}
