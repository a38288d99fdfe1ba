// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/guest/btf.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/cursor.h"

#define MAGIC 0xeb9fu
#define HEADER 24u
#define DEPTH 8 /* of unnamed structs in one another */

enum { KIND_INT = 1, KIND_ARRAY = 3, KIND_STRUCT = 4, KIND_UNION = 5, KIND_ENUM = 6, KIND_FUNC_PROTO = 13, KIND_VAR = 14,
       KIND_DATASEC = 15, KIND_DECL_TAG = 17, KIND_ENUM64 = 19, KIND_LAST = 19 };

struct type { uint32_t name, info, size; };
struct member { uint32_t name, type, offset; };

static unsigned int kind_of(const struct type *t) { return t->info >> 24 & 31; }
static uint32_t members_of(const struct type *t) { return t->info & 0xffff; }

/* Bytes behind the type itself. */
static size_t more_of(const struct type *t)
{
	size_t n = members_of(t);

	switch (kind_of(t)) {
	case KIND_INT: case KIND_VAR: case KIND_DECL_TAG: return 4;
	case KIND_ARRAY: return 12;
	case KIND_STRUCT: case KIND_UNION: case KIND_DATASEC: case KIND_ENUM64: return 12 * n;
	case KIND_ENUM: case KIND_FUNC_PROTO: return 8 * n;
	default: return 0;
	}
}

/* All offsets of types are found, or none. */
static int index_types(struct xp_btf *b, struct xp_err *err)
{
	size_t at = 0, room = b->types_len / sizeof(struct type) + 2;

	b->at = malloc((room < XP_BTF_MAX_TYPES ? room : XP_BTF_MAX_TYPES) * sizeof(*b->at));
	if (!b->at)
		return xp_fail(err, XP_E_NOMEM, "no memory for a guest's %zu bytes of types", b->types_len);
	for (b->nr = 1; at < b->types_len; b->nr++) {
		struct type t;

		if (b->nr == XP_BTF_MAX_TYPES || b->types_len - at < sizeof(t))
			return xp_fail(err, XP_E_FORMAT, "types of its kernel: type %u is cut off", b->nr);
		memcpy(&t, b->types + at, sizeof(t));
		if (!kind_of(&t) || kind_of(&t) > KIND_LAST || b->types_len - at - sizeof(t) < more_of(&t))
			return xp_fail(err, XP_E_FORMAT, "types of its kernel: type %u is of kind %u, with %u members", b->nr,
				       kind_of(&t), members_of(&t));
		b->at[b->nr] = (uint32_t)at;
		at += sizeof(t) + more_of(&t);
	}
	return 0;
}

static bool take_section(const uint8_t *data, size_t len, uint32_t header, uint32_t at, uint32_t size, const uint8_t **to)
{
	size_t start = (size_t)header + at;

	*to = data + start;
	return start <= len && size <= len - start;
}

int xp_btf_open(struct xp_btf *b, const void *data, size_t len, struct xp_err *err)
{
	uint32_t header, types_at, types_len, strings_at, strings_len;
	const uint8_t *strings = NULL;
	struct xp_cursor c;
	int rc;

	memset(b, 0, sizeof(*b));
	xp_cursor_init(&c, "types of its kernel", data, len, err);
	if (xp_cursor_u16(&c) != MAGIC)
		xp_cursor_fail(&c, "they do not begin as BTF does");
	xp_cursor_u16(&c); /* version, flags */
	header = xp_cursor_u32(&c);
	types_at = xp_cursor_u32(&c);
	types_len = xp_cursor_u32(&c);
	strings_at = xp_cursor_u32(&c);
	strings_len = xp_cursor_u32(&c);
	if (xp_cursor_ok(&c) &&
	    (header < HEADER || !take_section(data, len, header, types_at, types_len, &b->types) ||
	     !take_section(data, len, header, strings_at, strings_len, &strings) || !strings_len || strings[strings_len - 1]))
		xp_cursor_fail(&c, "a section of theirs is not within them");
	if (!xp_cursor_ok(&c))
		return XP_E_FORMAT;
	b->types_len = types_len;
	b->strings = (const char *)strings;
	b->strings_len = strings_len;
	rc = index_types(b, err);
	if (rc)
		xp_btf_release(b);
	return rc;
}

void xp_btf_release(struct xp_btf *b)
{
	free(b->at);
	b->at = NULL;
	b->nr = 0;
}

static bool type_of(const struct xp_btf *b, uint32_t id, struct type *t)
{
	if (!id || id >= b->nr)
		return false;
	memcpy(t, b->types + b->at[id], sizeof(*t));
	return true;
}

static struct member member_of(const struct xp_btf *b, uint32_t id, uint32_t i)
{
	struct member m;

	memcpy(&m, b->types + b->at[id] + sizeof(struct type) + i * sizeof(m), sizeof(m));
	return m;
}

static bool is_called(const struct xp_btf *b, uint32_t name, const char *text)
{
	return name < b->strings_len && !strcmp(b->strings + name, text);
}

static uint32_t find_struct(const struct xp_btf *b, const char *name)
{
	struct type t;

	for (uint32_t id = 1; type_of(b, id, &t); id++)
		if (kind_of(&t) == KIND_STRUCT && is_called(b, t.name, name))
			return id;
	return 0;
}

static bool find_member(const struct xp_btf *b, uint32_t id, const char *name, int depth, uint32_t *bits)
{
	struct type t;

	if (!type_of(b, id, &t) || (kind_of(&t) != KIND_STRUCT && kind_of(&t) != KIND_UNION))
		return false;
	for (uint32_t i = 0; i < members_of(&t); i++) {
		struct member m = member_of(b, id, i);
		uint32_t at = t.info >> 31 ? m.offset & 0xffffff : m.offset; /* with bit fields: their size is above */

		if (is_called(b, m.name, "") && depth && find_member(b, m.type, name, depth - 1, bits)) {
			*bits += at;
			return true;
		}
		if (*name && is_called(b, m.name, name)) {
			*bits = at;
			return true;
		}
	}
	return false;
}

bool xp_btf_offset(const struct xp_btf *b, const char *of, const char *member, uint32_t *offset)
{
	uint32_t id = find_struct(b, of), bits;

	if (!id || !find_member(b, id, member, DEPTH, &bits))
		return false;
	*offset = bits / 8;
	return true;
}

bool xp_btf_size(const struct xp_btf *b, const char *of, uint32_t *size)
{
	struct type t;
	uint32_t id = find_struct(b, of);

	if (!type_of(b, id, &t))
		return false;
	*size = t.size;
	return true;
}
