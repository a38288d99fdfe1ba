/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CHNS chunks, read: nodes of call chains. Written by chain-tree.c, where the layout is drawn. */
#include "lib/profile/codec.h"

#define MIN_NODE_BYTES 3u /* link, kind, address */
#define MIN_CONTEXT_BYTES 3u

const char *const xp_chain_ends[XP_NR_CHAIN_ENDS] = {
	"none", "complete", "truncated", "no-rule", "moved", "broken", "dropped", "damaged",
};

uint32_t xp_node_known(const struct xp_profile *p, uint32_t number)
{
	if (number < XP_CALL_FIRST_NODE)
		return number;
	return number < p->nr_nodes && p->nodes[number].end != XP_CHAIN_DAMAGED ? number : XP_CHAIN_DAMAGED;
}

/* Nodes up to `first`, of which nothing is known: the ends of chains, and those of damaged chunks. */
static void fill_up(struct xp_profile *p, uint64_t first)
{
	for (; p->nr_nodes < first; p->nr_nodes++)
		p->nodes[p->nr_nodes] = (struct xp_call_node){
			.end = p->nr_nodes < XP_CALL_FIRST_NODE ? (uint8_t)p->nr_nodes : XP_CHAIN_DAMAGED,
		};
}

static bool decode_contexts(struct xp_profile *p, struct xp_cursor *c, size_t nr)
{
	uint64_t cr3 = 0;

	for (; nr && xp_cursor_ok(c); nr--) {
		struct xp_chain_context context = { .mode = xp_cursor_u8(c) }, *out;

		context.domid = (uint16_t)xp_cursor_bounded(c, UINT16_MAX, "a domain's id");
		cr3 += (uint64_t)xp_cursor_zigzag(c);
		context.cr3 = cr3;
		out = xp_cursor_ok(c) ? xp_profile_append(p, chain_contexts, c) : NULL;
		if (!out)
			return false;
		*out = context;
	}
	return xp_cursor_ok(c);
}

/* A link: an end of chains itself, or how far before the node its parent is, and 7 more. */
static bool take_parent(struct xp_profile *p, struct xp_cursor *c, struct xp_call_node *node, size_t number)
{
	uint64_t link = xp_cursor_varint(c);

	if (link >= XP_CALL_FIRST_NODE && link - (XP_CALL_FIRST_NODE - 1) > number - XP_CALL_FIRST_NODE)
		return xp_cursor_fail(c, "a frame that was called by a later one");
	node->parent = xp_node_known(p, (uint32_t)(link < XP_CALL_FIRST_NODE ? link : number + XP_CALL_FIRST_NODE - 1 - link));
	node->depth = (uint16_t)(p->nodes[node->parent].depth + 1);
	node->end = p->nodes[node->parent].end;
	if (node->depth > XP_FRAMES_MAX)
		return xp_cursor_fail(c, "a chain of more than %u frames", XP_FRAMES_MAX);
	return xp_cursor_ok(c);
}

static bool decode_links(struct xp_profile *p, struct xp_cursor *c, size_t nr)
{
	for (; nr; nr--) {
		struct xp_call_node *node = &p->nodes[p->nr_nodes];

		memset(node, 0, sizeof(*node));
		if (!take_parent(p, c, node, p->nr_nodes++))
			return false;
	}
	return true;
}

/* Outermost frames say whose they are; the others are their callers'. */
static bool decode_owners(struct xp_profile *p, struct xp_cursor *c, size_t first, size_t base, size_t nr_contexts)
{
	size_t i;

	for (i = first; i < p->nr_nodes; i++) {
		struct xp_call_node *node = &p->nodes[i];
		uint64_t context;

		if (node->end == XP_CHAIN_DAMAGED)
			continue; /* (what it said is lost with its outermost frame) */
		if (node->parent >= XP_CALL_FIRST_NODE) {
			node->context = p->nodes[node->parent].context;
			continue;
		}
		context = xp_cursor_varint(c);
		if (context >= nr_contexts)
			return xp_cursor_fail(c, "a context of chains that is not there");
		node->context = (uint32_t)(base + context);
	}
	return xp_cursor_ok(c);
}

static bool decode_frames(struct xp_profile *p, struct xp_cursor *c, size_t first)
{
	uint64_t ip = 0;
	size_t i;

	for (i = first; i < p->nr_nodes && xp_cursor_ok(c); i++) {
		uint8_t kind = xp_cursor_u8(c);

		p->nodes[i].code = kind & XPROF_MODE_CODE;
		p->nodes[i].exact = kind >> 2 & 1;
	}
	for (i = first; i < p->nr_nodes && xp_cursor_ok(c); i++) {
		ip += (uint64_t)xp_cursor_zigzag(c);
		p->nodes[i].ip = ip;
	}
	return xp_cursor_ok(c);
}

/* Nothing of a chunk that is malformed is kept. */
static bool give_up(struct xp_profile *p, size_t first)
{
	size_t i;

	for (i = first; i < p->nr_nodes; i++)
		p->nodes[i] = (struct xp_call_node){ .end = XP_CHAIN_DAMAGED };
	return false;
}

/* Room at once for what a chunk brings, which its bytes have bounded. */
static bool reserve(struct xp_profile *p, struct xp_cursor *c, uint64_t nr)
{
	struct xp_call_node *nodes;

	while (p->file->cap_nodes < nr) {
		nodes = xp_arena_grow(&p->file->arena, p->nodes, p->file->cap_nodes, &p->file->cap_nodes, sizeof(*nodes));
		if (!nodes) {
			p->file->refused = true;
			return xp_cursor_fail(c, "no memory, or more than a file of this size may take");
		}
		p->nodes = nodes;
	}
	return true;
}

bool xp_nodes_decode(struct xp_profile *p, struct xp_cursor *c)
{
	uint64_t first = xp_cursor_bounded(c, UINT32_MAX, "a frame's number");
	size_t nr = xp_cursor_count(c, MIN_NODE_BYTES, "a number of frames");
	size_t nr_contexts = xp_cursor_count(c, MIN_CONTEXT_BYTES, "a number of contexts");
	size_t base = p->nr_chain_contexts;

	if (!xp_cursor_ok(c))
		return false;
	if (first < XP_CALL_FIRST_NODE || first < p->nr_nodes || first > UINT32_MAX - nr)
		return xp_cursor_fail(c, "frames %llu and on, after %zu", (unsigned long long)first, p->nr_nodes);
	if (!reserve(p, c, first + nr))
		return false;
	fill_up(p, first);
	if (decode_contexts(p, c, nr_contexts) && decode_links(p, c, nr) &&
	    decode_owners(p, c, (size_t)first, base, nr_contexts) && decode_frames(p, c, (size_t)first))
		return true;
	return give_up(p, (size_t)first);
}
