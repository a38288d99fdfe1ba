/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HOST chunks: the host's description, key and value. */
#include "lib/profile/codec.h"

void xp_host_encode(struct xp_buf *b, const char *key, const char *value)
{
	xp_put_string(b, key);
	xp_put_string(b, value);
}

bool xp_host_decode(struct xp_profile *p, struct xp_cursor *c)
{
	char *key = xp_profile_string(p, c);
	char *value = xp_profile_string(p, c);
	__typeof__(p->host) h;

	if (!key || !value)
		return false;
	h = xp_profile_append(p, host, c);
	if (!h)
		return false;
	h->key = key;
	h->value = value;
	return true;
}

const char *xp_profile_host(const struct xp_profile *p, const char *key)
{
	size_t i = p->nr_host;

	while (i--)
		if (!strcmp(p->host[i].key, key))
			return p->host[i].value;
	return NULL;
}
