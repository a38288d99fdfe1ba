/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Call chains for synthetic samples. Functions have levels (their index modulo
 * 12); one of level n is called by one of three functions of level n - 1, mostly
 * by the first. A sample in a kernel has a system call's caller in a process, one
 * in Xen has a hypercall's in a kernel. One chain in twenty is truncated.
 */
#ifndef MKPROFILE_CHAINS_H
#define MKPROFILE_CHAINS_H

#include "mkprofile/text.h"

struct chains {
	const struct text *xen, *kernel, *program; /* dom0's; a guest's are numbers only */
};

/* Draws the chain of a sample and writes its frames; *chain is its number. What the writer returns. */
int chains_write(const struct chains *c, struct xp_writer *w, const struct xprof_sample *s, uint32_t *chain, struct xp_err *err);

#endif
