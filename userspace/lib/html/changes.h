/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which functions have changed by more than chance: lib/diff's words, for the page. */
#ifndef XP_HTML_CHANGES_H
#define XP_HTML_CHANGES_H

#include "lib/base/json.h"
#include "lib/html/html.h"

/* The member "changes" of p against o->base: two profiles that share nothing. 0, XP_E_NOMEM, or what counting said. */
int xp_html_changes(struct xp_json *j, struct xp_profile *p, const struct xp_html_options *o, struct xp_err *err);

#endif
