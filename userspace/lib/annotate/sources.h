/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Source files, by the paths that debug data name, if they are here: regular files of a sensible size only. */
#ifndef XP_ANNOTATE_SOURCES_H
#define XP_ANNOTATE_SOURCES_H

#include "lib/base/buf.h"

#define XP_SOURCES_MAX 64u

struct xp_sources {
	struct xp_source { char *path; struct xp_buf text; size_t at; uint32_t line; } v[XP_SOURCES_MAX];
	size_t nr;
};

void xp_sources_release(struct xp_sources *s);

/* The line's text, not terminated, without blanks around it; lives until release. NULL: it is not to be had. */
const char *xp_sources_line(struct xp_sources *s, const char *path, uint32_t line, size_t *len);

#endif
