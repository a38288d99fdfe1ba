// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/flow.h"

#define MAX_REGIONS 64
#define NO_NODE 0u /* of node numbers, which start at 1 */

enum { MARK_LABEL = 1, MARK_WARNING = 2 };

struct region { size_t start, len; const uint8_t *bytes; };
struct fixup { uint32_t from, to; };

/* Who is told when a function turns out to return. */
struct waiter {
	uint32_t node;  /* a call of it, behind which it then goes on; or a function that ends in it */
	bool is_call;
	uint32_t next;  /* number in f->waiters, 0: the last */
};

struct node {                  /* an instruction that some way reaches */
	uint32_t at;           /* offset from the base */
	uint32_t owner;        /* the entry by which it was reached first */
	struct xp_frame_state state;
	uint32_t waiters;      /* of an entry */
	uint8_t len;           /* 0: not decoded yet, or not decodable */
	bool entry : 1, returns : 1, queued : 1;
	bool not_called : 1;   /* of an entry: it leaves as only stubs do */
};

struct list { void *items; size_t nr, room, size; };

struct xp_flow {
	uint64_t base;
	size_t size;
	struct region regions[MAX_REGIONS];
	size_t nr_regions;
	uint8_t *marks;        /* of each byte */
	uint32_t *node_at;     /* of each byte */
	struct list nodes, waiters, work, fixups, returning;
	bool failed;           /* for want of memory */
};

static void *append(struct xp_flow *f, struct list *l)
{
	if (l->nr == l->room) {
		size_t room = l->room ? 2 * l->room : 1024;
		void *items = realloc(l->items, room * l->size);

		if (!items) {
			f->failed = true;
			return NULL;
		}
		l->items = items;
		l->room = room;
	}
	return (uint8_t *)l->items + l->nr++ * l->size;
}

static bool append_u32(struct xp_flow *f, struct list *l, uint32_t value)
{
	uint32_t *item = append(f, l);

	if (item)
		*item = value;
	return item;
}

static struct node *node(const struct xp_flow *f, uint32_t number)
{
	return (struct node *)f->nodes.items + (number - 1);
}

struct xp_flow *xp_flow_new(uint64_t base, size_t size)
{
	struct xp_flow *f;

	if (size > XP_FLOW_MAX_TEXT || base + size < base)
		return NULL;
	f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	f->base = base;
	f->size = size;
	f->nodes.size = sizeof(struct node);
	f->waiters.size = sizeof(struct waiter);
	f->fixups.size = sizeof(struct fixup);
	f->work.size = f->returning.size = sizeof(uint32_t);
	f->marks = calloc(size + 1, sizeof(*f->marks));
	f->node_at = calloc(size + 1, sizeof(*f->node_at));
	if (!f->marks || !f->node_at) {
		xp_flow_free(f);
		return NULL;
	}
	return f;
}

void xp_flow_free(struct xp_flow *f)
{
	if (!f)
		return;
	free(f->marks);
	free(f->node_at);
	free(f->nodes.items);
	free(f->waiters.items);
	free(f->work.items);
	free(f->fixups.items);
	free(f->returning.items);
	free(f);
}

static bool inside(const struct xp_flow *f, uint64_t addr, size_t len)
{
	return addr >= f->base && addr - f->base <= f->size && f->size - (addr - f->base) >= len;
}

bool xp_flow_add_text(struct xp_flow *f, uint64_t addr, const uint8_t *bytes, size_t len)
{
	if (!inside(f, addr, len) || f->nr_regions == MAX_REGIONS)
		return false;
	f->regions[f->nr_regions++] = (struct region){ (size_t)(addr - f->base), len, bytes };
	return true;
}

static bool mark(struct xp_flow *f, uint64_t addr, uint8_t bit)
{
	if (!inside(f, addr, 1))
		return false;
	f->marks[addr - f->base] |= bit;
	return true;
}

