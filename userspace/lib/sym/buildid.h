/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Build-ids: which build of a file, a module, a kernel, a hypervisor it is.
 */
#ifndef XP_SYM_BUILDID_H
#define XP_SYM_BUILDID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define XP_BUILD_ID_MAX 20u

struct xp_build_id {
	uint8_t len; /* 0: none */
	uint8_t bytes[XP_BUILD_ID_MAX]; /* those beyond len are 0 */
};

/* Takes the first len bytes; more than XP_BUILD_ID_MAX are cut. */
void xp_build_id_set(struct xp_build_id *id, const void *bytes, size_t len);

/* Looks for the GNU build-id among ELF notes (those of /sys/kernel/notes, of a PT_NOTE, …). False: none. */
bool xp_build_id_from_notes(struct xp_build_id *id, const void *notes, size_t len);

/* Reads hexadecimal digits, as /sys/hypervisor/buildid has them. False: not two at least. */
bool xp_build_id_from_hex(struct xp_build_id *id, const char *hex, size_t len);

/* Writes 2 * len digits and a NUL. */
void xp_build_id_hex(const struct xp_build_id *id, char hex[2 * XP_BUILD_ID_MAX + 1]);

static inline bool xp_build_id_is(const struct xp_build_id *a, const struct xp_build_id *b)
{
	return a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

/* Both are known, and differ. */
static inline bool xp_build_id_conflicts(const struct xp_build_id *a, const struct xp_build_id *b)
{
	return a->len && b->len && !xp_build_id_is(a, b);
}

#endif
