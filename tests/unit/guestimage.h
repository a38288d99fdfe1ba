/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's memory with a kernel's table of symbols in it, made as
 * scripts/kallsyms.c and the linker make it: frames that begin with page
 * tables, whose root is frame 0.
 */
#ifndef TESTS_GUESTIMAGE_H
#define TESTS_GUESTIMAGE_H

#include "lib/base/buf.h"
#include "lib/guest/memory.h"

#define GUEST_TEXT 0xffffffff81000000ull
#define GUEST_MODULE 0xffffffffc0400000ull
#define GUEST_MODULE_TEXT \
	"ffffffffc0400010 t guest_open\t[guest_mod]\nffffffffc0404000 d guest_data\t[guest_mod]\n"
#define GUEST_MODULE_LINE "guest_mod 12288 0 - Live 0xffffffffc0400000\n"

struct guest_image {
	/* what it is to be like */
	bool since_6_4;       /* offsets and base behind the tokens */
	bool sequence;        /* 6.2 and 6.3: three bytes a symbol between markers and tokens */
	bool absolute_percpu; /* up to 6.14 */
	unsigned int marker_bytes; /* 4; 8 up to 4.19 */
	bool long_names;      /* 6.1 and later: lengths of two bytes; one such name is in it */
	bool writable;        /* the kernel has not yet made its constants read-only */
	bool large;           /* mapped by 2 MiB pages */
	bool module;          /* it has one, and types */
	uint64_t base;        /* a multiple of 2 MiB: where _text is, KASLR's choice */
	unsigned int nr;      /* symbols */
	/* what has been made */
	struct xp_buf frames; /* whole pages */
	struct xp_buf text;   /* as /proc/kallsyms has it */
	size_t table, table_len; /* where the symbols' table lies in the frames, as an offset */
	struct xp_gframes source;
};

void guest_image_make(struct guest_image *g);
void guest_image_release(struct guest_image *g);

#endif
