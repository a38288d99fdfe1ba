// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/push/store.h"

#include <ctype.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/push/curl.h"
#include "lib/push/otlp-answer.h"

#define MAX_HEADERS (64u << 10) /* of a file of headers */
#define MAX_ANSWER 4096u        /* of what the store says; the rest is thrown away */
#define SHOWN 200               /* of that */

struct xp_store {
	struct xp_curl curl;
	CURL *easy;
	const struct xp_push_kind *kind;
	struct xp_store_address a; /* its strings are borrowed */
	char *url;
	struct curl_slist *headers; /* those that each request has */
	struct xp_buf answer;
	int stop_fd;
};

/* ---- opening -------------------------------------------------------------*/

/* "https://host:4100" or "https://host/" gets the kind's path; what has one keeps it. */
static int set_url(struct xp_store *s, struct xp_err *err)
{
	const char *url = s->a.url, *host = strstr(url, "://"), *path;
	size_t len;

	if (strncmp(url, "http://", 7) && strncmp(url, "https://", 8))
		return xp_fail(err, XP_E_USAGE, "--to '%.200s' is no address of a store: http://host:4040 and https://host/path are", url);
	if (strchr(host + 3, '@'))
		return xp_fail(err, XP_E_USAGE, "--to: a password in an address can be read by every user of this host: put the header "
			       "into a file, --header-file");
	path = strchr(host + 3, '/');
	len = path && !path[1] ? (size_t)(path - url) : strlen(url);
	if (asprintf(&s->url, "%.*s%s", (int)len, url, path && path[1] ? "" : s->kind->path) < 0)
		s->url = NULL;
	return s->url ? 0 : xp_fail(err, XP_E_NOMEM, "no memory");
}

