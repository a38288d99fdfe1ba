/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The profiles in a directory of a continuous recording, oldest first. Only what is ours: a regular file (no link) whose
 * name is one of name.h. What else lies there is not looked at.
 */
#ifndef XP_ROTATE_LIST_H
#define XP_ROTATE_LIST_H

#include <stddef.h>

#include "lib/base/error.h"
#include "lib/rotate/name.h"

#define XP_ROTATE_MAX_FILES (1u << 20) /* more are an error */

struct xp_rotate_file {
	char name[XP_ROTATE_NAME_BYTES];
	uint64_t ms, bytes;
};

struct xp_rotate_list {
	struct xp_rotate_file *v;
	size_t nr;
	uint64_t bytes; /* of all */
};

/* dir: a descriptor of it; path: for messages. parts: those that are not whole instead. Release it after success. */
int xp_rotate_list_read(struct xp_rotate_list *l, int dir, const char *path, bool parts, struct xp_err *err);
void xp_rotate_list_release(struct xp_rotate_list *l);

#endif
