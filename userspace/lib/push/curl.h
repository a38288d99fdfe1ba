/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libcurl, with thirty libraries behind it: lib/base/library.h. */
#ifndef XP_PUSH_CURL_H
#define XP_PUSH_CURL_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#undef curl_easy_setopt
#undef curl_easy_getinfo

#include "lib/base/error.h"

struct xp_curl {
	__typeof__(curl_global_init) *global_init;
	__typeof__(curl_easy_init) *init;
	__typeof__(curl_easy_cleanup) *cleanup;
	__typeof__(curl_easy_reset) *reset;
	__typeof__(curl_easy_setopt) *setopt;
	__typeof__(curl_easy_perform) *perform;
	__typeof__(curl_easy_getinfo) *getinfo;
	__typeof__(curl_slist_append) *slist_append;
	__typeof__(curl_slist_free_all) *slist_free;
};

/* As xp_library_load(). */
int xp_curl_load(struct xp_curl *c, struct xp_err *err);

#endif