static int add_header(struct xp_store *s, const char *line, const char *file, struct xp_err *err)
{
	size_t name = strcspn(line, ":");
	struct curl_slist *more;

	for (const char *c = line; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return xp_fail(err, XP_E_USAGE, "%s: a header holds a character that none may hold", file);
	if (!line[name] || !name || strcspn(line, " \t") < name)
		return xp_fail(err, XP_E_USAGE, "%s: a line is no header: 'Name: value' is", file);
	more = s->curl.slist_append(s->headers, line);
	if (!more)
		return xp_fail(err, XP_E_NOMEM, "no memory");
	s->headers = more;
	return 0;
}

/* Calls fn for each line that is not empty. */
static int each_line(struct xp_store *s, const char *file, const char *before, bool first_only, struct xp_err *err)
{
	struct xp_buf text = XP_BUF_INIT, line = XP_BUF_INIT;
	int ret = xp_file_read(file, &text, MAX_HEADERS, err);
	size_t at = 0, nr = 0;

	while (ret == 0 && at < text.len && !(first_only && nr)) {
		const char *begin = (const char *)text.data + at, *end = memchr(begin, '\n', text.len - at);
		size_t len = end ? (size_t)(end - begin) : text.len - at;

		at += len + 1;
		while (len && isspace((unsigned char)begin[len - 1]))
			len--;
		if (!len)
			continue;
		nr++;
		xp_buf_reset(&line);
		xp_buf_add(&line, before, strlen(before));
		xp_buf_add(&line, begin, len);
		xp_buf_u8(&line, 0);
		ret = xp_buf_ok(&line) ? add_header(s, (const char *)line.data, file, err) : xp_fail(err, XP_E_NOMEM, "no memory");
	}
	if (ret == 0 && !nr)
		ret = xp_fail(err, XP_E_USAGE, "%s holds nothing", file);
	xp_buf_release(&text);
	xp_buf_release(&line);
	return ret;
}

static int set_headers(struct xp_store *s, struct xp_err *err)
{
	char line[256];
	int ret;

	snprintf(line, sizeof(line), "Content-Type: %s", s->kind->content_type);
	ret = add_header(s, line, "", err);
	if (ret == 0 && s->kind->content_encoding) {
		snprintf(line, sizeof(line), "Content-Encoding: %s", s->kind->content_encoding);
		ret = add_header(s, line, "", err);
	}
	if (ret == 0)
		ret = add_header(s, "Expect:", "", err); /* no waiting for a "100 Continue" */
	if (ret == 0 && s->a.header_file)
		ret = each_line(s, s->a.header_file, "", false, err);
	if (ret == 0 && s->a.token_file)
		ret = each_line(s, s->a.token_file, "Authorization: Bearer ", true, err);
	return ret;
}

int xp_store_open(struct xp_store **out, const struct xp_push_kind *kind, const struct xp_store_address *a, struct xp_err *err)
{
	struct xp_store *s = calloc(1, sizeof(*s));
	int ret;

	*out = NULL;
	if (!s)
		return xp_fail(err, XP_E_NOMEM, "no memory");
	s->kind = kind;
	s->a = *a;
	ret = set_url(s, err);
	if (ret == 0)
		ret = xp_curl_load(&s->curl, err);
	if (ret == 0)
		ret = set_headers(s, err);
	if (ret == 0 && !(s->easy = s->curl.init()))
		ret = xp_fail(err, XP_E_NOMEM, "no memory for libcurl");
	if (ret < 0) {
		xp_store_close(s);
		return ret;
	}
	*out = s;
	return 0;
}

void xp_store_close(struct xp_store *s)
{
	if (!s)
		return;
	if (s->easy)
		s->curl.cleanup(s->easy);
	if (s->headers)
		s->curl.slist_free(s->headers);
	xp_buf_release(&s->answer);
	free(s->url);
	free(s);
}

/* ---- answers -------------------------------------------------------------*/

enum xp_sent xp_store_meaning(long status)
{
	switch (status) {
	case 200 ... 299:
		return XP_SENT;
	case 408:
	case 425:
	case 429:
	case 500 ... 599:
		return XP_SENT_AGAIN;
	case 401:
	case 403:
	case 404:
	case 405:
	case 407:
		return XP_SENT_REFUSED;
	default: /* and redirections: a token is for one store */
		return status >= 400 && status < 500 ? XP_SENT_REJECTED : XP_SENT_REFUSED;
	}
}

static void say_status(struct xp_store *s, struct xp_store_answer *a)
{
	struct xp_buf text = XP_BUF_INIT;

	xp_text_escape(&text, (const char *)s->answer.data, s->answer.len < SHOWN ? s->answer.len : SHOWN);
	snprintf(a->text, sizeof(a->text), "the store answered %ld%s%.*s", a->status, text.len ? ": " : "", (int)text.len,
		 (const char *)text.data);
	xp_buf_release(&text);
}

/* A receiver may take a request and reject what is in it, which is not to be sent again; or take it and warn. */
static void look_into(struct xp_store *s, struct xp_store_answer *a)
{
	struct xp_buf text = XP_BUF_INIT;
	struct xp_otlp_answer partial;

	xp_otlp_answer_parse(&partial, s->answer.data, s->answer.len);
	if (!partial.rejected && !partial.len)
		return;
	xp_text_escape(&text, partial.message, partial.len < SHOWN ? partial.len : SHOWN);
	if (partial.rejected) {
		a->what = XP_SENT_REJECTED;
		snprintf(a->text, sizeof(a->text), "the store answered %ld, but rejected %" PRIu64 " profiles of it: %.*s", a->status,
			 partial.rejected, (int)text.len, (const char *)text.data);
	} else {
		snprintf(a->text, sizeof(a->text), "the store took it, and warns: %.*s", (int)text.len, (const char *)text.data);
	}
	xp_buf_release(&text);
}

/* The whole message had gone out; whoever got it may have kept it. */
static bool went_out(struct xp_store *s, CURLcode code, size_t len)
{
	curl_off_t sent = 0;

	if (code != CURLE_GOT_NOTHING && code != CURLE_RECV_ERROR && code != CURLE_OPERATION_TIMEDOUT && code != CURLE_PARTIAL_FILE &&
	    code != CURLE_SEND_ERROR && code != CURLE_ABORTED_BY_CALLBACK && code != CURLE_HTTP2 && code != CURLE_HTTP2_STREAM)
		return false;
	return s->curl.getinfo(s->easy, CURLINFO_SIZE_UPLOAD_T, &sent) == CURLE_OK && (size_t)sent >= len;
}

static bool is_about_trust(CURLcode code)
{
	return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE ||
	       code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_SSL_ISSUER_ERROR;
}

static void take_answer(struct xp_store *s, CURLcode code, const char *why, size_t len, struct xp_store_answer *a)
{
	curl_off_t after = 0;

	s->curl.getinfo(s->easy, CURLINFO_RESPONSE_CODE, &a->status);
	if (code == CURLE_OK) {
		a->what = xp_store_meaning(a->status);
		if (a->what != XP_SENT)
			say_status(s, a);
		else if (s->kind->answers_in_detail)
			look_into(s, a);
		if (s->curl.getinfo(s->easy, CURLINFO_RETRY_AFTER, &after) == CURLE_OK && after > 0)
			a->retry_after_ms = (uint64_t)after * 1000;
		return;
	}
	a->what = is_about_trust(code) ? XP_SENT_REFUSED : XP_SENT_AGAIN;
	a->maybe_taken = went_out(s, code, len);
	snprintf(a->text, sizeof(a->text), "%.400s", why);
}

/* ---- sending -------------------------------------------------------------*/

static size_t on_answer(char *data, size_t size, size_t nr, void *arg)
{
	struct xp_store *s = arg;
	size_t room = s->answer.len < MAX_ANSWER ? MAX_ANSWER - s->answer.len : 0;

	xp_buf_add(&s->answer, data, size * nr < room ? size * nr : room);
	return size * nr;
}

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct xp_store *s = arg;
	struct pollfd stop = { .fd = s->stop_fd, .events = POLLIN };

	(void)a; (void)b; (void)c; (void)d;
	return s->stop_fd >= 0 && poll(&stop, 1, 0) > 0;
}

