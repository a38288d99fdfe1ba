// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/exporter/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/library.h"

#define IDLE_SECONDS 10u
#define TYPE "text/plain; version=0.0.4; charset=utf-8"

struct functions {
	__typeof__(MHD_start_daemon) *start;
	__typeof__(MHD_stop_daemon) *stop;
	__typeof__(MHD_run) *run;
	__typeof__(MHD_get_timeout) *timeout;
	__typeof__(MHD_get_daemon_info) *info;
	__typeof__(MHD_create_response_from_buffer) *response;
	__typeof__(MHD_destroy_response) *destroy;
	__typeof__(MHD_add_response_header) *header;
	__typeof__(MHD_queue_response) *queue;
};

struct xp_server {
	struct functions mhd;
	struct MHD_Daemon *daemon;
	void (*text)(void *arg, struct xp_buf *out);
	void *arg;
	uint16_t port;
};

static const struct xp_library_function functions[] = {
	{ "MHD_start_daemon", offsetof(struct functions, start) },
	{ "MHD_stop_daemon", offsetof(struct functions, stop) },
	{ "MHD_run", offsetof(struct functions, run) },
	{ "MHD_get_timeout", offsetof(struct functions, timeout) },
	{ "MHD_get_daemon_info", offsetof(struct functions, info) },
	{ "MHD_create_response_from_buffer", offsetof(struct functions, response) },
	{ "MHD_destroy_response", offsetof(struct functions, destroy) },
	{ "MHD_add_response_header", offsetof(struct functions, header) },
	{ "MHD_queue_response", offsetof(struct functions, queue) },
};

static const struct xp_library library = {
	.name = "libmicrohttpd", .does = "serves", .package = "libmicrohttpd12",
	.files = { "libmicrohttpd.so.12" },
	.wanted = "",
	.functions = functions, .nr_functions = sizeof(functions) / sizeof(functions[0]),
};

/* ---- requests ------------------------------------------------------------*/

static enum MHD_Result answer(struct xp_server *s, struct MHD_Connection *c, unsigned int status, struct xp_buf *text)
{
	struct MHD_Response *r = s->mhd.response(text->len, text->data, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result ok = MHD_NO;

	if (r) {
		s->mhd.header(r, "Content-Type", TYPE);
		s->mhd.header(r, "X-Content-Type-Options", "nosniff");
		if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
			s->mhd.header(r, "Allow", "GET, HEAD");
		ok = s->mhd.queue(c, status, r);
		s->mhd.destroy(r);
	}
	return ok;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *c, const char *url, const char *method, const char *version,
				  const char *body, size_t *len, void **state)
{
	struct xp_server *s = arg;
	struct xp_buf text = XP_BUF_INIT;
	unsigned int status = MHD_HTTP_OK;
	enum MHD_Result ok;

	(void)version; (void)body; (void)state;
	if (*len) { /* of something that nobody wants */
		*len = 0;
		return MHD_YES;
	}
	if (strcmp(method, "GET") && strcmp(method, "HEAD"))
		status = MHD_HTTP_METHOD_NOT_ALLOWED;
	else if (!strcmp(url, "/metrics"))
		s->text(s->arg, &text);
	else
		status = strcmp(url, "/") ? MHD_HTTP_NOT_FOUND : MHD_HTTP_OK;
	if (status == MHD_HTTP_OK && !xp_buf_ok(&text))
		status = MHD_HTTP_INTERNAL_SERVER_ERROR;
	if (status != MHD_HTTP_OK || strcmp(url, "/metrics")) {
		xp_buf_release(&text);
		xp_buf_add(&text, "xprof exporter: /metrics\n", 25);
	}
	ok = answer(s, c, status, &text);
	xp_buf_release(&text);
	return ok;
}

/* ---- opening -------------------------------------------------------------*/

static bool parse_port(const char *text, uint16_t *port)
{
	unsigned long n;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	n = strtoul(text, &end, 10);
	*port = htons((uint16_t)n);
	return !*end && n <= 65535;
}

static int parse_address(const char *text, struct sockaddr_storage *out, socklen_t *len, struct xp_err *err)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	const char *colon = strrchr(text, ':');
	char host[64];
	size_t n = colon ? (size_t)(colon - text) : sizeof(host);

