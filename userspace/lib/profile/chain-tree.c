/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CHNS chunks, written: the prefix tree that gives chains their numbers, and
 * those of its nodes that are not in the file yet, as columns:
 *
 *   part 1  numbers: the first node's, how many, how many contexts
 *   part 2  contexts: mode, domid, cr3 less the one before
 *   part 3  per node how far before it its parent is
 *   part 4  per outermost node its context
 *   part 5  per node whose code it is
 *   part 6  per node its address, less that of the node before
 */
#include "lib/profile/codec.h"

#define FIRST_BITS 10u
#define CONTEXT_BITS 17u
#define CONTEXT_SLOTS (1u << CONTEXT_BITS) /* never full: what is not yet in the file has XP_CHUNK_NODES_MAX nodes at most */
#define MAX_CONTEXTS (1u << 16)            /* a tree with more is begun anew */
#define NONE UINT32_MAX

struct tree_node {
	uint64_t ip;
	uint32_t parent;         /* number */
	uint32_t context;        /* of an outermost one; else 0 */
	uint32_t kind;
};

struct tree_context {
	struct xp_chain_context c;
	uint32_t chunk, index;   /* where it is in the chunk that is being made, if that is its number */
};

struct xp_chain_tree {
	struct tree_node *nodes; /* nr of them; the first one's number is base */
	uint32_t *slots;         /* hash → node + 1; 1 << bits */
	size_t nr, room;
	unsigned int bits;
	uint32_t base;
	size_t written;          /* of nodes: those in the file */
	struct tree_context *contexts;
	uint32_t *context_slots; /* hash → context + 1 */
	size_t nr_contexts, room_contexts;
	uint32_t chunk;          /* number of the present one */
	struct xp_buf contexts_out, links, roots, kinds, ips;
	size_t contexts_in_chunk;
};

struct xp_chain_tree *xp_chain_tree_new(void)
{
	struct xp_chain_tree *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->bits = FIRST_BITS;
	t->base = XP_CALL_FIRST_NODE;
	t->slots = calloc((size_t)1 << t->bits, sizeof(*t->slots));
	t->context_slots = calloc(CONTEXT_SLOTS, sizeof(*t->context_slots));
	if (!t->slots || !t->context_slots) {
		xp_chain_tree_free(t);
		return NULL;
	}
	return t;
}

void xp_chain_tree_free(struct xp_chain_tree *t)
{
	if (!t)
		return;
	xp_buf_release(&t->contexts_out);
	xp_buf_release(&t->links);
	xp_buf_release(&t->roots);
	xp_buf_release(&t->kinds);
	xp_buf_release(&t->ips);
	free(t->nodes);
	free(t->slots);
	free(t->context_slots);
	free(t->contexts);
	free(t);
}

size_t xp_chain_tree_pending(const struct xp_chain_tree *t)
{
	return t->nr - t->written;
}

/* ---- finding ---- */

static size_t slot_of(const struct xp_chain_tree *t, const struct tree_node *n)
{
	uint64_t h = (n->ip ^ (uint64_t)n->parent << 32 ^ (uint64_t)n->context << 3 ^ n->kind) * 0x9e3779b97f4a7c15u;

	h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
	return (size_t)(h >> (64 - t->bits));
}

static bool same(const struct tree_node *a, const struct tree_node *b)
{
	return a->ip == b->ip && a->parent == b->parent && a->context == b->context && a->kind == b->kind;
}

/* Its slot, or the free one where it would be. */
static uint32_t *find(const struct xp_chain_tree *t, const struct tree_node *n)
{
	size_t mask = ((size_t)1 << t->bits) - 1, i = slot_of(t, n);

	while (t->slots[i] && !same(&t->nodes[t->slots[i] - 1], n))
		i = (i + 1) & mask;
	return &t->slots[i];
}

static bool grow_slots(struct xp_chain_tree *t)
{
	uint32_t *slots = calloc((size_t)2 << t->bits, sizeof(*slots));
	size_t i;

	if (!slots)
		return false;
	free(t->slots);
	t->slots = slots;
	t->bits++;
	for (i = 0; i < t->nr; i++)
		*find(t, &t->nodes[i]) = (uint32_t)i + 1;
	return true;
}

