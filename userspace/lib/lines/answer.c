// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/lines/answer.h"

#include "lib/base/hash.h"

#define MIN_SLOTS 1024u
#define NO_MEMORY "no memory for lines"

/* ---- writing ---- */

void xp_answer_init(struct xp_answer *a)
{
	*a = (struct xp_answer){ 0 };
}

void xp_answer_release(struct xp_answer *a)
{
	xp_buf_release(&a->strings);
	xp_buf_release(&a->addresses);
	xp_buf_release(&a->frames);
	free(a->slots);
	free(a->known);
	xp_answer_init(a);
}

static uint32_t hash_of(const char *s, size_t len)
{
	return (uint32_t)xp_hash_end(xp_hash_bytes(XP_HASH_FIRST, s, len));
}

/* Room for one more string, at most half of the slots taken. */
static bool make_room(struct xp_answer *a)
{
	uint32_t room = a->room ? 2 * a->room : MIN_SLOTS / 2, i;
	struct xp_answer_string *known;
	uint32_t *slots;

	if (a->nr_strings < a->room)
		return true;
	known = realloc(a->known, room * sizeof(*known));
	if (known)
		a->known = known;
	slots = calloc(2 * (size_t)room, sizeof(*slots));
	if (!known || !slots) {
		free(slots);
		return false;
	}
	free(a->slots);
	a->slots = slots;
	a->mask = 2 * (size_t)room - 1;
	a->room = room;
	for (i = 0; i < a->nr_strings; i++) {
		size_t at = a->known[i].hash & a->mask;

		while (a->slots[at])
			at = (at + 1) & a->mask;
		a->slots[at] = i + 1;
	}
	return true;
}

static bool is_string(const struct xp_answer *a, uint32_t i, const char *s, size_t len, uint32_t hash)
{
	const struct xp_answer_string *k = &a->known[i];

	return k->hash == hash && k->len == len && !memcmp(a->strings.data + k->at, s, len);
}

uint32_t xp_answer_string(struct xp_answer *a, const char *s)
{
	size_t len = s ? strlen(s) : 0, at;
	uint32_t hash = s ? hash_of(s, len) : 0;

	if (!s || a->failed)
		return 0;
	if (len > UINT16_MAX)
		len = UINT16_MAX;
	if (!make_room(a)) {
		a->failed = true;
		return 0;
	}
	for (at = hash & a->mask; a->slots[at]; at = (at + 1) & a->mask)
		if (is_string(a, a->slots[at] - 1, s, len, hash))
			return a->slots[at];
	xp_buf_varint(&a->strings, len);
	a->known[a->nr_strings] = (struct xp_answer_string){ a->strings.len, (uint32_t)len, hash };
	xp_buf_add(&a->strings, s, len);
	a->failed |= !xp_buf_ok(&a->strings);
	return a->slots[at] = ++a->nr_strings;
}

static void end_address(struct xp_answer *a)
{
	if (!a->nr_addresses)
		return;
	xp_buf_varint(&a->addresses, a->at - a->last);
	xp_buf_varint(&a->addresses, a->nr_frames);
	xp_buf_add(&a->addresses, a->frames.data, a->frames.len);
	a->failed |= !xp_buf_ok(&a->frames);
	xp_buf_reset(&a->frames);
	a->nr_frames = 0;
	a->last = a->at;
}

void xp_answer_begin(struct xp_answer *a, uint64_t addr)
{
	end_address(a);
	a->nr_addresses++;
	a->at = addr;
}

void xp_answer_frame(struct xp_answer *a, uint32_t function, uint32_t file, uint64_t line)
{
	xp_buf_varint(&a->frames, function);
	xp_buf_varint(&a->frames, file);
	xp_buf_varint(&a->frames, line);
	a->nr_frames++;
}

void xp_answer_line(struct xp_answer *a, const struct xp_lines *l, const struct xp_line *line)
{
	size_t i;

	xp_answer_begin(a, line->addr);
	for (i = line->first; i < line->first + line->nr; i++) {
		uint32_t function = xp_answer_string(a, l->frames[i].function);

		xp_answer_frame(a, function, xp_answer_string(a, l->frames[i].file), l->frames[i].line);
	}
}

