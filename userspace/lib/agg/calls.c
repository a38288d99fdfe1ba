/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/agg/calls.h"

#include "lib/agg/agg-impl.h"

#define FIRST_SLOTS 16384u
#define FIRST_FUNCTIONS 1024u
#define FIRST_ROWS 4096u
#define FUNCTION_KEYS (XP_KEY_DOMAIN | XP_KEY_MODE | XP_KEY_IMAGE | XP_KEY_SYMBOL)
#define NOT_BY_FRAME (XP_KEY_VCPU | XP_KEY_CPU) /* what a frame alone does not say */

/* ---- memory ---- */

/* There are about as many calls as frames; each has two slots or more. */
static size_t slots_for(size_t nr_nodes)
{
	size_t slots = FIRST_SLOTS;

	while (slots < nr_nodes * 2 && slots < XP_AGG_MAX_CALLS * 2)
		slots *= 2;
	return slots;
}

/* Room for so many calls, and to find them. */
static bool make_tree(struct xp_calls *c, size_t nr_calls, size_t nr_nodes)
{
	size_t slots = slots_for(nr_nodes);

	while (slots < nr_calls * 4)
		slots *= 2;
	c->mask = slots - 1;
	c->room = slots / 2;
	c->slots = calloc(slots, sizeof(*c->slots));
	c->v = calloc(c->room, sizeof(*c->v));
	c->self = calloc(2 * c->room * c->nr_events, sizeof(*c->self));
	return c->slots && c->v && c->self;
}

int xp_calls_init(struct xp_agg *a, struct xp_err *err)
{
	struct xp_calls *c = &a->impl->calls;

	c->nr_events = a->impl->rows.nr_events;
	c->nr = 1; /* call 0 */
	c->functions = &a->impl->rows;
	c->of_node = calloc(a->profile->nr_nodes + 1, sizeof(*c->of_node));
	c->flat = (a->config.keys & FUNCTION_KEYS) == FUNCTION_KEYS;
	if (!c->of_node || (!c->flat && !make_tree(c, c->nr, a->profile->nr_nodes)))
		return xp_fail(err, XP_E_NOMEM, "no memory for call chains");
	if (c->flat)
		return 0;
	c->functions = &c->own_functions;
	c->function_row = calloc(FIRST_FUNCTIONS, sizeof(*c->function_row));
	c->room_functions = FIRST_FUNCTIONS;
	if (!c->function_row)
		return xp_fail(err, XP_E_NOMEM, "no memory for call chains");
	return xp_row_table_init(c->functions, 0, 0, err);
}

void xp_calls_release(struct xp_calls *c)
{
	free(c->v);
	free(c->self);
	free(c->total);
	free(c->slots);
	xp_row_table_release(&c->own_functions);
	free(c->function_row);
	free(c->of_node);
	free(c->of_row);
	free(c->row_of);
	free(c->row_first);
	free(c->row_calls);
	free(c->children);
	memset(c, 0, sizeof(*c));
}

static uint64_t key_of(uint32_t caller, uint32_t function)
{
	return (uint64_t)caller << 32 | function;
}

/* The slot of a call, or the free one where it would be. */
static struct xp_call_slot *find(const struct xp_calls *c, uint64_t key)
{
	uint64_t h = key * 0x9e3779b97f4a7c15u;
	size_t i = (size_t)(h ^ h >> 32) & c->mask;

	while (c->slots[i].call && c->slots[i].key != key)
		i = (i + 1) & c->mask;
	return &c->slots[i];
}

static bool grow_slots(struct xp_calls *c)
{
	struct xp_call_slot *slots = calloc((c->mask + 1) * 2, sizeof(*slots));
	uint32_t i;

	if (!slots)
		return false;
	free(c->slots);
	c->slots = slots;
	c->mask = c->mask * 2 + 1;
	for (i = 1; i < c->nr; i++) {
		uint64_t key = key_of(c->v[i].caller, c->v[i].function);

		*find(c, key) = (struct xp_call_slot){ key, i };
	}
	return true;
}

