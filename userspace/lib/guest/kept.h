/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was read of a guest, kept on disk (lib/base/cache.h, kind "guests"): a head, which says whether it is still true, and a
 * body, which is only read when it is needed.
 *
 *   "XPGKEPT" NUL, u32 version, u32 bytes of head, u32 its CRC-32, u32 bytes of body as it lies here (zlib), u32 bytes of body,
 *   u32 its CRC-32; head, body
 *
 * Names begin with the guest's UUID: what one guest says of itself is never taken for another's.
 */
#ifndef XP_GUEST_KEPT_H
#define XP_GUEST_KEPT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"

#define XP_GKEPT_KIND "guests"
#define XP_GKEPT_TOTAL (512ull << 20) /* bytes of all guests together */
#define XP_GKEPT_HEAD_MAX (1u << 20)
#define XP_GKEPT_BODY_MAX (128u << 20)

struct xp_gkept {
	struct xp_buf head;
	uint32_t body_crc; /* tells one body from another; never 0 */
	/* of the file */
	int fd;
	uint32_t packed, bytes;
};

/* False: there is none that is whole. Then, too, *k needs no release. */
bool xp_gkept_open(struct xp_gkept *k, const char *name);
void xp_gkept_release(struct xp_gkept *k);

/* Appends the body. False: it is broken, or no memory. */
bool xp_gkept_body(const struct xp_gkept *k, struct xp_buf *to);

void xp_gkept_store(const char *name, const struct xp_buf *head, const struct xp_buf *body);

/* The head of such a file, from its bytes: k->fd is not set. False: they are none. */
bool xp_gkept_parse(struct xp_gkept *k, const void *data, size_t len);

#endif
