/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An HTTP server for one text, by libmicrohttpd, which is loaded when it is needed. In the caller's thread: it polls the descriptor
 * and calls xp_server_run().
 */
#ifndef XP_EXPORTER_SERVER_H
#define XP_EXPORTER_SERVER_H

#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"

#define XP_SERVER_CONNECTIONS 32u /* at a time */

struct xp_server;

/*
 * address: ADDRESS:PORT, [ADDRESS]:PORT or :PORT (of all addresses); port 0: any. text is asked for at each request: it appends
 * what GET /metrics gets. XP_E_ABSENT: no libmicrohttpd. XP_E_BUSY: the address is taken.
 */
int xp_server_open(struct xp_server **s, const char *address, void (*text)(void *arg, struct xp_buf *out), void *arg, struct xp_err *err);
void xp_server_close(struct xp_server *s);

int xp_server_fd(const struct xp_server *s);       /* for poll() */
int xp_server_timeout_ms(const struct xp_server *s); /* -1: none */
void xp_server_run(struct xp_server *s);
uint16_t xp_server_port(const struct xp_server *s);

#endif
