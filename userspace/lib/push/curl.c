// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/push/curl.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

static const struct { const char *name; size_t at; } functions[] = {
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

int xp_curl_load(struct xp_curl *c, struct xp_err *err)
{
	c->library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
	if (!c->library)
		c->library = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
	if (!c->library)
		return xp_fail(err, XP_E_ABSENT, "libcurl, which sends, is not here (%s): apt install libcurl4", dlerror());
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *f = dlsym(c->library, functions[i].name);

		if (!f)
			return xp_fail(err, XP_E_VERSION, "this libcurl has no %s: at least 7.88 is needed", functions[i].name);
		memcpy((char *)c + functions[i].at, &f, sizeof(f));
	}
	return c->global_init(CURL_GLOBAL_DEFAULT) ? xp_fail(err, XP_E_SYSTEM, "libcurl cannot be initialized") : 0;
}
