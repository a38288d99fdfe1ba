// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/symtab.h"

#include <stdlib.h>
#include <string.h>

void xp_symtab_init(struct xp_symtab *t, size_t max)
{
	*t = (struct xp_symtab){ .max = max };
}

void xp_symtab_release(struct xp_symtab *t)
{
	free(t->syms);
	xp_symtab_init(t, t->max);
}

static bool push(struct xp_symtab *t, const struct xp_sym *sym)
{
	if (t->nr >= t->max)
		return false;
	if (t->nr == t->room) {
		size_t room = t->room ? 2 * t->room : 256;
		struct xp_sym *syms = realloc(t->syms, room * sizeof(*syms));

		if (!syms)
			return false;
		t->syms = syms;
		t->room = room;
	}
	t->syms[t->nr++] = *sym;
	return true;
}

static struct xp_sym make(uint64_t start, uint64_t end, const char *name, size_t len, unsigned int rank)
{
	return (struct xp_sym){
		.start = start, .end = end, .name = name,
		.len = len < XP_SYM_NAME_MAX ? len : XP_SYM_NAME_MAX,
		.rank = rank,
	};
}

bool xp_symtab_add(struct xp_symtab *t, uint64_t start, uint64_t end, const char *name, size_t len,
		   unsigned int rank)
{
	struct xp_sym sym = make(start, end, name, len, rank);

	return start >= end || !len || push(t, &sym);
}

bool xp_symtab_add_open(struct xp_symtab *t, uint64_t start, uint64_t limit, const char *name, size_t len,
			unsigned int rank)
{
	struct xp_sym sym = make(start, limit, name, name ? len : 0, name ? rank : XP_RANK_BARRIER);

	sym.open = 1;
	return start >= limit || (name && !len) || push(t, &sym);
}

static int compare_names(const struct xp_sym *x, const struct xp_sym *y)
{
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return x->len ? memcmp(x->name, y->name, x->len) : 0;
}

static int compare(const void *a, const void *b)
{
	const struct xp_sym *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (compare_names(x, y))
		return compare_names(x, y);
	return x->end > y->end ? -1 : x->end < y->end;
}

/* The state of the sweep over sorted symbols: which ones hold the address `pos`, innermost last. */
struct sweep {
	struct xp_symtab *out;
	const struct xp_sym **stack;
	size_t depth;
	uint64_t pos;
	bool failed;
};

static const struct xp_sym *innermost(const struct sweep *s)
{
	return s->depth ? s->stack[s->depth - 1] : NULL;
}

static void emit(struct sweep *s, const struct xp_sym *sym, uint64_t end)
{
	struct xp_sym part = *sym;

	if (s->pos >= end || !sym->name)
		return;
	part.start = s->pos;
	part.end = end;
	if (!push(s->out, &part))
		s->failed = true;
}

/* Gives the addresses from pos up to `to` to the symbols that hold them. */
static void sweep_to(struct sweep *s, uint64_t to)
{
	const struct xp_sym *sym;

	while ((sym = innermost(s)) && s->pos < to) {
		uint64_t end = sym->end < to ? sym->end : to;

		emit(s, sym, end);
		if (s->pos < end)
			s->pos = end;
		if (sym->end > to)
			break;
		s->depth--;
	}
	s->pos = to;
}

static void sweep_symbol(struct sweep *s, const struct xp_sym *sym)
{
	const struct xp_sym *outer;

	sweep_to(s, sym->start);
	outer = innermost(s);
	if (outer && sym->open && !outer->open && outer->end > sym->start)
		return;
	if (outer && outer->open)
		s->depth--;
	s->stack[s->depth++] = sym;
}

static void sweep(struct sweep *s, const struct xp_symtab *t)
{
	size_t i;

	for (i = 0; i < t->nr; i++) {
		if (i && t->syms[i].start == t->syms[i - 1].start)
			continue; /* an alias: the best came first */
		sweep_symbol(s, &t->syms[i]);
	}
	sweep_to(s, UINT64_MAX);
}

bool xp_symtab_seal(struct xp_symtab *t)
{
	struct xp_symtab out;
	struct sweep s = { .out = &out };

	if (!t->nr)
		return true;
	qsort(t->syms, t->nr, sizeof(*t->syms), compare);
	xp_symtab_init(&out, 2 * t->nr); /* each symbol adds its own part and may split one other */
	s.stack = malloc(t->nr * sizeof(const struct xp_sym *));
	if (s.stack)
		sweep(&s, t);
	free(s.stack);
	if (!s.stack || s.failed) {
		xp_symtab_release(&out);
		return false;
	}
	out.max = t->max;
	free(t->syms);
	*t = out;
	return true;
}

const struct xp_sym *xp_symtab_find(const struct xp_symtab *t, uint64_t addr)
{
	size_t low = 0, high = t->nr;

	while (high > low) {
		size_t mid = low + (high - low) / 2;

		if (t->syms[mid].end <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low < t->nr && t->syms[low].start <= addr ? &t->syms[low] : NULL;
}