static bool grow_calls(struct xp_calls *c)
{
	size_t room = c->room * 2, per = 2 * c->nr_events * sizeof(*c->self);
	struct xp_call *v = realloc(c->v, room * sizeof(*v));
	uint64_t *self;

	if (!v)
		return false;
	c->v = v;
	self = realloc(c->self, room * per);
	if (!self)
		return false;
	memset((char *)self + c->room * per, 0, (room - c->room) * per);
	c->self = self;
	c->room = room;
	return true;
}

bool xp_calls_widen(struct xp_calls *c, size_t nr_events)
{
	uint64_t *self = calloc(2 * c->room * nr_events, sizeof(*self));
	size_t i;

	if (!self)
		return false;
	for (i = 0; i < c->nr; i++) {
		const uint64_t *from = c->self + 2 * i * c->nr_events;

		memcpy(self + 2 * i * nr_events, from, c->nr_events * sizeof(*self));
		memcpy(self + (2 * i + 1) * nr_events, from + c->nr_events, c->nr_events * sizeof(*self));
	}
	free(c->self);
	c->self = self;
	c->nr_events = nr_events;
	return true;
}

/* The call of function from caller, made if there is none. XP_NONE: no memory. */
static uint32_t call_of(struct xp_calls *c, uint32_t caller, uint32_t function)
{
	uint64_t key = key_of(caller, function);
	struct xp_call_slot *slot = find(c, key);

	if (slot->call)
		return slot->call;
	if ((c->nr + 1) * 2 > c->mask) {
		if (!grow_slots(c))
			return XP_NONE;
		slot = find(c, key);
	}
	if (c->nr == c->room && !grow_calls(c))
		return XP_NONE;
	c->v[c->nr] = (struct xp_call){ .caller = caller, .function = function & 0x7fffffffu };
	*slot = (struct xp_call_slot){ key, (uint32_t)c->nr };
	return (uint32_t)c->nr++;
}

/* ---- rows as calls ---- */

static bool grow_flat(struct xp_calls *c, uint32_t row)
{
	size_t room = c->room_rows ? c->room_rows : FIRST_ROWS;
	uint32_t *of_row, *row_of;

	while (room <= row)
		room *= 2;
	of_row = realloc(c->of_row, room * sizeof(*of_row));
	c->of_row = of_row ? of_row : c->of_row;
	row_of = realloc(c->row_of, (room + 1) * sizeof(*row_of));
	c->row_of = row_of ? row_of : c->row_of;
	if (!of_row || !row_of)
		return false;
	memset(of_row + c->room_rows, 0, (room - c->room_rows) * sizeof(*of_row));
	c->room_rows = room;
	return true;
}

/* The call that a row is. A row that was passed over is idle, and none. XP_NONE: no memory. */
static uint32_t flat_call(struct xp_calls *c, uint32_t row)
{
	if (row >= c->room_rows && !grow_flat(c, row))
		return XP_NONE;
	c->nr_rows = row < c->nr_rows ? c->nr_rows : row + 1u;
	if (!c->of_row[row]) {
		c->row_of[c->nr] = row;
		c->of_row[row] = (uint32_t)c->nr++;
	}
	return c->of_row[row];
}

static void fill_tree(struct xp_calls *c, const struct xp_row_table *rows)
{
	size_t size = c->nr_events * sizeof(*c->self), i;

	for (i = 1; i < c->nr; i++) {
		const uint64_t *counts = xp_row_entry(rows, c->row_of[i])->counts;

		c->v[i] = (struct xp_call){ .function = c->row_of[i] & 0x7fffffffu };
		memcpy(c->self + 2 * i * c->nr_events, counts + c->nr_events, size);
		memcpy(c->self + (2 * i + 1) * c->nr_events, counts, size);
	}
}

