/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kinds of stores, and how each wants its requests. The facts are in xprof-push(1). */
#ifndef XP_PUSH_KIND_H
#define XP_PUSH_KIND_H

#include "lib/base/buf.h"
#include "lib/export/store.h"

struct xp_push_kind {
	const char *name;          /* as users write it; letters only */
	const char *path;          /* behind the store's address, if that has none of its own */
	const char *content_type;
	const char *content_encoding; /* NULL: none */
	const char *what;          /* one line, for help */
	bool answers_in_detail;    /* a 2xx may say that not all was taken: otlp-answer.h */
	const char *service, *host;/* what the labels of these are called */
	int (*each)(struct xp_profile *p, const struct xp_store_options *o, xp_store_fn fn, void *arg, struct xp_err *err);
	/* Appends a request's body. NULL: it is the message as it is. */
	void (*body)(struct xp_buf *out, const struct xp_store_message *m, const struct xp_store_options *o);
};

extern const struct xp_push_kind xp_push_kinds[]; /* ends with a NULL name */

/* NULL: there is none of that name (of len bytes). */
const struct xp_push_kind *xp_push_kind(const char *name, size_t len);

#define XP_PUSH_UUID 37u
void xp_push_uuid(char text[XP_PUSH_UUID], const uint8_t id[16]);

#endif
