/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A profile of samples with call chains, for tests: Domain-0 runs /bin/work under CR3 0xa000; web1 (5) is there, of which
 * nothing is known. Images lie at their own addresses:
 *
 *   /bin/work   0x1000 main, 0x1100 work, 0x1200 inner, 0x1300 walk
 *   /bin/other  0x1000 another_program, mapped by who wants it (image 3)
 *   vmlinux     0x5000 sys_read, 0x5100 do_call
 *   xen         0x9000 pv_hypercall, 0x9100 do_event
 */
#ifndef XP_TESTS_CALLS_H
#define XP_TESTS_CALLS_H

#include "unit/build.h"

#define USER   XPROF_MODE_USER
#define KERNEL XPROF_MODE_KERNEL
#define XEN    XPROF_MODE_XEN

void calls_begin(struct build *b);

/* So many samples at ip, with these callers, innermost first. */
void calls_add(struct build *b, uint64_t tsc, uint16_t domid, uint8_t mode, uint64_t ip, const struct xp_call_frame *frames,
		   size_t nr, enum xp_chain_end end, size_t samples);

#define FRAMES(...) (const struct xp_call_frame[]){ __VA_ARGS__ }, \
	sizeof((const struct xp_call_frame[]){ __VA_ARGS__ }) / sizeof(struct xp_call_frame)
#define ADD(mode, ip, frames, samples) calls_add(&b, 100, 0, mode, ip, frames, XP_CHAIN_COMPLETE, samples)

#endif