static void set_up(struct xp_store *s, const struct xp_buf *body, struct curl_slist *headers, char why[CURL_ERROR_SIZE])
{
	const struct xp_curl *c = &s->curl;

	c->reset(s->easy);
	c->setopt(s->easy, CURLOPT_URL, s->url);
	c->setopt(s->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	c->setopt(s->easy, CURLOPT_NOSIGNAL, 1L);
	c->setopt(s->easy, CURLOPT_FOLLOWLOCATION, 0L);
	c->setopt(s->easy, CURLOPT_USERAGENT, "xprof");
	c->setopt(s->easy, CURLOPT_HTTPHEADER, headers);
	c->setopt(s->easy, CURLOPT_POST, 1L);
	c->setopt(s->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len);
	c->setopt(s->easy, CURLOPT_POSTFIELDS, body->data);
	c->setopt(s->easy, CURLOPT_TIMEOUT_MS, (long)s->a.timeout_ms);
	c->setopt(s->easy, CURLOPT_ERRORBUFFER, why);
	c->setopt(s->easy, CURLOPT_WRITEFUNCTION, on_answer);
	c->setopt(s->easy, CURLOPT_WRITEDATA, s);
	c->setopt(s->easy, CURLOPT_NOPROGRESS, 0L);
	c->setopt(s->easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	c->setopt(s->easy, CURLOPT_XFERINFODATA, s);
	if (s->a.ca_file)
		c->setopt(s->easy, CURLOPT_CAINFO, s->a.ca_file);
	if (s->a.cert_file)
		c->setopt(s->easy, CURLOPT_SSLCERT, s->a.cert_file);
	if (s->a.key_file)
		c->setopt(s->easy, CURLOPT_SSLKEY, s->a.key_file);
}

void xp_store_send(struct xp_store *s, const struct xp_buf *body, const uint8_t id[16], int stop_fd, struct xp_store_answer *answer)
{
	char why[CURL_ERROR_SIZE] = "", line[64], uuid[XP_PUSH_UUID];
	struct curl_slist *headers = NULL;
	CURLcode code;

	*answer = (struct xp_store_answer){ .what = XP_SENT_AGAIN };
	s->stop_fd = stop_fd;
	xp_buf_reset(&s->answer);
	xp_push_uuid(uuid, id);
	snprintf(line, sizeof(line), "Idempotency-Key: \"%s\"", uuid);
	/* this request's first, then those of all */
	for (struct curl_slist *h = s->headers; h; h = h->next)
		headers = s->curl.slist_append(headers, h->data);
	headers = s->curl.slist_append(headers, line);
	set_up(s, body, headers, why);
	code = s->curl.perform(s->easy);
	take_answer(s, code, why[0] ? why : "libcurl could not send", body->len, answer);
	s->curl.slist_free(headers);
}
