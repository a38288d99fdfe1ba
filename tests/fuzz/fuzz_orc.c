// SPDX-License-Identifier: GPL-2.0-or-later
/* Any bytes as a kernel's ORC: addresses first, then entries. */
#include <stddef.h>
#include <stdint.h>

#include "lib/unwind/orc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint64_t base = 0xffffffff81000000;
	size_t nr = size / (4 + XP_ORC_ENTRY_BYTES), i;
	const struct xp_orc orc = { data, base, data + 4 * nr, nr };
	enum xp_orc_format format;

	xp_orc_format(orc.entries, nr);
	for (format = XP_ORC_UNKNOWN; format <= XP_ORC_TYPES; format++) {
		struct xp_unwind_table t;
		struct xp_err err;

		if (xp_orc_rules(&t, &orc, format, base, base + (1 << 24), &err))
			continue;
		for (i = 1; i < t.nr; i++)
			if (t.rules[i].start <= t.rules[i - 1].start)
				abort();
		xp_unwind_table_find(&t, base + size);
		xp_unwind_table_release(&t);
	}
	return 0;
}
