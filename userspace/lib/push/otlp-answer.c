// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/push/otlp-answer.h"

#include "lib/base/cursor.h"

/* A length and so many bytes; of a text that was cut off, as many as there are. */
static void cut_to_fit(struct xp_cursor *c, struct xp_cursor *inside)
{
	uint64_t len = xp_cursor_varint(c);
	size_t n = len < c->left ? (size_t)len : c->left;

	xp_cursor_init(inside, c->name, xp_cursor_bytes(c, n), n, NULL);
}

/* The next field: its number, its value or, of a length-delimited one, a cursor over it. False: there is none, or it is broken. */
static bool next_field(struct xp_cursor *c, uint64_t *number, uint64_t *value, struct xp_cursor *inside)
{
	uint64_t key;

	if (!c->left)
		return false;
	key = xp_cursor_varint(c);
	*number = key >> 3;
	*value = 0;
	xp_cursor_init(inside, c->name, "", 0, NULL);
	switch (key & 7) {
	case 0:
		*value = xp_cursor_varint(c);
		break;
	case 1:
		xp_cursor_u64(c);
		break;
	case 2:
		cut_to_fit(c, inside);
		break;
	case 5:
		xp_cursor_u32(c);
		break;
	default:
		return false;
	}
	return xp_cursor_ok(c);
}

static void parse_partial(struct xp_otlp_answer *a, struct xp_cursor *c)
{
	struct xp_cursor inside;
	uint64_t number, value;

	while (next_field(c, &number, &value, &inside)) {
		if (number == 1)
			a->rejected = value;
		if (number == 2) {
			a->len = inside.left;
			a->message = (const char *)inside.pos;
		}
	}
}

void xp_otlp_answer_parse(struct xp_otlp_answer *a, const void *data, size_t len)
{
	struct xp_cursor c, inside;
	uint64_t number, value;

	*a = (struct xp_otlp_answer){ .message = "" };
	xp_cursor_init(&c, "the store's answer", data, len, NULL);
	while (next_field(&c, &number, &value, &inside))
		if (number == 1)
			parse_partial(a, &inside);
}
