// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/table.h"

#include "lib/base/cursor.h"

#define ENCODING 2 /* 1 had three rules for rbp */
#define MIN_RULE_BYTES 4u

void xp_unwind_table_init(struct xp_unwind_table *t, uint64_t base)
{
	*t = (struct xp_unwind_table){ .base = base };
}

void xp_unwind_table_release(struct xp_unwind_table *t)
{
	free(t->rules);
	xp_unwind_table_init(t, 0);
}

static bool reserve(struct xp_unwind_table *t)
{
	size_t room = t->room ? 2 * t->room : 256;
	struct xp_rule *rules;

	if (t->nr < t->room)
		return true;
	if (t->nr >= XP_UNWIND_MAX_RULES)
		return false;
	rules = realloc(t->rules, room * sizeof(*rules));
	if (!rules)
		return false;
	t->rules = rules;
	t->room = room;
	return true;
}

static bool append(struct xp_unwind_table *t, uint32_t start, const struct xp_rule *rule)
{
	if (t->nr && xp_rule_same(&t->rules[t->nr - 1], rule))
		return true;
	if (!t->nr && rule->kind == XP_FRAME_NONE)
		return true;
	if (!reserve(t))
		return false;
	t->rules[t->nr] = *rule;
	t->rules[t->nr++].start = start;
	return true;
}

bool xp_unwind_table_add(struct xp_unwind_table *t, uint64_t addr, const struct xp_rule *rule)
{
	uint64_t start = addr - t->base;

	if (addr < t->base || start > UINT32_MAX)
		return false;
	if (t->nr && start < t->rules[t->nr - 1].start)
		return false;
	if (t->nr && start == t->rules[t->nr - 1].start)
		t->nr--;
	return append(t, (uint32_t)start, rule);
}

/* How many rules start at or before `start`. */
static size_t rules_before(const struct xp_unwind_table *t, uint32_t start)
{
	size_t low = 0, high = t->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->rules[mid].start <= start)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct xp_rule *xp_unwind_table_find(const struct xp_unwind_table *t, uint64_t addr)
{
	uint64_t start = addr - t->base;
	size_t nr;

	if (addr < t->base || start > UINT32_MAX)
		return NULL;
	nr = rules_before(t, (uint32_t)start);
	return nr && t->rules[nr - 1].kind != XP_FRAME_NONE ? &t->rules[nr - 1] : NULL;
}

/* What says how the numbers that follow are to be read, in one byte. */
static uint8_t shape(const struct xp_rule *r)
{
	return (uint8_t)((r->kind * XP_CFA_BASES + r->base) * XP_RBP_RULES + r->rbp_rule);
}

void xp_unwind_table_encode(const struct xp_unwind_table *t, struct xp_buf *out)
{
	uint32_t last = 0;
	size_t i;

	xp_buf_varint(out, ENCODING);
	xp_buf_u64(out, t->base);
	xp_buf_varint(out, t->nr);
	for (i = 0; i < t->nr; i++) {
		const struct xp_rule *r = &t->rules[i];

		xp_buf_varint(out, r->start - last);
		xp_buf_u8(out, shape(r));
		xp_buf_zigzag(out, r->cfa);
		xp_buf_zigzag(out, r->rbp);
		last = r->start;
	}
}

static bool decode_rule(struct xp_cursor *c, uint32_t *last, struct xp_rule *rule)
{
	uint64_t delta = xp_cursor_bounded(c, UINT32_MAX - *last, "a rule's start");
	uint8_t shape = xp_cursor_u8(c);
	int64_t cfa = xp_cursor_zigzag(c), rbp = xp_cursor_zigzag(c);

	if (shape >= XP_FRAME_KINDS * XP_CFA_BASES * XP_RBP_RULES)
		return xp_cursor_fail(c, "rule of unknown shape %u", shape);
	if (cfa != (int32_t)cfa || rbp != (int16_t)rbp)
		return xp_cursor_fail(c, "a rule's offset is too large");
	*last += (uint32_t)delta;
	*rule = (struct xp_rule){ .start = *last, .cfa = (int32_t)cfa, .rbp = (int16_t)rbp,
		.kind = shape / (XP_CFA_BASES * XP_RBP_RULES),
		.base = shape / XP_RBP_RULES % XP_CFA_BASES, .rbp_rule = shape % XP_RBP_RULES };
	return xp_cursor_ok(c);
}

static int decode_rules(struct xp_unwind_table *t, struct xp_cursor *c, struct xp_err *err)
{
	size_t nr = xp_cursor_count(c, MIN_RULE_BYTES, "rules");
	struct xp_rule rule;
	uint32_t last = 0;

	while (nr-- && decode_rule(c, &last, &rule))
		if (!xp_unwind_table_add(t, t->base + last, &rule))
			return xp_fail(err, XP_E_NOMEM, "no memory for %zu unwind rules", t->nr);
	return xp_cursor_ok(c) ? 0 : XP_E_FORMAT;
}

int xp_unwind_table_decode(struct xp_unwind_table *t, const void *data, size_t len, struct xp_err *err)
{
	struct xp_cursor c;
	int rc;

	xp_cursor_init(&c, "unwind table", data, len, err);
	xp_unwind_table_init(t, 0);
	if (xp_cursor_varint(&c) != ENCODING && xp_cursor_ok(&c))
		return xp_fail(err, XP_E_VERSION, "unwind table of an unknown version");
	t->base = xp_cursor_u64(&c);
	rc = decode_rules(t, &c, err);
	if (rc)
		xp_unwind_table_release(t);
	return rc;
}
