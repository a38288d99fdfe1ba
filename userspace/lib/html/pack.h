/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes as text that markup cannot be in: zlib, then base64. */
#ifndef XP_HTML_PACK_H
#define XP_HTML_PACK_H

#include <stdio.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"

/* Prints data, packed, to out. 0 or XP_E_NOMEM. */
int xp_html_pack(FILE *out, const struct xp_buf *data, struct xp_err *err);

/* "sha256-…" of n bytes, as a content security policy has it. */
#define XP_HTML_HASH_TEXT 64
void xp_html_hash(char text[XP_HTML_HASH_TEXT], const void *data, size_t n);

#endif
