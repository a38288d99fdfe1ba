/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is freed all at once, with a limit: whoever decodes a file sets
 * it from the file's size, so that a hostile one cannot make us allocate more.
 */
#ifndef XP_BASE_ARENA_H
#define XP_BASE_ARENA_H

#include <stddef.h>

struct xp_arena_block;

struct xp_arena {
	struct xp_arena_block *blocks; /* the newest first */
	size_t used, cap;              /* of the newest block */
	size_t total;                  /* bytes taken from the system or charged */
	size_t limit;                  /* of total */
};

void xp_arena_init(struct xp_arena *a, size_t limit);
void xp_arena_release(struct xp_arena *a);

/* n bytes, aligned for any type, not cleared. NULL: no memory, or the limit is reached. */
void *xp_arena_alloc(struct xp_arena *a, size_t n);
/* A terminated copy of n bytes. */
char *xp_arena_string(struct xp_arena *a, const char *s, size_t n);

/* Makes room for one more element of `size` bytes in a malloc'ed array of nr elements whose capacity is *cap; what it
 * grows by counts towards the limit. Returns the array, or NULL (the old one is unchanged). */
void *xp_arena_grow(struct xp_arena *a, void *array, size_t nr, size_t *cap, size_t size);

#endif
