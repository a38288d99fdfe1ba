// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of files in directories that others may write to: profiles of a continuous recording, messages of a spool. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/push/spool.h"
#include "lib/rotate/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken for one of ours is the very name that we would have given. */
static void check_spool(const char *text)
{
	char again[XP_SPOOL_NAME];
	struct xp_spool_name name;

	if (!xp_spool_parse(text, &name))
		return;
	xp_spool_format(again, &name);
	if (strcmp(text, again))
		abort();
}

static void check_profile(const char *text)
{
	char again[XP_ROTATE_NAME_BYTES];
	uint64_t ms;

	if (xp_rotate_is_name(text, &ms)) {
		xp_rotate_name(again, ms);
		if (strcmp(text, again))
			abort();
	}
	if (xp_rotate_is_part(text, &ms)) {
		xp_rotate_part(again, ms);
		if (strcmp(text, again))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	check_spool(text);
	check_profile(text);
	free(text);
	return 0;
}
