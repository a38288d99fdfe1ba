// SPDX-License-Identifier: GPL-2.0-or-later
/* What a store of profiles answers. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/push/otlp-answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + 1); /* of exactly this size, for the sanitizer */
	volatile unsigned int sink = 0;
	struct xp_otlp_answer a;

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	xp_otlp_answer_parse(&a, copy, size);
	for (size_t i = 0; i < a.len; i++)
		sink += (unsigned char)a.message[i];
	free(copy);
	return 0;
}