bool xp_flow_add_label(struct xp_flow *f, uint64_t addr)
{
	return mark(f, addr, MARK_LABEL);
}

bool xp_flow_add_warning(struct xp_flow *f, uint64_t addr)
{
	return mark(f, addr, MARK_WARNING);
}

bool xp_flow_add_fixup(struct xp_flow *f, uint64_t from, uint64_t to)
{
	struct fixup *fixup;

	if (!inside(f, from, 1) || !inside(f, to, 1))
		return false;
	fixup = append(f, &f->fixups);
	if (fixup)
		*fixup = (struct fixup){ (uint32_t)(from - f->base), (uint32_t)(to - f->base) };
	return fixup;
}

static const uint8_t *text_at(const struct xp_flow *f, size_t at, size_t *left)
{
	size_t i;

	for (i = 0; i < f->nr_regions; i++) {
		const struct region *r = &f->regions[i];

		if (at >= r->start && at - r->start < r->len) {
			*left = r->len - (at - r->start);
			return r->bytes + (at - r->start);
		}
	}
	return NULL;
}

static void queue(struct xp_flow *f, uint32_t number)
{
	if (node(f, number)->queued || !append_u32(f, &f->work, number))
		return;
	node(f, number)->queued = true;
}

/* owner NO_NODE: it is an entry, its own. Returns its number, NO_NODE: no memory. */
static uint32_t new_node(struct xp_flow *f, uint32_t at, uint32_t owner, const struct xp_frame_state *state)
{
	struct node *n = append(f, &f->nodes);
	uint32_t number = (uint32_t)f->nodes.nr;

	if (!n)
		return NO_NODE;
	*n = (struct node){ .at = at, .owner = owner ? owner : number, .state = *state, .entry = !owner };
	f->node_at[at] = number;
	queue(f, number);
	return number;
}

bool xp_flow_add_entry(struct xp_flow *f, uint64_t addr, const struct xp_frame_state *state)
{
	uint32_t at = (uint32_t)(addr - f->base);

	if (!mark(f, addr, MARK_LABEL))
		return false;
	if (f->node_at[at]) {
		node(f, f->node_at[at])->state = *state;
		return true;
	}
	return new_node(f, at, NO_NODE, state);
}

static void wait_for(struct xp_flow *f, uint32_t entry, uint32_t waiting, bool is_call)
{
	struct waiter *w = append(f, &f->waiters);

	if (!w)
		return;
	*w = (struct waiter){ waiting, is_call, node(f, entry)->waiters };
	node(f, entry)->waiters = (uint32_t)f->waiters.nr;
}

/* Function `entry` ends as function `target` does. */
static void ends_like(struct xp_flow *f, uint32_t entry, uint32_t target)
{
	if (entry == target || node(f, entry)->returns)
		return;
	if (node(f, target)->returns)
		append_u32(f, &f->returning, entry);
	else
		wait_for(f, target, entry, false);
}

static void tell_waiters(struct xp_flow *f, uint32_t entry)
{
	uint32_t number = node(f, entry)->waiters;

	while (number) {
		const struct waiter *w = (struct waiter *)f->waiters.items + (number - 1);

		number = w->next;
		if (w->is_call)
			queue(f, w->node);
		else
			append_u32(f, &f->returning, w->node);
	}
	node(f, entry)->waiters = 0;
}

static void settle_returns(struct xp_flow *f)
{
	while (f->returning.nr && !f->failed) {
		uint32_t entry = ((uint32_t *)f->returning.items)[--f->returning.nr];

		if (node(f, entry)->returns)
			continue;
		node(f, entry)->returns = true;
		tell_waiters(f, entry);
	}
}

