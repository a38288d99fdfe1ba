/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work on many things of which none needs another, on as many CPUs as there are. A thread that cannot be had is no
 * matter: the caller's takes what is left.
 */
#ifndef XP_BASE_PARALLEL_H
#define XP_BASE_PARALLEL_H

#include <stddef.h>

/* Calls fn for [first, last), `step` of nr things at a time, until all were there; in any order, several at once. */
void xp_parallel(size_t nr, size_t step, void (*fn)(void *arg, size_t first, size_t last), void *arg);

#endif
