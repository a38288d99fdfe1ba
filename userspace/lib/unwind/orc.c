// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/orc.h"

#include "lib/base/sort.h"

/* Base registers. Others (rdx, rdi, r10, r13) are not followed. */
enum { REG_UNDEFINED, REG_PREV_SP, REG_BP = 4, REG_SP = 5, REG_BP_INDIRECT = 8, REG_SP_INDIRECT = 9 };

enum type { UNDEFINED, END_OF_STACK, CALL, REGS, REGS_PARTIAL };

#define PT_REGS_RBP 32 /* Linux's struct pt_regs on x86-64 */
#define PT_REGS_RIP 128

struct entry {
	int16_t sp_offset, bp_offset;
	uint8_t sp_reg, bp_reg, flags;
};

struct place { uint64_t addr; size_t i; };

static uint16_t u16_at(const uint8_t *b)
{
	return (uint16_t)(b[0] | b[1] << 8);
}

static struct entry entry_at(const uint8_t *entries, size_t i)
{
	const uint8_t *b = entries + i * XP_ORC_ENTRY_BYTES;

	return (struct entry){ (int16_t)u16_at(b), (int16_t)u16_at(b + 2), b[4] & 15, b[4] >> 4, b[5] };
}

/* ---- which format ---- */

enum { OLD_END = 4, SIGNAL_END = 8, NEW_CALL = 2 };

enum xp_orc_format xp_orc_format(const uint8_t *entries, size_t nr)
{
	size_t old = 0, new = 0, old_end = 0, signal_end = 0, i;

	for (i = 0; i < nr; i++) {
		struct entry e = entry_at(entries, i);

		if (e.sp_reg == REG_SP && e.sp_offset == 8 && e.bp_reg == REG_UNDEFINED) {
			old += e.flags == 0;
			new += e.flags == NEW_CALL;
		} else if (e.sp_reg == REG_UNDEFINED) {
			old_end += e.flags == OLD_END;
			signal_end += e.flags == SIGNAL_END;
		}
	}
	if (new / 16 > old)
		return XP_ORC_TYPES;
	if (old / 16 <= new)
		return XP_ORC_UNKNOWN;
	if (signal_end && !old_end)
		return XP_ORC_SIGNAL;
	/* Before 4.17 nothing ends a stack: then that bit is not used at all. */
	return signal_end ? XP_ORC_UNKNOWN : XP_ORC_END;
}

/* ---- what an entry means ---- */

static enum type type_of(const struct entry *e, enum xp_orc_format format)
{
	static const enum type old[] = { CALL, REGS, REGS_PARTIAL, UNDEFINED };

	if (format == XP_ORC_TYPES)
		return (e->flags & 7) <= REGS_PARTIAL ? e->flags & 7 : UNDEFINED;
	if (e->flags & (format == XP_ORC_SIGNAL ? SIGNAL_END : OLD_END))
		return END_OF_STACK;
	return e->sp_reg == REG_UNDEFINED ? UNDEFINED : old[e->flags & 3];
}

/* offset: of what is wanted, from what the entry calls the stack pointer. False: it hangs on what is not followed. */
static bool set_cfa(struct xp_rule *r, const struct entry *e, int32_t offset)
{
	r->cfa = e->sp_offset + offset;
	switch (e->sp_reg) {
	case REG_SP:
		r->base = XP_CFA_RSP;
		return true;
	case REG_BP:
		r->base = XP_CFA_RBP;
		return true;
	case REG_SP_INDIRECT: /* [rsp] + offset; up to 5.12 [rsp + offset], where that was 0 */
		r->base = XP_CFA_AT_RSP_ADD;
		return true;
	case REG_BP_INDIRECT:
		r->base = XP_CFA_AT_RBP;
		return !offset;
	default:
		return false;
	}
}

static void set_rbp(struct xp_rule *r, const struct entry *e)
{
	r->rbp = e->bp_offset;
	switch (e->bp_reg) {
	case REG_UNDEFINED:
		r->rbp_rule = XP_RBP_SAME;
		r->rbp = 0;
		break;
	case REG_PREV_SP:
		r->rbp_rule = XP_RBP_SAVED;
		break;
	case REG_BP:
		r->rbp_rule = XP_RBP_AT_RBP;
		break;
	default:
		r->rbp_rule = XP_RBP_LOST;
		r->rbp = 0;
	}
}

static struct xp_rule rule_of(const struct entry *e, enum xp_orc_format format)
{
	struct xp_rule r = { .kind = XP_FRAME_NONE };
	enum type type = type_of(e, format);
	bool known = false;

	if (type == END_OF_STACK)
		return (struct xp_rule){ .kind = XP_FRAME_END };
	if (type == CALL) {
		known = set_cfa(&r, e, 0);
		set_rbp(&r, e);
		r.kind = XP_FRAME_CALL;
	} else if (type == REGS) { /* a struct pt_regs, rbp in it */
		known = set_cfa(&r, e, PT_REGS_RIP);
		r.rbp_rule = XP_RBP_SAVED;
		r.rbp = PT_REGS_RBP - PT_REGS_RIP;
		r.kind = XP_FRAME_REGS;
	} else if (type == REGS_PARTIAL) { /* what the CPU has pushed; the other registers are as they were */
		known = set_cfa(&r, e, 0);
		r.rbp_rule = XP_RBP_SAME;
		r.kind = XP_FRAME_REGS;
	}
	return known ? r : (struct xp_rule){ .kind = XP_FRAME_NONE };
}

/* ---- tables ---- */

