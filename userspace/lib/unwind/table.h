/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of one image, sorted by address, 12 bytes each; an address has the
 * rule that starts at or before it. As bytes (to be kept by build-id) a rule takes
 * about 5.
 */
#ifndef XP_UNWIND_TABLE_H
#define XP_UNWIND_TABLE_H

#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/unwind/rule.h"

#define XP_UNWIND_MAX_RULES (16u << 20)

struct xp_unwind_table {
	uint64_t base; /* of all starts */
	uint64_t end;  /* of the code, if whoever made it tells; 0. Not encoded */
	struct xp_rule *rules;
	size_t nr, room;
};

void xp_unwind_table_init(struct xp_unwind_table *t, uint64_t base);
void xp_unwind_table_release(struct xp_unwind_table *t);

/*
 * From addr on, the rule is *rule (its start is set here). Addresses ascend;
 * one that was given before is replaced. False: no memory, addr is out of
 * order or further than 4 GiB from the base.
 */
bool xp_unwind_table_add(struct xp_unwind_table *t, uint64_t addr, const struct xp_rule *rule);

/* NULL: addr lies before the first rule, or where no rule is known. */
const struct xp_rule *xp_unwind_table_find(const struct xp_unwind_table *t, uint64_t addr);

#define XP_UNWIND_TABLE_HEAD 9u /* bytes: version and base; what follows is the same wherever the image lies */
void xp_unwind_table_encode(const struct xp_unwind_table *t, struct xp_buf *out);

/* Any bytes may be handed in. *t needs no release after an error. */
int xp_unwind_table_decode(struct xp_unwind_table *t, const void *data, size_t len, struct xp_err *err);

#endif
