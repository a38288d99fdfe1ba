/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work on hostile input by code that is not ours: in a child of its own. It
 * may crash, hang or want all memory there is; then there is no answer, and a
 * text that says which of these it was. It writes no files and no core.
 *
 * For programs with one thread (it forks).
 */
#ifndef XP_BASE_ISOLATE_H
#define XP_BASE_ISOLATE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"

struct xp_isolate {
	uint64_t memory;        /* bytes of address space beyond those that the process has now */
	unsigned int seconds;   /* of CPU time */
	unsigned int clock_seconds;
	size_t answer;          /* bytes of the answer, at most */
};

/*
 * Runs work(arg, answer) in a child and appends what it has put into its answer to *answer. 0, or XP_E_FORMAT: it has not
 * come to an end (the text says how, and begins with `what`); XP_E_SYSTEM, XP_E_NOMEM: no fault of its own.
 */
int xp_isolate(const struct xp_isolate *limits, const char *what, void (*work)(void *arg, struct xp_buf *answer), void *arg,
	       struct xp_buf *answer, struct xp_err *err);

/*
 * For a process that was just forked by `parent`, to work on hostile input by itself, in the background: signals as they are
 * by default, nothing on its stdio, it dies with its parent, is the first to go when memory ends, and may have that many bytes
 * beyond those it has, and seconds of CPU time. False: that cannot be had; end it.
 */
bool xp_isolate_this(uint64_t memory, unsigned int seconds, pid_t parent);

#endif
