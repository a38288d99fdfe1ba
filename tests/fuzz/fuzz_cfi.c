// SPDX-License-Identifier: GPL-2.0-or-later
/* Any bytes as an ELF file with call frame information, and as that itself; what comes of them is looked up and kept. */
#include <stddef.h>
#include <stdint.h>

#include "lib/unwind/binary.h"
#include "lib/unwind/cfi.h"

static void use(struct xp_unwind_table *t)
{
	struct xp_buf bytes = XP_BUF_INIT;
	struct xp_unwind_table back;
	struct xp_err err;
	size_t i;

	for (i = 1; i < t->nr; i++)
		if (t->rules[i].start <= t->rules[i - 1].start)
			abort();
	xp_unwind_table_find(t, t->base + 1);
	xp_unwind_table_encode(t, &bytes);
	if (xp_buf_ok(&bytes)) {
		if (xp_unwind_table_decode(&back, bytes.data, bytes.len, &err) || back.nr != t->nr)
			abort();
		xp_unwind_table_release(&back);
	}
	xp_buf_release(&bytes);
	xp_unwind_table_release(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct xp_cfi_section sections[] = { { "eh", data, size, 0x2000, false }, { "debug", data, size, 0, true } };
	struct xp_unwind_table t;
	struct xp_err err;

	if (!xp_binary_rules_memory(&t, data, size, "fuzz", &err))
		use(&t);
	xp_unwind_table_init(&t, 0);
	if (!xp_cfi_rules(&t, sections, 2, &err))
		use(&t);
	return 0;
}
