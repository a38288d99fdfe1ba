/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's memory with one process in it: its mappings, the file behind them
 * and that file's pages in the page cache, laid out as Linux does, in structs whose
 * offsets are our own.
 */
#ifndef TESTS_USERIMAGE_H
#define TESTS_USERIMAGE_H

#include "lib/base/buf.h"
#include "lib/guest/programs.h"

#define USER_CODE 0x555555554000ull /* where the file is mapped, from its beginning */
#define USER_CR3  0x2000ull         /* frame 2; the kernel's root is frame 1 */

struct user_image {
	/* what it is to be like */
	bool list;             /* mappings in a list, as before 6.1 */
	const uint8_t *file;   /* its bytes */
	size_t file_len;
	size_t missing_from, missing_to; /* pages [from, to) of the file that are not in memory */
	bool only_mapped;      /* nothing is in the page cache: all pages are mapped by the process */
	/* what has been made */
	struct xp_guser_layout layout;
	struct xp_gtask task;
	struct xp_buf frames;
	struct xp_gframes source;
};

void user_image_make(struct user_image *u);
void user_image_release(struct user_image *u);

#endif
