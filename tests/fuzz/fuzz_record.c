// SPDX-License-Identifier: GPL-2.0-or-later
/* Any bytes as the records of a ring. Each is taken apart as the collector does. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ring/record.h"

static uint64_t sum_words(const struct xp_record *r)
{
	const uint64_t *words;
	uint64_t sum = 0;

	for (size_t n = xp_record_stack_words(r, &words); n > 0; n--)
		sum += words[n - 1];
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *copy = malloc(size + 1); /* aligned, and of exactly this size */
	volatile uint64_t sink = 0;
	struct xp_record r;
	size_t at = 0;

	memcpy(copy, data, size);
	while (size - at && xp_record_decode(copy + at, size - at, &r) == 0) {
		for (size_t i = 0; i < r.size; i++)
			sink += copy[at + i];
		if (r.type == XPROF_REC_SAMPLE)
			sink += r.sample->cr3;
		if (r.type == XPROF_REC_DOMAIN)
			sink += r.domain->handle[15] + r.domain->flags;
		if (r.type == XPROF_REC_LOST)
			sink += r.lost->count;
		if (r.type == XPROF_REC_GAP)
			sink += r.gap->last_tsc;
		if (r.type == XPROF_REC_PERIOD)
			sink += r.period->period;
		if (r.type == XPROF_REC_STACK)
			sink += r.stack->flags + sum_words(&r);
		at += r.size;
	}
	free(copy);
	return 0;
}
