/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/calls.h"

#include <linux/xprof.h>

static const struct xp_symbol program[] = {
	{ 0x1000, 0x1100, "main" }, { 0x1100, 0x1200, "work" }, { 0x1200, 0x1300, "inner" }, { 0x1300, 0x1400, "walk" },
};
static const struct xp_symbol other[] = { { 0x1000, 0x1400, "another_program" } };
static const struct xp_symbol kernel[] = { { 0x5000, 0x5100, "sys_read" }, { 0x5100, 0x5200, "do_call" } };
static const struct xp_symbol xen[] = { { 0x9000, 0x9100, "pv_hypercall" }, { 0x9100, 0x9200, "do_event" } };

void calls_begin(struct build *b)
{
	build_begin_chains(b);
	build_event(b, "timer", 1000);
	build_domain(b, 0, "Domain-0", 0, 1);
	build_domain(b, 5, "web1", 5, 1);
	build_task(b, XPROF_TASK_SNAPSHOT, 1, 100, 1, 0xa000, "work");
	build_image(b, XP_IMAGE_FILE, "/bin/work", program, 4);
	build_image(b, XP_IMAGE_KERNEL, "vmlinux", kernel, 2);
	build_image(b, XP_IMAGE_XEN, "xen", xen, 2);
	build_image(b, XP_IMAGE_FILE, "/bin/other", other, 1);
	build_map(b, 0, 0, 100, 0x1000, 0x2000, 0, 0x1000);
	build_map(b, 0, 0, 0, 0x5000, 0x6000, 1, 0x5000);
	build_map(b, 0, XP_DOMID_XEN, 0, 0x9000, 0xa000, 2, 0x9000);
}

void calls_add(struct build *b, uint64_t tsc, uint16_t domid, uint8_t mode, uint64_t ip, const struct xp_call_frame *frames,
		   size_t nr, enum xp_chain_end end, size_t samples)
{
	const struct xprof_sample s = {
		.rec = { .type = XPROF_REC_SAMPLE, .size = 4, .mode = mode, .domid = domid }, .ip = ip, .cr3 = 0xa000, .tsc = tsc,
	};
	const struct xp_chain_context context = { 0xa000, domid, 0 };
	uint32_t chain;
	size_t known;

	assert_int_equal(xp_write_chain(b->w, &context, frames, nr, end, &chain, &known, &b->err), 0);
	while (samples--)
		assert_int_equal(xp_write_chained_samples(b->w, 0, &s, &chain, 1, &b->err), 0);
}
