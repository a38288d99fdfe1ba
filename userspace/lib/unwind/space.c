// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/space.h"

void xp_unwind_space_init(struct xp_unwind_space *s, struct xp_unwind_store *store)
{
	*s = (struct xp_unwind_space){ .store = store };
}

void xp_unwind_space_clear(struct xp_unwind_space *s)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		xp_unwind_store_put(s->store, s->ranges[i].rules);
	free(s->ranges);
	xp_unwind_space_init(s, s->store);
}

/* The first range that ends above addr. */
static size_t first_above(const struct xp_unwind_space *s, uint64_t addr)
{
	size_t low = 0, high = s->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->ranges[mid].end <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct xp_unwind_range *xp_unwind_space_find(const struct xp_unwind_space *s, uint64_t addr)
{
	size_t i = first_above(s, addr);

	return i < s->nr && s->ranges[i].start <= addr ? &s->ranges[i] : NULL;
}

static bool reserve(struct xp_unwind_space *s, size_t more)
{
	size_t room = s->room ? 2 * s->room : 16;
	struct xp_unwind_range *ranges;

	if (s->nr + more <= s->room)
		return true;
	if (s->nr + more > XP_UNWIND_MAX_RANGES)
		return false;
	ranges = realloc(s->ranges, room * sizeof(*ranges));
	if (!ranges)
		return false;
	s->ranges = ranges;
	s->room = room;
	return true;
}

/* There is room for it. */
static void insert(struct xp_unwind_space *s, size_t i, const struct xp_unwind_range *range)
{
	memmove(&s->ranges[i + 1], &s->ranges[i], (s->nr - i) * sizeof(*range));
	s->ranges[i] = *range;
	s->nr++;
}

static void drop(struct xp_unwind_space *s, size_t i, size_t nr)
{
	size_t k;

	for (k = i; k < i + nr; k++)
		xp_unwind_store_put(s->store, s->ranges[k].rules);
	memmove(&s->ranges[i], &s->ranges[i + nr], (s->nr - i - nr) * sizeof(*s->ranges));
	s->nr -= nr;
}

bool xp_unwind_space_unmap(struct xp_unwind_space *s, uint64_t start, uint64_t end)
{
	size_t i, nr = 0;

	if (start >= end)
		return true;
	if (!reserve(s, 1))
		return false;
	i = first_above(s, start);
	if (i < s->nr && s->ranges[i].start < start) {
		struct xp_unwind_range upper = s->ranges[i];

		s->ranges[i++].end = start;
		if (upper.end > end) {
			upper.start = end;
			xp_unwind_store_hold(upper.rules);
			insert(s, i, &upper);
			return true;
		}
	}
	while (i + nr < s->nr && s->ranges[i + nr].end <= end)
		nr++;
	drop(s, i, nr);
	if (i < s->nr && s->ranges[i].start < end)
		s->ranges[i].start = end;
	return true;
}

bool xp_unwind_space_map(struct xp_unwind_space *s, uint64_t start, uint64_t end, uint32_t owner)
{
	const struct xp_unwind_range range = { .start = start, .end = end, .owner = owner };

	if (start >= end || !reserve(s, 2) || !xp_unwind_space_unmap(s, start, end))
		return false;
	insert(s, first_above(s, start), &range);
	return true;
}

void xp_unwind_space_set(struct xp_unwind_space *s, struct xp_unwind_range *range, struct xp_unwind_shared *rules, uint64_t bias)
{
	xp_unwind_store_put(s->store, range->rules);
	range->rules = rules;
	range->bias = bias;
	range->read = true;
}

/* ---- walking ---- */

struct search {
	const struct xp_unwind_space *s;
	struct xp_unwind_range *wanted;
};

static bool find_rule(void *ctx, uint64_t ip, struct xp_rule *rule)
{
	struct search *search = ctx;
	struct xp_unwind_range *range = xp_unwind_space_find(search->s, ip);
	const struct xp_rule *found = NULL;

	if (range && !range->read && !search->wanted)
		search->wanted = range;
	if (range && range->rules)
		found = xp_unwind_table_find(&range->rules->table, ip - range->bias);
	if (found)
		*rule = *found;
	return found;
}

static bool is_code(void *ctx, uint64_t ip)
{
	const struct search *search = ctx;

	return xp_unwind_space_find(search->s, ip);
}

void xp_unwind_space_walk(struct xp_chain *chain, const struct xp_unwind_space *s, const struct xp_regs *regs,
			  const struct xp_stack *stack, struct xp_unwind_range **wanted)
{
	struct search search = { .s = s };
	const struct xp_rules rules = { .find = find_rule, .ctx = &search, .is_code = is_code };

	xp_walk(chain, regs, stack, &rules);
	*wanted = search.wanted;
}
