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
	s[g->nr - 3].address = g->base + text_bytes(g);
	snprintf(s[g->nr - 3].name, sizeof(s[0].name), "_etext");
	s[g->nr - 2].address = g->base + text_bytes(g);
	snprintf(s[g->nr - 2].name, sizeof(s[0].name), "__start_notes");
	s[g->nr - 1].address = g->base + text_bytes(g) + sizeof(note);
	snprintf(s[g->nr - 1].name, sizeof(s[0].name), "__stop_notes");
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
	xp_buf_release(&table);
	free(s);
}

void guest_image_release(struct guest_image *g)
{
	xp_buf_release(&g->frames);
	xp_buf_release(&g->text);
}