/* A way from an instruction of `owner` to `target`, where `state` is known. */
static void go(struct xp_flow *f, uint32_t owner, uint64_t target, const struct xp_frame_state *state)
{
	uint32_t at = (uint32_t)(target - f->base), number;
	struct node *to;

	if (!inside(f, target, 1))
		return;
	number = f->node_at[at];
	if (!number) {
		new_node(f, at, owner, state);
		return;
	}
	to = node(f, number);
	if (to->entry)
		return;
	if (xp_state_join(&to->state, state))
		queue(f, number);
	if (to->owner != owner)
		ends_like(f, owner, to->owner);
}

static bool at_entry(const struct xp_frame_state *s)
{
	return s->kind == XP_FRAME_CALL && s->rsp == 8;
}

/* A jump to an entry is a tail call, if the frame is gone. */
static void jump(struct xp_flow *f, uint32_t owner, uint64_t target, const struct xp_frame_state *state)
{
	uint32_t number = inside(f, target, 1) ? f->node_at[target - f->base] : NO_NODE;

	if (!number || !node(f, number)->entry)
		go(f, owner, target, state);
	else if (at_entry(state))
		ends_like(f, owner, number);
}

/* No label between the two, and none at the target: `call 1f; …; 1:` only pushes. */
static bool is_local(const struct xp_flow *f, uint32_t at, uint64_t target)
{
	size_t to, low, high, i;

	if (!inside(f, target, 1))
		return false;
	to = (size_t)(target - f->base);
	low = to < at ? to : at + 1;
	high = to < at ? at : to;
	if (high - low > 256)
		return false;
	for (i = low; i <= high; i++)
		if (f->marks[i] & MARK_LABEL)
			return false;
	return true;
}

static uint32_t callee(struct xp_flow *f, uint64_t target)
{
	uint32_t at = (uint32_t)(target - f->base), number = f->node_at[at];

	if (!number)
		return new_node(f, at, NO_NODE, &XP_STATE_CALLED);
	/* Something that is fallen or jumped into as well. */
	if (!node(f, number)->entry && xp_state_join(&node(f, number)->state, &XP_STATE_CALLED))
		queue(f, number);
	return node(f, number)->owner;
}

static void call(struct xp_flow *f, uint32_t number, const struct xp_insn *insn, const struct xp_frame_state *state)
{
	uint32_t at = node(f, number)->at, owner = node(f, number)->owner, entry;
	uint64_t next = f->base + at + insn->len;

	if (is_local(f, at, insn->target)) {
		struct xp_insn push = { .rsp = XP_RSP_ADD, .n = -8 };
		struct xp_frame_state pushed = *state;

		xp_state_step(&pushed, &push);
		go(f, owner, insn->target, &pushed);
	} else if (!inside(f, insn->target, 1)) {
		go(f, owner, next, state);
	} else {
		entry = callee(f, insn->target);
		if (!entry)
			return;
		if (node(f, entry)->returns)
			go(f, owner, next, state);
		else
			wait_for(f, entry, number, true);
	}
}

/*
 * iret and its like end an entry stub. In a function that was called they load
 * segments or end an NMI: it has pushed a frame which names what comes next.
 */
static void leave_frame(struct xp_flow *f, uint32_t owner, uint64_t next, const struct xp_insn *insn,
			const struct xp_frame_state *state)
{
	struct xp_insn pop = { .rsp = XP_RSP_ADD, .n = insn->n };
	struct xp_frame_state popped = *state;

	if (state->kind != XP_FRAME_CALL)
		return;
	if (insn->n && state->rsp != XP_LOST && state->rsp >= insn->n + 8) {
		xp_state_step(&popped, &pop);
		go(f, owner, next, &popped);
	} else if (insn->n == 0 || state->rsp != XP_LOST) {
		node(f, owner)->not_called = true;
	}
}

