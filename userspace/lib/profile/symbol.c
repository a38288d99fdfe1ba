/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SYMB chunks: the symbols of one image, or some of them in order, as columns:
 * image and number, then gap to the symbol before and size of each, then all
 * names, terminated.
 */
#include "lib/profile/codec.h"

static size_t name_length(const struct xp_symbol *s)
{
	return s->name ? strnlen(s->name, XP_STRING_MAX) : 0;
}

int xp_symbols_encode(struct xp_buf *numbers, struct xp_buf *names, uint32_t image,
		      const struct xp_symbol *symbols, size_t nr, size_t *taken, struct xp_err *err)
{
	struct xp_buf columns = XP_BUF_INIT;
	uint64_t end = 0;
	size_t i;

	for (i = 0; i < nr && names->len + columns.len < XP_CHUNK_AIM_BYTES; i++) {
		const struct xp_symbol *s = &symbols[i];

		if (s->start < end || s->end < s->start) {
			xp_buf_release(&columns);
			return xp_fail(err, XP_E_USAGE, "symbols of image %u are not sorted, or overlap, at %s",
				       image, s->name ? s->name : "");
		}
		xp_buf_varint(&columns, s->start - end);
		xp_buf_varint(&columns, s->end - s->start);
		xp_buf_add(names, s->name, name_length(s));
		xp_buf_u8(names, 0);
		end = s->end;
	}
	xp_buf_varint(numbers, image);
	xp_buf_varint(numbers, i);
	xp_buf_add(numbers, columns.data, columns.len);
	*taken = i;
	i = xp_buf_ok(&columns) && xp_buf_ok(numbers) && xp_buf_ok(names);
	xp_buf_release(&columns);
	return i ? 0 : xp_fail(err, XP_E_NOMEM, "no memory for symbols");
}

/* Arrays grow in powers of two, so their capacity follows from how many there are. */
static size_t capacity(size_t nr)
{
	size_t cap = nr ? 8 : 0;

	while (cap < nr)
		cap *= 2;
	return cap;
}

static bool make_room(struct xp_profile *p, struct xp_image *image, size_t more, struct xp_cursor *c)
{
	struct xp_arena *a = &p->file->arena;
	size_t old = capacity(image->nr_symbols), cap = capacity(image->nr_symbols + more);
	size_t bytes = (cap - old) * sizeof(*image->symbols);
	struct xp_symbol *symbols;

	if (cap == old)
		return true;
	symbols = bytes <= a->limit - a->total ? realloc(image->symbols, cap * sizeof(*symbols)) : NULL;
	if (!symbols) {
		p->file->refused = true;
		return xp_cursor_fail(c, "no memory for %zu symbols", more);
	}
	a->total += bytes;
	image->symbols = symbols;
	return true;
}

static bool decode_numbers(struct xp_cursor *c, struct xp_symbol *symbols, size_t nr, uint64_t first)
{
	uint64_t end = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		symbols[i].start = end + xp_cursor_bounded(c, UINT64_MAX - end, "a symbol's address");
		end = symbols[i].start;
		end += xp_cursor_bounded(c, UINT64_MAX - end, "a symbol's size");
		symbols[i].end = end;
	}
	if (nr && symbols[0].start < first)
		return xp_cursor_fail(c, "symbols are not in order");
	return xp_cursor_ok(c);
}

static bool decode_names(struct xp_cursor *c, struct xp_symbol *symbols, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		const uint8_t *end = memchr(c->pos, 0, c->left);

		if (!end)
			return xp_cursor_fail(c, "a symbol's name does not end");
		symbols[i].name = (const char *)xp_cursor_bytes(c, (size_t)(end - c->pos) + 1);
	}
	return true;
}

bool xp_symbols_decode(struct xp_profile *p, struct xp_cursor *c)
{
	uint64_t id = xp_cursor_varint(c);
	size_t nr = xp_cursor_count(c, 3, "a number of symbols"); /* gap, size, name's end */
	struct xp_symbol *symbols;
	struct xp_image *image;
	uint64_t first;

	if (!xp_cursor_ok(c))
		return false;
	if (id >= p->nr_images)
		return xp_cursor_fail(c, "symbols of image %llu, which is not known", (unsigned long long)id);
	image = &p->images[id];
	if (!make_room(p, image, nr, c))
		return false;
	symbols = image->symbols + image->nr_symbols;
	first = image->nr_symbols ? symbols[-1].end : 0;
	if (!decode_numbers(c, symbols, nr, first) || !decode_names(c, symbols, nr))
		return false;
	image->nr_symbols += nr;
	return true;
}

void xp_symbols_release(struct xp_profile *p)
{
	size_t i;

	for (i = 0; i < p->nr_images; i++)
		free(p->images[i].symbols);
}
