/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page's own files (userspace/html/), as they were when the program was built. */
#ifndef XP_HTML_ASSETS_H
#define XP_HTML_ASSETS_H

extern const char xp_html_template[], xp_html_template_end[];
extern const char xp_html_style[], xp_html_style_end[];
extern const char xp_html_script[], xp_html_script_end[];

#endif
