// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a hypervisor's ELF file, as code, as a kept table, and as a
 * stack that is walked with what came of them.
 */
#include <stddef.h>
#include <stdint.h>

#include "lib/unwind/xen.h"

#define BASE 0xffff82d040200000u

static void walk(const struct xp_unwind_table *t, const uint8_t *data, size_t size)
{
	uint64_t words[XP_XEN_STACK_WORDS] = { 0 };
	struct xp_regs regs = { t->base, BASE, BASE };
	struct xp_chain chain;

	memcpy(words, data, size < sizeof(words) ? size : sizeof(words));
	xp_xen_walk(&chain, t, &regs, words, XP_XEN_STACK_WORDS);
	if (size >= sizeof(regs))
		memcpy(&regs, data, sizeof(regs));
	xp_xen_walk(&chain, t, &regs, words, size % XP_XEN_STACK_WORDS);
}

static void as_image(const struct xp_unwind_code *image, const uint8_t *data, size_t size)
{
	struct xp_unwind_table t;
	struct xp_err err;

	if (xp_xen_rules(&t, image, &err))
		return;
	walk(&t, data, size);
	xp_unwind_table_release(&t);
}

static void as_code(const uint8_t *data, size_t size)
{
	struct xp_unwind_code_section text = { BASE, size, data, ".text", true };
	struct xp_unwind_code_label labels[] = { { BASE, "f", true }, { BASE + 16, "common_interrupt", false },
		{ BASE + 32, "__start___ex_table", false }, { BASE + 64, "__stop___ex_table", false },
		{ BASE + 64, "__start_bug_frames", false }, { BASE + 96, "__stop_bug_frames_1", false },
		{ BASE + 96, "autogen_entrypoints", false } };
	struct xp_unwind_code image = { &text, labels, 1, sizeof(labels) / sizeof(labels[0]), NULL };

	as_image(&image, data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xp_unwind_table t;
	struct xp_unwind_code image;
	struct xp_err err;

	as_code(data, size);
	if (!xp_unwind_code_load(&image, data, size, "fuzz", &err)) {
		as_image(&image, data, size);
		xp_unwind_code_release(&image);
	}
	if (!xp_unwind_table_decode(&t, data, size, &err)) {
		walk(&t, data, size);
		xp_unwind_table_release(&t);
	}
	return 0;
}