bool xp_calls_unfold(const struct xp_agg *a, bool to_add)
{
	struct xp_calls *c = &a->impl->calls;
	uint32_t i;

	if (!c->flat)
		return true;
	c->nr_events = a->impl->rows.nr_events;
	if (to_add && !make_tree(c, c->nr, a->profile->nr_nodes))
		return false;
	if (!to_add) {
		c->v = calloc(c->nr, sizeof(*c->v));
		c->self = calloc(2 * c->nr * c->nr_events, sizeof(*c->self));
	}
	if (!c->v || !c->self)
		return false;
	c->flat = false;
	fill_tree(c, &a->impl->rows);
	for (i = 1; to_add && i < c->nr; i++) {
		uint64_t key = key_of(0, c->v[i].function);

		*find(c, key) = (struct xp_call_slot){ key, i };
	}
	return true;
}

/* ---- functions ---- */

/* The row of the aggregate that a new function belongs to. */
static bool set_row(struct xp_calls *c, uint32_t function, uint32_t row)
{
	if (row == XP_NONE)
		return false;
	if (function >= c->room_functions) {
		size_t room = c->room_functions * 2;
		uint32_t *rows = realloc(c->function_row, room * sizeof(*rows));

		if (!rows)
			return false;
		c->function_row = rows;
		c->room_functions = room;
	}
	c->function_row[function] = row;
	return true;
}

/* XP_NONE: no memory. */
static uint32_t function_of(struct xp_agg *a, const struct xp_site *s, const struct xp_resolution *r)
{
	struct xp_calls *c = &a->impl->calls;
	size_t before = c->functions->nr;
	struct xp_row_key key;
	uint32_t function;

	xp_agg_key(a, a->config.keys | FUNCTION_KEYS, &key, s, r);
	function = xp_row_table_find(c->functions, &key);
	if (function == XP_NONE || c->functions->nr == before || !c->function_row)
		return function;
	xp_agg_key(a, a->config.keys, &key, s, r);
	return set_row(c, function, xp_row_table_find(&a->impl->rows, &key)) ? function : XP_NONE;
}

/*
 * What stands for the callers that are not known, of a sample of this site: where rows are by symbol one of each domain, else
 * of the sample's own row. XP_NONE: no memory.
 */
static uint32_t cut_function(struct xp_agg *a, const struct xp_site *s, const struct xp_resolution *r)
{
	const struct xp_resolution unknown = { .domain = r->domain, .task = r->task, .mode = r->mode, .image = XP_NONE };
	const unsigned int by_code = XP_KEY_MODE | XP_KEY_PROCESS | XP_KEY_PID | XP_KEY_IMAGE | XP_KEY_SYMBOL;
	unsigned int keys = a->config.keys;
	struct xp_calls *c = &a->impl->calls;
	size_t before = c->functions->nr;
	struct xp_row_key key;
	uint32_t function;

	keys &= ~(keys & XP_KEY_SYMBOL ? by_code : XP_KEY_IMAGE);
	xp_agg_key(a, keys | XP_KEY_DOMAIN, &key, s, &unknown);
	key.address = XP_ADDRESS_CUT;
	function = xp_row_table_find(c->functions, &key);
	if (function == XP_NONE || c->functions->nr == before || !c->function_row)
		return function;
	xp_agg_key(a, keys, &key, s, &unknown);
	if (a->config.keys & XP_KEY_SYMBOL)
		key.address = XP_ADDRESS_CUT;
	return set_row(c, function, xp_row_table_find(&a->impl->rows, &key)) ? function : XP_NONE;
}

/* ---- chains ---- */

/* A frame as if it were a sample: of a return address, the instruction before. */
static struct xp_site frame_site(const struct xp_profile *p, const struct xp_call_node *n, const struct xp_site *sample)
{
	const struct xp_chain_context *context = &p->chain_contexts[n->context];

	return (struct xp_site){
		.ip = n->exact || !n->ip ? n->ip : n->ip - 1, .cr3 = context->cr3, .domid = context->domid,
		.vcpu = sample->vcpu, .mode = (uint8_t)((context->mode & ~XPROF_MODE_CODE) | n->code),
	};
}