	if (n < sizeof(host)) {
		bool bracketed = n > 2 && text[0] == '[' && text[n - 1] == ']';

		snprintf(host, sizeof(host), "%.*s", (int)(bracketed ? n - 2 : n), text + bracketed);
		if (parse_port(colon + 1, &v6.sin6_port) && (!n || (bracketed && inet_pton(AF_INET6, host, &v6.sin6_addr) == 1))) {
			memcpy(out, &v6, sizeof(v6)); /* of nothing: all addresses, IPv4 too */
			*len = sizeof(v6);
			return 0;
		}
		if (!bracketed && parse_port(colon + 1, &v4.sin_port) && inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
			memcpy(out, &v4, sizeof(v4));
			*len = sizeof(v4);
			return 0;
		}
	}
	return xp_fail(err, XP_E_USAGE, "--listen '%.100s' is no address to listen at: 127.0.0.1:9797, [::1]:9797 and :9797 are", text);
}

static int listen_at(const char *address, struct xp_err *err)
{
	struct sockaddr_storage at = { 0 };
	socklen_t len = 0;
	int fd, one = 1, zero = 0, ret = parse_address(address, &at, &len, err);

	if (ret < 0)
		return ret;
	fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return xp_fail_errno(err, XP_E_SYSTEM, "%s: no socket", address);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (at.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	if (!bind(fd, (struct sockaddr *)&at, len) && !listen(fd, 16))
		return fd;
	ret = xp_fail_errno(err, errno == EADDRINUSE ? XP_E_BUSY : XP_E_SYSTEM, "--listen %s: cannot listen there", address);
	close(fd);
	return ret;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_storage at = { 0 };
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	socklen_t len = sizeof(at);

	getsockname(fd, (struct sockaddr *)&at, &len);
	memcpy(&v4, &at, sizeof(v4));
	memcpy(&v6, &at, sizeof(v6));
	return ntohs(at.ss_family == AF_INET ? v4.sin_port : v6.sin6_port);
}

int xp_server_open(struct xp_server **out, const char *address, void (*text)(void *arg, struct xp_buf *out), void *arg, struct xp_err *err)
{
	struct xp_server *s = calloc(1, sizeof(*s));
	int fd, ret;

	*out = NULL;
	if (!s)
		return xp_fail(err, XP_E_NOMEM, "no memory");
	s->text = text;
	s->arg = arg;
	ret = fd = listen_at(address, err);
	if (ret >= 0)
		ret = xp_library_load(&s->mhd, &library, err);
	if (ret == 0) {
		s->port = port_of(fd);
		s->daemon = s->mhd.start(MHD_USE_EPOLL, 0, NULL, NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET, fd,
					 MHD_OPTION_CONNECTION_LIMIT, XP_SERVER_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
					 MHD_OPTION_END);
		if (!s->daemon)
			ret = xp_fail(err, XP_E_SYSTEM, "libmicrohttpd cannot serve at %s", address);
	}
	if (ret < 0) {
		if (fd >= 0)
			close(fd);
		free(s);
		return ret;
	}
	*out = s;
	return 0;
}

void xp_server_close(struct xp_server *s)
{
	if (!s)
		return;
	s->mhd.stop(s->daemon); /* closes the socket, too */
	free(s);
}

int xp_server_fd(const struct xp_server *s)
{
	const union MHD_DaemonInfo *info = s->mhd.info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	return info ? info->epoll_fd : -1;
}

int xp_server_timeout_ms(const struct xp_server *s)
{
	MHD_UNSIGNED_LONG_LONG ms;

	if (s->mhd.timeout(s->daemon, &ms) != MHD_YES)
		return -1;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

void xp_server_run(struct xp_server *s)
{
	s->mhd.run(s->daemon);
}

uint16_t xp_server_port(const struct xp_server *s)
{
	return s->port;
}