static bool make_room(struct xp_chain_tree *t)
{
	size_t room = t->room ? 2 * t->room : 1024;
	struct tree_node *nodes;

	if (t->nr == t->room) {
		nodes = realloc(t->nodes, room * sizeof(*nodes));
		if (!nodes)
			return false;
		t->nodes = nodes;
		t->room = room;
	}
	return t->nr + 1 <= ((size_t)1 << t->bits) / 2 || grow_slots(t);
}

static size_t context_slot(const struct xp_chain_context *c)
{
	uint64_t h = (c->cr3 ^ (uint64_t)c->domid << 8 ^ c->mode) * 0x9e3779b97f4a7c15u;

	return (size_t)(h >> (64 - CONTEXT_BITS));
}

static bool same_context(const struct xp_chain_context *a, const struct xp_chain_context *b)
{
	return a->cr3 == b->cr3 && a->domid == b->domid && a->mode == b->mode;
}

/* Index of the context, NONE: no memory. */
static uint32_t find_context(struct xp_chain_tree *t, const struct xp_chain_context *c)
{
	size_t room = t->room_contexts ? 2 * t->room_contexts : 64, i = context_slot(c);
	struct tree_context *contexts;

	for (; t->context_slots[i]; i = (i + 1) & (CONTEXT_SLOTS - 1))
		if (same_context(&t->contexts[t->context_slots[i] - 1].c, c))
			return t->context_slots[i] - 1;
	if (t->nr_contexts == t->room_contexts) {
		contexts = realloc(t->contexts, room * sizeof(*contexts));
		if (!contexts)
			return NONE;
		t->contexts = contexts;
		t->room_contexts = room;
	}
	t->contexts[t->nr_contexts] = (struct tree_context){ *c, NONE, 0 };
	t->context_slots[i] = (uint32_t)++t->nr_contexts;
	return (uint32_t)t->nr_contexts - 1;
}

/* ---- adding ---- */

/* Where the context stands in this chunk; it is put there if it is not. */
static uint32_t context_in_chunk(struct xp_chain_tree *t, uint32_t context)
{
	struct tree_context *k = &t->contexts[context];

	if (k->chunk != t->chunk) {
		k->chunk = t->chunk;
		k->index = (uint32_t)t->contexts_in_chunk++;
		xp_buf_u8(&t->contexts_out, k->c.mode);
		xp_buf_varint(&t->contexts_out, k->c.domid);
		xp_buf_u64(&t->contexts_out, k->c.cr3);
	}
	return k->index;
}

/* The number of the node; *is_new. 0: no memory. */
static uint32_t add(struct xp_chain_tree *t, const struct tree_node *n, bool *is_new)
{
	uint32_t *slot = find(t, n), number;

	*is_new = !*slot;
	if (*slot)
		return t->base + *slot - 1;
	if (!make_room(t))
		return 0;
	number = t->base + (uint32_t)t->nr;
	t->nodes[t->nr] = *n;
	*find(t, n) = (uint32_t)++t->nr;
	xp_buf_varint(&t->links, n->parent < XP_CALL_FIRST_NODE ? n->parent : number - n->parent + XP_CALL_FIRST_NODE - 1);
	if (n->parent < XP_CALL_FIRST_NODE)
		xp_buf_varint(&t->roots, context_in_chunk(t, n->context));
	xp_buf_u8(&t->kinds, (uint8_t)n->kind);
	return number;
}

/* What has been written stays valid: numbers only go up. */
static void begin_anew(struct xp_chain_tree *t)
{
	t->base += (uint32_t)t->nr;
	t->nr = t->written = t->nr_contexts = 0;
	memset(t->slots, 0, sizeof(*t->slots) << t->bits);
	memset(t->context_slots, 0, CONTEXT_SLOTS * sizeof(*t->context_slots));
}

static bool is_full(const struct xp_chain_tree *t, size_t more)
{
	return t->nr + more > XP_CHAIN_TREE_NODES || t->nr_contexts >= MAX_CONTEXTS;
}

