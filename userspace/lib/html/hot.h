/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The functions with most samples, instruction by instruction, where their binaries are here. */
#ifndef XP_HTML_HOT_H
#define XP_HTML_HOT_H

#include "lib/html/data.h"
#include "lib/html/html.h"

/*
 * The member "hot": of each function that was chosen its instructions, or why there are none. Which: in turn the next of each
 * event. 0 or XP_E_NOMEM.
 */
int xp_html_hot(struct xp_json *j, struct xp_profile *p, const struct xp_html_data *d, const struct xp_html_options *o,
		struct xp_err *err);

#endif
