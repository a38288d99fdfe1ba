/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines that were found before, one file a build-id, kept as base/cache.h has it.
 *
 *   "XPLINES" NUL, u32 version (1), u32 CRC-32 of what follows; build-id (varint length, bytes), source (the same), answer
 *   (answer.h)
 *
 * A file that is broken, of another version or of another build is as good as none, and is written anew.
 */
#ifndef XP_LINES_CACHE_H
#define XP_LINES_CACHE_H

#include "lib/base/buf.h"
#include "lib/lines/lines.h"

#define XP_LINES_CACHE_VERSION 1u
#define XP_LINES_CACHE_MAX (128u << 20) /* bytes of a file */
#define XP_LINES_CACHE_TOTAL (512u << 20) /* of all; what was not used for longest goes */

/* The file's bytes. 0 or XP_E_FORMAT; release *l in any case. */
int xp_lines_cache_parse(struct xp_lines *l, const struct xp_build_id *id, const void *data, size_t len, struct xp_err *err);
void xp_lines_cache_format(const struct xp_lines *l, const struct xp_build_id *id, struct xp_buf *out);

/* False: nothing is kept of this build, or it is not usable; then *l is empty. */
bool xp_lines_cache_load(struct xp_lines *l, const struct xp_build_id *id);
/* Whoever may not write there just has no cache. */
void xp_lines_cache_store(const struct xp_lines *l, const struct xp_build_id *id);

#endif