int xp_chain_tree_add(struct xp_chain_tree *t, const struct xp_chain_context *context, const struct xp_call_frame *frames,
		      size_t nr, enum xp_chain_end end, uint32_t *chain, size_t *known)
{
	struct tree_node n = { .parent = end };
	bool is_new;

	*chain = end;
	*known = 0;
	if (nr > XP_FRAMES_MAX) { /* the innermost ones are kept */
		nr = XP_FRAMES_MAX;
		*chain = n.parent = XP_CHAIN_TRUNCATED;
	}
	if (is_full(t, nr) && !xp_chain_tree_pending(t))
		begin_anew(t);
	if (t->base > UINT32_MAX - 2 * XP_CHAIN_TREE_NODES) { /* after thousands of trees: no number is left */
		*chain = XP_CHAIN_DROPPED;
		return 0;
	}
	n.context = nr ? find_context(t, context) : 0;
	if (n.context == NONE)
		return XP_E_NOMEM;
	while (nr--) {
		n.ip = frames[nr].ip;
		n.kind = (uint32_t)frames[nr].code | (frames[nr].exact ? 4u : 0);
		n.parent = add(t, &n, &is_new);
		if (!n.parent)
			return XP_E_NOMEM;
		n.context = 0;
		*known += !is_new;
	}
	*chain = n.parent;
	return 0;
}

/* ---- chunks ---- */

static void put_addresses(struct xp_chain_tree *t)
{
	uint64_t last = 0;
	size_t i;

	for (i = t->written; i < t->nr; i++) {
		xp_buf_zigzag(&t->ips, (int64_t)(t->nodes[i].ip - last));
		last = t->nodes[i].ip;
	}
}

static void put_contexts(struct xp_chain_tree *t, struct xp_buf *out)
{
	struct xp_cursor c;
	uint64_t last = 0, cr3;

	xp_cursor_init(&c, "contexts", t->contexts_out.data, t->contexts_out.len, NULL);
	while (c.left) {
		xp_buf_u8(out, xp_cursor_u8(&c));
		xp_buf_varint(out, xp_cursor_varint(&c));
		cr3 = xp_cursor_u64(&c);
		xp_buf_zigzag(out, (int64_t)(cr3 - last));
		last = cr3;
	}
}

static void reset(struct xp_chain_tree *t)
{
	t->written = t->nr;
	t->contexts_in_chunk = 0;
	t->chunk++;
	xp_buf_reset(&t->contexts_out);
	xp_buf_reset(&t->links);
	xp_buf_reset(&t->roots);
	xp_buf_reset(&t->kinds);
	xp_buf_reset(&t->ips);
}

int xp_chain_tree_encode(struct xp_chain_tree *t, struct xp_buf *out, struct xp_deflater *d, struct xp_err *err)
{
	struct xp_buf head = XP_BUF_INIT;
	struct xp_chunk_part parts[5];
	int rc = XP_E_NOMEM;

	xp_buf_varint(&head, t->base + t->written);
	xp_buf_varint(&head, xp_chain_tree_pending(t));
	xp_buf_varint(&head, t->contexts_in_chunk);
	put_contexts(t, &head);
	put_addresses(t);
	parts[0] = (struct xp_chunk_part){ head.data, head.len, XP_PART_RECORDS };
	parts[1] = (struct xp_chunk_part){ t->links.data, t->links.len, XP_PART_RECORDS };
	parts[2] = (struct xp_chunk_part){ t->roots.data, t->roots.len, XP_PART_RECORDS };
	parts[3] = (struct xp_chunk_part){ t->kinds.data, t->kinds.len, XP_PART_COLUMN };
	parts[4] = (struct xp_chunk_part){ t->ips.data, t->ips.len, XP_PART_COLUMN };
	if (xp_buf_ok(&head) && xp_buf_ok(&t->contexts_out) && xp_buf_ok(&t->links) && xp_buf_ok(&t->roots) &&
	    xp_buf_ok(&t->kinds) && xp_buf_ok(&t->ips))
		rc = xp_chunk_encode(out, d, XP_CHUNK_NODES, parts, 5, err);
	else
		xp_fail(err, XP_E_NOMEM, "no memory for call chains");
	xp_buf_release(&head);
	if (!rc)
		reset(t);
	return rc;
}
