// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/push/curl.h"

#include <stddef.h>

#include "lib/base/library.h"

static const struct xp_library_function functions[] = {
	{ "curl_global_init", offsetof(struct xp_curl, global_init) },
	{ "curl_easy_init", offsetof(struct xp_curl, init) },
	{ "curl_easy_cleanup", offsetof(struct xp_curl, cleanup) },
	{ "curl_easy_reset", offsetof(struct xp_curl, reset) },
	{ "curl_easy_setopt", offsetof(struct xp_curl, setopt) },
	{ "curl_easy_perform", offsetof(struct xp_curl, perform) },
	{ "curl_easy_getinfo", offsetof(struct xp_curl, getinfo) },
	{ "curl_slist_append", offsetof(struct xp_curl, slist_append) },
	{ "curl_slist_free_all", offsetof(struct xp_curl, slist_free) },
};

static const struct xp_library library = {
	.name = "libcurl", .does = "sends", .package = "libcurl4",
	.files = { "libcurl.so.4", "libcurl-gnutls.so.4" },
	.wanted = ": at least 7.88 is needed",
	.functions = functions, .nr_functions = sizeof(functions) / sizeof(functions[0]),
};

int xp_curl_load(struct xp_curl *c, struct xp_err *err)
{
	int rc = xp_library_load(c, &library, err);

	if (!rc && c->global_init(CURL_GLOBAL_DEFAULT))
		rc = xp_fail(err, XP_E_SYSTEM, "libcurl cannot be initialized");
	return rc;
}