static int by_address(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static uint64_t address_of(const struct xp_orc *orc, size_t i)
{
	const uint8_t *b = orc->ip + 4 * i;
	int32_t distance = (int32_t)((uint32_t)u16_at(b) | (uint32_t)u16_at(b + 2) << 16);

	return orc->ip_addr + 4 * i + (uint64_t)(int64_t)distance;
}

/* Of code, [start, end). */
struct range { uint64_t start, end; };

static bool is_in(const struct range *r, uint64_t addr)
{
	return addr >= r->start && addr < r->end;
}

/* A running kernel has sorted its own and its modules': then nothing of their number is needed besides. Files may not be. */
static bool ascend(const struct xp_orc *orc, const struct range *of)
{
	uint64_t last = 0;

	for (size_t i = 0; i < orc->nr; i++) {
		uint64_t addr = address_of(orc, i);

		if (!is_in(of, addr))
			continue;
		if (addr < last)
			return false;
		last = addr;
	}
	return true;
}

/* NULL: no memory. The caller frees them. */
static struct place *sorted(const struct xp_orc *orc, const struct range *of, size_t *nr)
{
	struct place *places = malloc((orc->nr + 1) * sizeof(*places));

	*nr = 0;
	for (size_t i = 0; places && i < orc->nr; i++) {
		uint64_t addr = address_of(orc, i);

		if (is_in(of, addr))
			places[(*nr)++] = (struct place){ addr, i };
	}
	if (places)
		xp_stable_sort(places, *nr, sizeof(*places), by_address);
	return places;
}

/* places: NULL: as they come. Where one function's end is the next one's beginning, the latter counts. */
static bool add_rules(struct xp_unwind_table *t, const struct xp_orc *orc, enum xp_orc_format format, const struct range *of,
		      const struct place *places, size_t nr)
{
	uint64_t last = of->end; /* (none has this) */

	for (size_t i = 0; i < nr; i++) {
		struct place p = places ? places[i] : (struct place){ address_of(orc, i), i };
		struct entry e = entry_at(orc->entries, p.i);
		struct xp_rule rule = rule_of(&e, format);

		if (!is_in(of, p.addr))
			continue;
		if (!(p.addr == last && rule.kind == XP_FRAME_NONE) && !xp_unwind_table_add(t, p.addr, &rule))
			return false;
		last = p.addr;
	}
	return true;
}

static bool add_all(struct xp_unwind_table *t, const struct xp_orc *orc, enum xp_orc_format format, const struct range *of)
{
	struct place *places;
	size_t nr;
	bool ok;

	if (ascend(orc, of))
		return add_rules(t, orc, format, of, NULL, orc->nr);
	places = sorted(orc, of, &nr);
	ok = places && add_rules(t, orc, format, of, places, nr);
	free(places);
	return ok;
}

int xp_orc_rules(struct xp_unwind_table *t, const struct xp_orc *orc, enum xp_orc_format format, uint64_t start,
		 uint64_t end, struct xp_err *err)
{
	const struct xp_rule none = { .kind = XP_FRAME_NONE };
	const struct range of = { start, end };
	bool ok;

	if (format == XP_ORC_UNKNOWN || orc->nr > XP_ORC_MAX_ENTRIES || end - start > UINT32_MAX)
		return xp_fail(err, XP_E_FORMAT, "%zu ORC entries of no known format", orc->nr);
	xp_unwind_table_init(t, start);
	ok = add_all(t, orc, format, &of) && xp_unwind_table_add(t, end, &none);
	if (ok && t->nr)
		return 0;
	xp_unwind_table_release(t);
	if (!ok)
		return xp_fail(err, XP_E_NOMEM, "no memory for the rules of %zu ORC entries", orc->nr);
	return xp_fail(err, XP_E_FORMAT, "none of %zu ORC entries is of code in [%#llx, %#llx)", orc->nr,
		       (unsigned long long)start, (unsigned long long)end);
}

/* The lowest and the highest address of code. */
static void code_range(const struct xp_unwind_code *image, uint64_t *low, uint64_t *high)
{
	size_t i;

	*low = UINT64_MAX;
	*high = 0;
	for (i = 0; i < image->nr_sections; i++) {
		const struct xp_unwind_code_section *s = &image->sections[i];
		uint64_t end;

		if (!s->exec || __builtin_add_overflow(s->addr, s->len, &end))
			continue;
		*low = s->addr < *low ? s->addr : *low;
		*high = end > *high ? end : *high;
	}
}

int xp_orc_code_rules(struct xp_unwind_table *t, const struct xp_unwind_code *vmlinux, struct xp_err *err)
{
	const struct xp_unwind_code_section *ip = xp_unwind_code_section(vmlinux, ".orc_unwind_ip"),
				      *entries = xp_unwind_code_section(vmlinux, ".orc_unwind");
	struct xp_orc orc;
	uint64_t low, high;

	if (!ip || !entries)
		return xp_fail(err, XP_E_ABSENT, "no .orc_unwind_ip and .orc_unwind: a kernel without ORC");
	if (ip->len / 4 != entries->len / XP_ORC_ENTRY_BYTES)
		return xp_fail(err, XP_E_FORMAT, "%zu addresses of ORC, but %zu entries", ip->len / 4, entries->len / XP_ORC_ENTRY_BYTES);
	code_range(vmlinux, &low, &high);
	orc = (struct xp_orc){ ip->bytes, ip->addr, entries->bytes, ip->len / 4 };
	return xp_orc_rules(t, &orc, xp_orc_format(orc.entries, orc.nr), low, high, err);
}