void xp_answer_finish(struct xp_answer *a, struct xp_buf *out)
{
	end_address(a);
	xp_buf_varint(out, a->nr_strings);
	xp_buf_add(out, a->strings.data, a->strings.len);
	xp_buf_varint(out, a->nr_addresses);
	xp_buf_add(out, a->addresses.data, a->addresses.len);
	if (a->failed || !xp_buf_ok(&a->addresses))
		out->failed = true;
}

/* ---- reading ---- */

struct reader {
	struct xp_lines *l;
	struct xp_cursor *c;
	const char **strings;
	size_t nr_strings, room_frames;
	bool no_memory;
};

static void read_strings(struct reader *r)
{
	size_t i, len;

	r->nr_strings = xp_cursor_count(r->c, 1, "the number of strings");
	r->strings = calloc(r->nr_strings + 1, sizeof(*r->strings));
	r->no_memory = !r->strings;
	for (i = 0; i < r->nr_strings && !r->no_memory && xp_cursor_ok(r->c); i++) {
		const char *s = xp_cursor_string(r->c, &len);

		r->strings[i + 1] = xp_arena_string(&r->l->strings, s, len);
		r->no_memory = !r->strings[i + 1];
	}
}

static void read_frame(struct reader *r, struct xp_line *line)
{
	uint64_t function = xp_cursor_bounded(r->c, r->nr_strings, "a function's number");
	uint64_t file = xp_cursor_bounded(r->c, r->nr_strings, "a file's number");
	uint64_t nr = xp_cursor_bounded(r->c, UINT32_MAX, "a line's number");
	struct xp_line_frame *frames;

	if (r->l->nr_frames == r->room_frames) {
		r->room_frames = r->room_frames ? 2 * r->room_frames : 256;
		frames = realloc(r->l->frames, r->room_frames * sizeof(*frames));
		if (!frames) {
			r->no_memory = true;
			return;
		}
		r->l->frames = frames;
	}
	r->l->frames[r->l->nr_frames++] = (struct xp_line_frame){ r->strings[function], r->strings[file], (uint32_t)nr };
	line->nr++;
}

static void read_addresses(struct reader *r)
{
	size_t nr = xp_cursor_count(r->c, 2, "the number of addresses"), i, j, frames;
	uint64_t addr = 0;

	r->l->v = calloc(nr + 1, sizeof(*r->l->v));
	r->no_memory = !r->l->v;
	for (i = 0; i < nr && !r->no_memory && xp_cursor_ok(r->c); i++) {
		struct xp_line *line = &r->l->v[i];
		uint64_t step = xp_cursor_varint(r->c);

		if ((i && !step) || __builtin_add_overflow(addr, step, &addr)) {
			xp_cursor_fail(r->c, "addresses do not ascend");
			break;
		}
		*line = (struct xp_line){ .addr = addr, .first = r->l->nr_frames };
		frames = xp_cursor_count(r->c, 3, "the number of frames");
		for (j = 0; j < frames && !r->no_memory && xp_cursor_ok(r->c); j++)
			read_frame(r, line);
		r->l->nr = i + 1;
	}
}

int xp_answer_read(struct xp_lines *l, struct xp_cursor *c)
{
	struct reader r = { .l = l, .c = c };

	*l = (struct xp_lines){ 0 };
	xp_arena_init(&l->strings, 4 * c->left + 65536);
	read_strings(&r);
	if (!r.no_memory)
		read_addresses(&r);
	free(r.strings);
	if (xp_cursor_ok(c) && !r.no_memory && c->left)
		xp_cursor_fail(c, "more follows behind the end");
	if (!r.no_memory && xp_cursor_ok(c))
		return 0;
	xp_lines_release(l);
	return r.no_memory ? xp_fail(c->err, XP_E_NOMEM, NO_MEMORY) : XP_E_FORMAT;
}
