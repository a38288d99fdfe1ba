/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames of a guest's memory in a file: written by guest-frames in dom0, read by bench-guest-replay elsewhere. Of this machine's
 * byte order; nothing but a benchmark reads it.
 *
 *   struct guest_frames; nr numbers of frames (uint64_t, ascending); nr frames
 */
#ifndef BENCH_GUEST_FRAMES_H
#define BENCH_GUEST_FRAMES_H

#include <stdint.h>

#define GUEST_FRAMES_MAGIC 0x31534d4152464758ull /* "XGFRAMS1" */

struct guest_frames {
	uint64_t magic;
	uint64_t root;              /* struct xp_gxen */
	uint32_t levels, translated;
	uint64_t nr;
};

#endif
