/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is kept between runs: files DIR/KIND/NAME. DIR is $XPROF_CACHE; else $XDG_CACHE_HOME/xprof; else root's is
 * /var/cache/xprof and others' ~/.cache/xprof.
 *
 * A file is taken only if it and its folders belong to us and nobody else may write there; symbolic links are not followed.
 * It appears whole or not at all. What is kept of one KIND has a bound: what was not used for longest goes.
 */
#ifndef XP_BASE_CACHE_H
#define XP_BASE_CACHE_H

#include <stddef.h>
#include <stdint.h>

/* For reading; the caller closes it. -1: there is none, or it is not to be trusted, or it is longer than max bytes. */
int xp_cache_open(const char *kind, const char *name, size_t max);

/*
 * Keeps it, and of this kind at most total bytes. Who cannot write there just has no cache. KIND and NAME: letters, digits,
 * '-', '_' and '.', not beginning with '.'.
 */
void xp_cache_store(const char *kind, const char *name, const void *data, size_t len, uint64_t total);

#endif
