/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/arena.h"

#include <stdbool.h>
#include <stdint.h>

#define BLOCK_BYTES (64u << 10)
#define ALIGN 16u

struct xp_arena_block {
	struct xp_arena_block *next;
	_Alignas(ALIGN) unsigned char data[];
};

void xp_arena_init(struct xp_arena *a, size_t limit)
{
	*a = (struct xp_arena){ .limit = limit };
}

void xp_arena_release(struct xp_arena *a)
{
	struct xp_arena_block *b = a->blocks, *next;

	for (; b; b = next) {
		next = b->next;
		free(b);
	}
	xp_arena_init(a, a->limit);
}

static bool charge(struct xp_arena *a, size_t n)
{
	if (n > a->limit - a->total)
		return false;
	a->total += n;
	return true;
}

static struct xp_arena_block *new_block(struct xp_arena *a, size_t n)
{
	struct xp_arena_block *b;

	if (!charge(a, n))
		return NULL;
	b = malloc(sizeof(*b) + n);
	if (!b)
		a->total -= n;
	return b;
}

/* A block of its own, put behind the newest so that that one goes on being filled. */
static void *alloc_large(struct xp_arena *a, size_t n)
{
	struct xp_arena_block *b = new_block(a, n);

	if (!b)
		return NULL;
	if (a->blocks) {
		b->next = a->blocks->next;
		a->blocks->next = b;
	} else {
		b->next = NULL;
		a->blocks = b;
		a->used = a->cap = n;
	}
	return b->data;
}

void *xp_arena_alloc(struct xp_arena *a, size_t n)
{
	struct xp_arena_block *b;
	void *p;

	if (n > SIZE_MAX - ALIGN)
		return NULL;
	n = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (n > a->cap - a->used) {
		if (n > BLOCK_BYTES / 4)
			return alloc_large(a, n);
		b = new_block(a, BLOCK_BYTES);
		if (!b)
			return NULL;
		b->next = a->blocks;
		a->blocks = b;
		a->used = 0;
		a->cap = BLOCK_BYTES;
	}
	p = a->blocks->data + a->used;
	a->used += n;
	return p;
}

char *xp_arena_string(struct xp_arena *a, const char *s, size_t n)
{
	char *p = n < SIZE_MAX ? xp_arena_alloc(a, n + 1) : NULL;

	if (!p)
		return NULL;
	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

void *xp_arena_grow(struct xp_arena *a, void *array, size_t nr, size_t *cap, size_t size)
{
	size_t want = *cap ? *cap * 2 : 8;
	void *p;

	if (nr < *cap)
		return array;
	if (want > SIZE_MAX / size || !charge(a, (want - *cap) * size))
		return NULL;
	p = realloc(array, want * size);
	if (!p) {
		a->total -= (want - *cap) * size;
		return NULL;
	}
	*cap = want;
	return p;
}
