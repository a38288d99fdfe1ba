// SPDX-License-Identifier: GPL-2.0-or-later
#include "histogram.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static bool same(const struct histogram_row *a, const struct histogram_row *b)
{
	return a->ip == b->ip && a->domain == b->domain && a->mode == b->mode && a->event == b->event;
}

static uint64_t hash(const struct histogram_row *k)
{
	uint64_t h = k->ip ^ (uint64_t)k->domain << 48 ^ (uint64_t)k->mode << 40 ^ (uint64_t)k->event << 44;

	return h * 0x9e3779b97f4a7c15ull >> 20;
}

/* The row of this key, or the free one where it belongs. */
static struct histogram_row *find(const struct histogram *h, const struct histogram_row *key)
{
	size_t i = hash(key) & (h->size - 1);

	while (h->row[i].count && !same(&h->row[i], key))
		i = (i + 1) & (h->size - 1);
	return &h->row[i];
}

static void grow(struct histogram *h)
{
	struct histogram bigger = { .size = h->size ? h->size * 2 : 4096, .used = h->used };

	bigger.row = calloc(bigger.size, sizeof(*bigger.row));
	if (!bigger.row) {
		fprintf(stderr, "no memory for %zu addresses\n", bigger.size);
		exit(1);
	}
	for (size_t i = 0; i < h->size; i++)
		if (h->row[i].count)
			*find(&bigger, &h->row[i]) = h->row[i];
	free(h->row);
	*h = bigger;
}

void histogram_add(struct histogram *h, const struct histogram_row *key)
{
	struct histogram_row *row;

	if (h->used * 2 >= h->size)
		grow(h);
	row = find(h, key);
	if (!row->count) {
		*row = *key;
		row->count = 0;
		h->used++;
	}
	row->count++;
}

static int more_first(const void *a, const void *b)
{
	const struct histogram_row *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return (x->ip > y->ip) - (x->ip < y->ip);
}

void histogram_sort(struct histogram *h)
{
	qsort(h->row, h->size, sizeof(*h->row), more_first);
}

void histogram_release(struct histogram *h)
{
	free(h->row);
	*h = (struct histogram){ 0 };
}
