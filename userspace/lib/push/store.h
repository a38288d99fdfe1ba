/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One request to a store, and what its answer means for what was sent:
 *
 *   SENT      2xx: the store has it
 *   AGAIN     no answer, 408, 429, 5xx: later, maybe
 *   REJECTED  400, 413, 422 and other 4xx, or a 2xx that says so (otlp-answer.h): never, as it is
 *   REFUSED   401, 403, 404, 405, 407, a redirection, a certificate that does not fit: it is not about this message; somebody must look
 *
 * When the connection ends after the whole message went out and before an answer came, nobody here can know whether the
 * store has it: maybe_taken. It is sent again, with the same id.
 */
#ifndef XP_PUSH_STORE_H
#define XP_PUSH_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/push/kind.h"

struct xp_store_address {
	const char *url;           /* http:// or https://; with a path it is taken as it is, else the kind's is added */
	const char *header_file;   /* lines "Name: value", that no other user need see; NULL: none */
	const char *token_file;    /* its first line is sent as "Authorization: Bearer …"; NULL: none */
	const char *ca_file;       /* instead of the system's certificates; NULL */
	const char *cert_file, *key_file; /* of this client; NULL */
	uint64_t timeout_ms;       /* for one request as a whole */
};

enum xp_sent { XP_SENT, XP_SENT_AGAIN, XP_SENT_REJECTED, XP_SENT_REFUSED };

struct xp_store_answer {
	enum xp_sent what;
	long status;               /* 0: there was none */
	bool maybe_taken;
	uint64_t retry_after_ms;   /* 0: it did not say */
	char text[512];            /* what happened, in a line, escaped; "" for SENT with nothing to say */
};

struct xp_store;

/* Reads the files of headers once. XP_E_ABSENT: no libcurl. XP_E_USAGE: an address or a header that makes no sense. */
int xp_store_open(struct xp_store **s, const struct xp_push_kind *kind, const struct xp_store_address *a, struct xp_err *err);
void xp_store_close(struct xp_store *s);

/* Blocks for at most the timeout. stop_fd (-1: none): ends it early when it becomes readable. */
void xp_store_send(struct xp_store *s, const struct xp_buf *body, const uint8_t id[16], int stop_fd, struct xp_store_answer *answer);

/* The answer to a status that a store gave. */
enum xp_sent xp_store_meaning(long status);

#endif
