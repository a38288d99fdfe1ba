// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a kernel's ORC (addresses first, then entries), as the memory of a kernel in which it and its list of modules
 * are looked for, and as what the reader of such a memory hands on.
 */
#include <stddef.h>
#include <stdint.h>

#include "lib/guest/orc.h"
#include "lib/sym/unwinder.h"
#include "lib/unwind/orc.h"

#define MEMORY_AT UINT64_C(0xffffffff81000000)

struct memory { const uint8_t *data; size_t size; };

static bool read_memory(void *arg, uint64_t address, void *to, size_t len)
{
	const struct memory *m = arg;
	uint64_t offset = address - MEMORY_AT;

	if (offset > m->size || m->size - offset < len)
		return false;
	memcpy(to, m->data + offset, len);
	return true;
}

static void use_regions(const uint8_t *data, size_t size)
{
	const struct xp_regs regs = { MEMORY_AT + 0x40, MEMORY_AT, MEMORY_AT + 8 };
	const struct xp_stack stack = { .at = MEMORY_AT, .bytes = data, .len = size };
	struct xp_unwind_range *wanted;
	struct xp_unwind_store store;
	struct xp_unwind_space space;
	struct xp_chain chain;
	struct xp_err err;

	if (!xp_unwind_store_init(&store, 1 << 20))
		return;
	xp_unwind_space_init(&space, &store);
	xp_unwinder_add_kernel(&space, data, size, &err);
	xp_unwind_space_walk(&chain, &space, &regs, &stack, &wanted);
	xp_unwind_space_clear(&space);
	xp_unwind_store_release(&store);
}

/* The places are the first bytes, all of them somewhere in the memory. */
static void use_memory(const uint8_t *data, size_t size)
{
	struct memory m = { data, size };
	const struct xp_kmemory memory = { &m, read_memory };
	struct xp_gorc_places p = { .text = MEMORY_AT, .text_end = MEMORY_AT + 65536, .list = 0, .base = 8, .size = 16, .nr = 20,
				    .module_ip = 24, .module_entries = 32 };
	struct xp_buf regions = XP_BUF_INIT;
	struct xp_err err;

	if (size < 8)
		return;
	p.ip = MEMORY_AT + data[0] * 4;
	p.ip_end = p.ip + data[1] * 4;
	p.entries = MEMORY_AT + data[2] * 4;
	p.modules = MEMORY_AT + data[3] * 4;
	if (!xp_gorc_read(&regions, &memory, &p, &err))
		use_regions(regions.data, regions.len);
	xp_buf_release(&regions);
}

static void use_symbols(const uint8_t *data, size_t size)
{
	struct xp_buf text = { .data = (uint8_t *)(uintptr_t)data, .len = size };
	struct xp_gorc_places p;

	xp_gorc_find(&p, &text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint64_t base = MEMORY_AT;
	size_t nr = size / (4 + XP_ORC_ENTRY_BYTES), i;
	const struct xp_orc orc = { data, base, data + 4 * nr, nr };
	enum xp_orc_format format;

	use_regions(data, size);
	use_memory(data, size);
	use_symbols(data, size);
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