static void follow(struct xp_flow *f, uint32_t number, const struct xp_insn *insn, const struct xp_frame_state *after)
{
	uint32_t at = node(f, number)->at, owner = node(f, number)->owner;
	uint64_t next = f->base + at + insn->len;

	switch ((enum xp_insn_flow)insn->flow) {
	case XP_FLOW_NEXT:
		go(f, owner, next, after);
		break;
	case XP_FLOW_CALL_ANY:
		if (after->kind != XP_FRAME_NONE)
			go(f, owner, next, after);
		break;
	case XP_FLOW_BRANCH:
		go(f, owner, next, after);
		jump(f, owner, insn->target, after);
		break;
	case XP_FLOW_JUMP:
		jump(f, owner, insn->target, after);
		break;
	case XP_FLOW_CALL:
		if (after->kind != XP_FRAME_NONE)
			call(f, number, insn, after);
		break;
	case XP_FLOW_JUMP_ANY:
	case XP_FLOW_RET:
		append_u32(f, &f->returning, owner);
		break;
	case XP_FLOW_RET_REGS:
		leave_frame(f, owner, next, insn, after);
		break;
	case XP_FLOW_TRAP:
		if (f->marks[at] & MARK_WARNING)
			go(f, owner, next, after);
		break;
	case XP_FLOW_STOP:
		break;
	}
}

static int by_from(const void *a, const void *b)
{
	const struct fixup *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

static void follow_fault(struct xp_flow *f, uint32_t number)
{
	struct fixup key = { .from = node(f, number)->at };
	const struct fixup *found;

	found = f->fixups.nr ? bsearch(&key, f->fixups.items, f->fixups.nr, sizeof(key), by_from) : NULL;
	if (found) {
		struct xp_frame_state before = node(f, number)->state;

		go(f, node(f, number)->owner, f->base + found->to, &before);
	}
}

static void visit(struct xp_flow *f, uint32_t number)
{
	struct xp_frame_state after = node(f, number)->state;
	uint32_t at = node(f, number)->at;
	struct xp_insn insn;
	const uint8_t *bytes;
	size_t left = 0;

	bytes = text_at(f, at, &left);
	if (!bytes || !xp_insn_decode(&insn, f->base + at, bytes, left))
		return;
	node(f, number)->len = insn.len;
	follow_fault(f, number);
	xp_state_step(&after, &insn);
	follow(f, number, &insn, &after);
}

bool xp_flow_run(struct xp_flow *f)
{
	if (f->fixups.nr)
		qsort(f->fixups.items, f->fixups.nr, sizeof(struct fixup), by_from);
	while (f->work.nr && !f->failed) {
		uint32_t number = ((uint32_t *)f->work.items)[--f->work.nr];

		node(f, number)->queued = false;
		visit(f, number);
		settle_returns(f);
	}
	return !f->failed;
}

static void rule_of(const struct xp_flow *f, const struct node *n, struct xp_rule *rule)
{
	if (node(f, n->owner)->not_called)
		*rule = (struct xp_rule){ .kind = XP_FRAME_NONE };
	else
		xp_state_rule(&n->state, rule);
}

bool xp_flow_rules(const struct xp_flow *f, struct xp_unwind_table *t)
{
	const struct xp_rule none = { .kind = XP_FRAME_NONE };
	size_t at, end = 0;

	for (at = 0; at < f->size; at++) {
		const struct node *n = f->node_at[at] ? node(f, f->node_at[at]) : NULL;
		struct xp_rule rule;

		if (!n || !n->len)
			continue;
		if (at > end && !xp_unwind_table_add(t, f->base + end, &none))
			return false;
		rule_of(f, n, &rule);
		if (!xp_unwind_table_add(t, f->base + at, &rule))
			return false;
		end = at + n->len > end ? at + n->len : end;
	}
	return xp_unwind_table_add(t, f->base + end, &none);
}

bool xp_flow_state(const struct xp_flow *f, uint64_t addr, struct xp_frame_state *state)
{
	uint32_t number = inside(f, addr, 1) ? f->node_at[addr - f->base] : NO_NODE;

	if (!number || !node(f, number)->len)
		return false;
	*state = node(f, number)->state;
	return true;
}
