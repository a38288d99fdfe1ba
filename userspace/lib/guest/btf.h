/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where members lie in a kernel's structs, by the types that it carries
 * itself [Documentation/bpf/btf.rst of Linux].
 *
 * (libbpf has a parser, too; that of Debian 12 does not check that ids and offsets
 * of types lie within them, and these types are a guest's.)
 */
#ifndef XP_GUEST_BTF_H
#define XP_GUEST_BTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"

#define XP_BTF_MAX_TYPES (1u << 20)

struct xp_btf {
	const uint8_t *types;
	const char *strings;
	size_t types_len, strings_len;
	uint32_t *at;    /* offset of each type; id 0 is void and has none */
	uint32_t nr;     /* ids are 1 … nr - 1 */
};

/* data is borrowed until xp_btf_release(). XP_E_FORMAT: it is no BTF, or broken. *b needs no release after an error. */
int xp_btf_open(struct xp_btf *b, const void *data, size_t len, struct xp_err *err);
void xp_btf_release(struct xp_btf *b);

/* Offset in bytes of a member, also of one within an unnamed struct or union. False: there is no such struct or member. */
bool xp_btf_offset(const struct xp_btf *b, const char *of, const char *member, uint32_t *offset);

/* Size of a struct in bytes. */
bool xp_btf_size(const struct xp_btf *b, const char *of, uint32_t *size);

#endif
