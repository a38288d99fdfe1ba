/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A directory of profiles that follow each other, within a budget of bytes and of age.
 *
 *   xp_rotate_open()      makes the directory if need be, locks it against a second recorder, and publishes what a
 *                         recorder that died has left
 *     xp_rotate_begin()   where to write the next profile: its name begins with a dot until it is whole
 *     xp_rotate_publish() fsync, rename: readers see whole profiles only. Then the oldest go, as the budget has it. It may take
 *                         its time: the next one can have begun meanwhile
 *   xp_rotate_close()
 *
 * Removed is only what is ours: the name (name.h), a regular file, and a profile's first bytes. The newest one is never
 * removed. Names count up, even if the clock is set back.
 *
 * Several threads: publish() and drop_oldest() one at a time, begin() beside them.
 */
#ifndef XP_ROTATE_ROTATE_H
#define XP_ROTATE_ROTATE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/rotate/name.h"

/* Of the budget of bytes this part is kept free for the profile that is being written, and is as much as it may have. */
#define XP_ROTATE_SHARE 8u
#define XP_ROTATE_MIN_BYTES (4u << 20) /* the least budget: a profile's names alone may take half a megabyte */

struct xp_rotate_budget {
	uint64_t bytes;    /* 0: any */
	uint64_t age_ms;   /* 0: any */
};

struct xp_rotate {
	int dir;
	char path[PATH_MAX];
	struct xp_rotate_budget budget;
	uint64_t last_ms;          /* the newest name, given out or found */
	char part[PATH_MAX + 64];  /* with its path: the one that was begun last; "": none was */
	uint64_t published, removed, recovered, removed_for_room;
	uint64_t bytes;            /* of those that were published */
};

/* path: absolute. XP_E_BUSY: another records there. After an error there is nothing to close. */
int xp_rotate_open(struct xp_rotate *r, const char *path, const struct xp_rotate_budget *budget, uint64_t now_ms, struct xp_err *err);
void xp_rotate_close(struct xp_rotate *r);

/* r->part is the file to make, r->last_ms its time; now_ms: since 1970. */
void xp_rotate_begin(struct xp_rotate *r, uint64_t now_ms);
/* The one of that time is whole and closed. It stays where it is after an error. */
int xp_rotate_publish(struct xp_rotate *r, uint64_t ms, uint64_t now_ms, struct xp_err *err);
/* The one that was begun last has come to nothing. */
void xp_rotate_discard(struct xp_rotate *r);

/* Removes the oldest profile whatever the budget; false: there is only one left, or none can be removed. */
bool xp_rotate_drop_oldest(struct xp_rotate *r);

#endif
