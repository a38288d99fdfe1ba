// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/xen.h"

#include "lib/base/cursor.h"

#define NR_VECTORS        256
#define FIRST_IRQ_VECTOR  32
#define BUG_FRAME_BYTES   8   /* of the kinds without a message */
#define MAX_TABLE         (16u << 20)

/* Bytes from one label to another, as a cursor; empty if there are no such labels or bytes. */
static uint64_t table(struct xp_cursor *c, const struct xp_unwind_code *image, const char *first, const char *end)
{
	const struct xp_unwind_code_label *from = xp_unwind_code_label(image, first), *to = xp_unwind_code_label(image, end);
	size_t len = from && to && to->addr > from->addr && to->addr - from->addr <= MAX_TABLE ?
		to->addr - from->addr : 0;
	const uint8_t *bytes = len ? xp_unwind_code_at(image, from->addr, len) : NULL;

	xp_cursor_init(c, first, bytes ? bytes : (const uint8_t *)"", bytes ? len : 0, NULL);
	return from ? from->addr : 0;
}

/* A faulting instruction and where it goes on, each as a distance from where that distance is stored. */
static void add_fixups(struct xp_flow *f, const struct xp_unwind_code *image)
{
	struct xp_cursor c;
	uint64_t at = table(&c, image, "__start___ex_table", "__stop___ex_table");

	for (; c.left >= 8; at += 8) {
		uint64_t from = at + (uint64_t)(int64_t)(int32_t)xp_cursor_u32(&c);
		uint64_t to = at + 4 + (uint64_t)(int64_t)(int32_t)xp_cursor_u32(&c);

		xp_flow_add_fixup(f, from, to);
	}
}

/* Where ud2 is a call of a function or a warning; 24 bits of the first word are its distance. */
static void add_warnings(struct xp_flow *f, const struct xp_unwind_code *image)
{
	const char *first = xp_unwind_code_label(image, "__start_bug_frames") ? "__start_bug_frames" : "__start_bug_frames_0";
	struct xp_cursor c;
	uint64_t at = table(&c, image, first, "__stop_bug_frames_1");

	for (; c.left >= BUG_FRAME_BYTES; at += BUG_FRAME_BYTES) {
		int32_t distance = (int32_t)(xp_cursor_u32(&c) << 8) >> 8;

		xp_cursor_u32(&c);
		xp_flow_add_warning(f, at + (uint64_t)(int64_t)distance);
	}
}

/* One stub for each interrupt vector, without names. */
static void add_vectors(struct xp_flow *f, const struct xp_unwind_code *image)
{
	const struct xp_unwind_code_label *stubs = xp_unwind_code_label(image, "autogen_entrypoints");
	const struct xp_frame_state frame = { XP_FRAME_REGS, 0, XP_LOST, 0 };
	const uint8_t *bytes = stubs ? xp_unwind_code_at(image, stubs->addr, NR_VECTORS * 8) : NULL;
	struct xp_cursor c;
	unsigned int vector;

	if (!bytes)
		return;
	xp_cursor_init(&c, "autogen_entrypoints", bytes, NR_VECTORS * 8, NULL);
	for (vector = 0; vector < NR_VECTORS; vector++) {
		uint64_t addr = xp_cursor_u64(&c);

		if (addr && vector >= FIRST_IRQ_VECTOR)
			xp_flow_add_entry(f, addr, &frame);
	}
}

/* The compiler's cold part of a function: jumped to from within it, not called. */
static bool is_cold_part(const char *name)
{
	const char *cold = strstr(name, ".cold");

	return cold && (!cold[5] || cold[5] == '.');
}

static void add_labels(struct xp_flow *f, const struct xp_unwind_code *image)
{
	struct xp_frame_state state;
	size_t n;

	for (n = 0; n < image->nr_labels; n++) {
		const struct xp_unwind_code_label *l = &image->labels[n];

		xp_flow_add_label(f, l->addr);
		if (xp_xen_entry(l->name, &state))
			xp_flow_add_entry(f, l->addr, &state);
		else if (l->function && !is_cold_part(l->name))
			xp_flow_add_entry(f, l->addr, &XP_STATE_CALLED);
	}
}

/* All sections with code, from the first to the last. */
static bool code_range(const struct xp_unwind_code *image, uint64_t *low, uint64_t *high)
{
	size_t n;

	*low = UINT64_MAX;
	*high = 0;
	for (n = 0; n < image->nr_sections; n++) {
		const struct xp_unwind_code_section *s = &image->sections[n];

		if (!s->exec || s->addr + s->len < s->addr)
			continue;
		*low = s->addr < *low ? s->addr : *low;
		*high = s->addr + s->len > *high ? s->addr + s->len : *high;
	}
	return *low < *high;
}

static struct xp_flow *new_flow(const struct xp_unwind_code *image)
{
	uint64_t low, high;
	struct xp_flow *f;
	size_t n;

	if (!code_range(image, &low, &high) || high - low > XP_FLOW_MAX_TEXT)
		return NULL;
	f = xp_flow_new(low, high - low);
	for (n = 0; f && n < image->nr_sections; n++)
		if (image->sections[n].exec)
			xp_flow_add_text(f, image->sections[n].addr, image->sections[n].bytes, image->sections[n].len);
	return f;
}

struct xp_flow *xp_xen_flow(const struct xp_unwind_code *image, struct xp_err *err)
{
	struct xp_flow *f = new_flow(image);

	if (!f) {
		xp_fail(err, XP_E_FORMAT, "no code, or more than %u MiB of it", XP_FLOW_MAX_TEXT >> 20);
		return NULL;
	}
	add_labels(f, image);
	add_vectors(f, image);
	add_warnings(f, image);
	add_fixups(f, image);
	if (!xp_flow_run(f)) {
		xp_flow_free(f);
		xp_fail(err, XP_E_NOMEM, "no memory to follow the hypervisor's code");
		return NULL;
	}
	return f;
}

int xp_xen_rules(struct xp_unwind_table *t, const struct xp_unwind_code *image, struct xp_err *err)
{
	struct xp_flow *f = xp_xen_flow(image, err);
	uint64_t low, high;
	bool ok;

	if (!f)
		return XP_E_FORMAT;
	code_range(image, &low, &high);
	xp_unwind_table_init(t, low);
	t->end = high;
	ok = xp_flow_rules(f, t);
	xp_flow_free(f);
	if (ok)
		return 0;
	xp_unwind_table_release(t);
	return xp_fail(err, XP_E_NOMEM, "no memory for the hypervisor's unwind rules");
}

/* Code without a rule is code all the same (walk.h): an address outside is none. */
static bool find_rule(void *ctx, uint64_t ip, struct xp_rule *rule)
{
	const struct xp_unwind_table *t = ctx;
	const struct xp_rule *found = xp_unwind_table_find(t, ip);

	*rule = found ? *found : (struct xp_rule){ .kind = XP_FRAME_NONE };
	return found || (ip >= t->base && ip < t->end);
}

void xp_xen_walk(struct xp_chain *chain, const struct xp_unwind_table *t, const struct xp_regs *regs,
		 const uint64_t *words, size_t nr)
{
	const struct xp_rules rules = { .find = find_rule, .ctx = (void *)(uintptr_t)t };
	struct xp_stack stack = { .at = regs->rsp, .bytes = (const uint8_t *)words, .len = nr * sizeof(*words) };

	if (nr < XP_XEN_STACK_WORDS)
		stack.top = regs->rsp + stack.len;
	xp_walk(chain, regs, &stack, &rules);
}