static uint32_t cut_call(struct xp_agg *a, const struct xp_site *site, uint64_t tsc, uint64_t *to)
{
	struct xp_resolution r;
	uint32_t function;

	if (xp_resolve(a->impl->resolver, site, tsc, &r))
		return XP_NONE;
	*to = r.to < *to ? r.to : *to;
	function = cut_function(a, site, &r);
	return function == XP_NONE ? XP_NONE : call_of(&a->impl->calls, 0, function);
}

/* Of one frame, whose caller is known. *always: it is so at any time. */
static uint32_t frame_call(struct xp_agg *a, const struct xp_site *site, uint32_t node, uint32_t caller, uint64_t tsc,
			   uint64_t *to, bool *always)
{
	struct xp_site s = frame_site(a->profile, &a->profile->nodes[node], site);
	struct xp_resolution r;
	uint32_t function;

	if (xp_resolve(a->impl->resolver, &s, tsc, &r))
		return XP_NONE;
	*always &= r.from == 0 && r.to == UINT64_MAX;
	*to = r.to < *to ? r.to : *to;
	if (!r.symbol && !a->profile->nodes[node].exact) { /* shown as it is on the stack */
		r.address++;
		s.ip++;
	}
	function = function_of(a, &s, &r);
	return function == XP_NONE ? XP_NONE : call_of(&a->impl->calls, caller, function);
}

/* Up to a call that is known, then down again. */
uint32_t xp_calls_of_chain(struct xp_agg *a, const struct xp_site *site, uint32_t chain, uint64_t tsc, uint64_t *to)
{
	struct xp_calls *c = &a->impl->calls;
	uint32_t path[XP_FRAMES_MAX], nr = 0, call = 0;
	bool always = !(a->config.keys & NOT_BY_FRAME);

	*to = UINT64_MAX;
	for (; chain >= XP_CALL_FIRST_NODE && !c->of_node[chain]; chain = a->profile->nodes[chain].parent)
		path[nr++] = chain;
	if (chain >= XP_CALL_FIRST_NODE)
		call = c->of_node[chain] - 1;
	else if (chain != XP_CHAIN_COMPLETE && chain != XP_CHAIN_NONE)
		call = cut_call(a, site, tsc, to);
	always &= *to == UINT64_MAX;
	while (nr-- && call != XP_NONE) {
		if (c->nr >= XP_AGG_MAX_CALLS)
			return cut_call(a, site, tsc, to);
		call = frame_call(a, site, path[nr], call, tsc, to, &always);
		if (always && call != XP_NONE)
			c->of_node[path[nr]] = call + 1;
	}
	return call;
}

bool xp_calls_add(struct xp_agg *a, uint32_t call, const struct xp_site *site, const struct xp_resolution *r, uint32_t row,
		  uint64_t n, uint64_t weight, uint32_t *leaf)
{
	struct xp_calls *c = &a->impl->calls;
	uint32_t function, cut;

	if (c->flat) {
		*leaf = row < c->nr_rows && !a->config.each ? 0 : flat_call(c, row); /* only who looks at each sample asks */
		return *leaf != XP_NONE;
	}
	function = c->function_row ? function_of(a, site, r) : row;
	if (function == XP_NONE || (site->event >= c->nr_events && !xp_calls_widen(c, site->event + 1u)))
		return false;
	if (c->nr >= XP_AGG_MAX_CALLS && !find(c, key_of(call, function))->call) {
		cut = cut_function(a, site, r);
		call = cut == XP_NONE ? XP_NONE : call_of(c, 0, cut);
		if (call == XP_NONE)
			return false;
	}
	call = call_of(c, call, function);
	if (call == XP_NONE)
		return false;
	c->self[2 * call * c->nr_events + site->event] += weight;
	c->self[(2 * call + 1) * c->nr_events + site->event] += n;
	*leaf = call;
	return true;
}
