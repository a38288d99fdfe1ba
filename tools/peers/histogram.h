/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often each sample was seen: a hash table by (domain, mode, event, ip). */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

struct histogram_row {
	uint64_t ip, count;
	uint16_t domain;
	uint8_t mode, event;
};

struct histogram {
	struct histogram_row *row; /* unused ones have a count of 0 */
	size_t size, used;         /* size is a power of two, or 0 */
};

/* Adds one; ends the program when there is no memory. */
void histogram_add(struct histogram *h, const struct histogram_row *key);

/* Moves the used rows to the front, the most frequent first. Nothing may be added afterwards. */
void histogram_sort(struct histogram *h);

void histogram_release(struct histogram *h);

#endif
