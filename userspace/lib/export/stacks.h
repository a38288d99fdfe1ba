/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What most formats are made of: calls (a function and the call it was called from), each with what samples in it stand
 * for. A profile without chains has calls that nothing called.
 */
#ifndef XP_EXPORT_STACKS_H
#define XP_EXPORT_STACKS_H

#include "lib/agg/agg.h"
#include "lib/base/buf.h"

#define XP_STACK_KEYS (XP_KEY_DOMAIN | XP_KEY_MODE | XP_KEY_PROCESS | XP_KEY_IMAGE | XP_KEY_SYMBOL)

struct xp_stacks {
	struct xp_agg *agg;          /* without rows, but html's; in no order: a row's index is its id */
	size_t nr_calls;             /* 1 to nr_calls - 1 */
};

/* What a call is. Idle samples are in none. */
struct xp_stack {
	struct xp_row row;
	uint32_t caller;             /* 0: none */
	const uint64_t *weights, *samples; /* of it alone; an event each */
};

/* more_keys: beside XP_STACK_KEYS. each, arg: as agg.h has them, or NULL. */
int xp_stacks_init(struct xp_stacks *s, struct xp_profile *p, const struct xp_filter *filter, unsigned int more_keys,
		   int (*each)(const struct xp_agg_sample *, void *), void *arg, struct xp_err *err);
void xp_stacks_release(struct xp_stacks *s);

struct xp_stack xp_stack_at(const struct xp_stacks *s, uint32_t call);

/* Has any sample of its own. */
bool xp_stack_has_samples(const struct xp_stacks *s, const struct xp_stack *k);

/* Names, escaped; NUL-terminated in b, which is reset before. The pointer lives as long as b is not touched. NULL: no memory. */
const char *xp_stack_function(struct xp_buf *b, const struct xp_row *row); /* "[unresolved]", "[truncated]" where there is none */
const char *xp_stack_image(struct xp_buf *b, const struct xp_row *row);    /* the last part of its path; "" if there is none */
const char *xp_stack_domain(struct xp_buf *b, const struct xp_stacks *s, const struct xp_row *row);
const char *xp_stack_text(struct xp_buf *b, const char *text);

/* The event's name as others may have it: "timer" is CPU time in nanoseconds. */
bool xp_stack_is_time(const struct xp_agg *a, size_t event);

#endif
