/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 (FIPS 180-4). */
#ifndef XP_BASE_SHA256_H
#define XP_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define XP_SHA256_BYTES 32u

struct xp_sha256 {
	uint32_t state[8];
	uint64_t bytes;    /* so far */
	uint8_t block[64]; /* the last bytes % 64 of them */
};

void xp_sha256_init(struct xp_sha256 *s);
void xp_sha256_add(struct xp_sha256 *s, const void *data, size_t n);
void xp_sha256_end(struct xp_sha256 *s, uint8_t digest[XP_SHA256_BYTES]);

#endif
