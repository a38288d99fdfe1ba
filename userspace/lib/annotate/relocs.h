/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a file that is not linked says its code refers to: where the linker or
 * the loader will put an address, the file has 0, and the name beside it.
 */
#ifndef XP_ANNOTATE_RELOCS_H
#define XP_ANNOTATE_RELOCS_H

#include "lib/lines/binary.h"

#define XP_RELOCS_MAX (1u << 20) /* of one section */

struct xp_reloc {
	uint64_t at;       /* where the field lies, in the file's addresses (binary.h) */
	int64_t addend;
	const char *name;  /* borrowed from the file; NULL: the code at `target` */
	uint64_t target;   /* with code of this file: its address in the file */
	bool relative;     /* to the field */
};

struct xp_relocs { struct xp_reloc *v; size_t nr; }; /* by address */

/* Those within [start, end). 0, XP_E_FORMAT, XP_E_NOMEM. A file that is linked has none. Release *r in any case. */
int xp_relocs_read(struct xp_relocs *r, const struct xp_binary *b, uint64_t start, uint64_t end, struct xp_err *err);
void xp_relocs_release(struct xp_relocs *r);

/* The first in [start, end), NULL: there is none. */
const struct xp_reloc *xp_relocs_find(const struct xp_relocs *r, uint64_t start, uint64_t end);

#endif
