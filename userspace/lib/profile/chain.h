/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Call chains of samples, as a profile has them: a prefix tree. A node is a
 * frame, its parent the frame that called it; a chain is a node, that of the
 * function which called what was sampled (the sample's own address stands in
 * the sample). Stacks themselves never get here.
 *
 * Numbers below XP_CALL_FIRST_NODE are no frames but say how a chain ended:
 * they are the parents of outermost frames, and the chain of a sample that has no caller.
 */
#ifndef XP_PROFILE_CHAIN_H
#define XP_PROFILE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"

#define XP_FRAMES_MAX 512u       /* of a chain: more is malformed; who writes cuts the outermost ones off */
#define XP_CALL_FIRST_NODE 8u

enum xp_chain_end {
	XP_CHAIN_NONE = 0,       /* nothing came with the sample */
	XP_CHAIN_COMPLETE = 1,   /* goes up to what nothing called */
	XP_CHAIN_TRUNCATED = 2,  /* the copy of the stack ended there, or there were too many frames */
	XP_CHAIN_NO_RULE = 3,    /* nobody knew how to go on from the outermost frame */
	XP_CHAIN_MOVED = 4,      /* the guest had gone on before its part could be had */
	XP_CHAIN_BROKEN = 5,     /* the stack contradicted the rules */
	XP_CHAIN_DROPPED = 6,    /* recording could not keep up, or its stack found no room in the ring */
	XP_CHAIN_DAMAGED = 7,    /* nodes are missing in the file; never written */
	XP_NR_CHAIN_ENDS
};
extern const char *const xp_chain_ends[XP_NR_CHAIN_ENDS]; /* "none", "complete", "truncated", … */

/* Whose code a chain's frames are: that of its sample. */
struct xp_chain_context {
	uint64_t cr3;
	uint16_t domid;
	uint8_t mode;            /* XPROF_MODE_HVM, _32, _NESTED */
};

struct xp_call_frame {
	uint64_t ip;             /* a return address, or (exact) what was interrupted */
	uint8_t code;            /* XPROF_MODE_XEN, _KERNEL or _USER */
	bool exact;
};

struct xp_call_node {            /* of one with the end DAMAGED nothing else is known; no chain leads there */
	uint64_t ip;
	uint32_t parent;         /* a smaller number */
	uint32_t context;        /* index in the profile's chain_contexts */
	uint16_t depth;          /* frames up to and with this one */
	uint8_t end;             /* enum xp_chain_end, of the chain */
	uint8_t code;            /* as in struct xp_call_frame */
	bool exact;
};

/* ---- writing: a tree that gives the same chain the same number ---- */

/*
 * Memory is bounded: a tree that has XP_CHAIN_TREE_NODES of them is begun anew. Chains that come again are then
 * in the file twice, which costs room and nothing else.
 */
#define XP_CHAIN_TREE_NODES (1u << 20)

struct xp_chain_tree;
struct xp_chain_tree *xp_chain_tree_new(void); /* NULL: no memory */
void xp_chain_tree_free(struct xp_chain_tree *t);

/*
 * frames: the nr callers, innermost first. *chain is its number; the `known` outermost ones were there before. 0 or
 * XP_E_NOMEM.
 */
int xp_chain_tree_add(struct xp_chain_tree *t, const struct xp_chain_context *context, const struct xp_call_frame *frames,
		      size_t nr, enum xp_chain_end end, uint32_t *chain, size_t *known);

#endif
