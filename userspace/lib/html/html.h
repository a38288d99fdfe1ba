/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A profile as one HTML file that needs nothing else: userspace/html/ (embedded in the program when it was built), and the
 * profile's data behind it, compressed. The same profile and options give the same bytes.
 *
 * Whatever a guest may have named goes into the compressed data only, never into the markup.
 */
#ifndef XP_HTML_HTML_H
#define XP_HTML_HTML_H

#include <stdio.h>

#include "lib/agg/agg.h"
#include "lib/lines/binary.h"

struct xp_html_options {
	struct xp_filter filter;       /* of the profile, and of the base */
	struct xp_profile *base;       /* what it is compared with, not the same; NULL: nothing */
	const char *name, *base_name;  /* of the files, for the title */
	const char *version;           /* xprof's own */
	const struct xp_binary_places *places; /* where binaries are looked for, to annotate hot functions; NULL: they are not */
	size_t annotate;               /* how many functions at most */
};

/* Errors of out (ferror()) are the caller's to look at. 0; XP_E_NOMEM; what counting the profile said. */
int xp_html_write(FILE *out, struct xp_profile *p, const struct xp_html_options *o, struct xp_err *err);

#endif
