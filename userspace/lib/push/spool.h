/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests that wait for their store, each a file that is named by when its profile began, by its id, and by the kind of
 * store, within a budget:
 *
 *   20261128T141542.123Z-0f…ee.pyroscope           waits
 *   20261128T141542.123Z-0f…ee.pyroscope.rejected  the store will not have it: kept to be looked at
 *   taken                                          the name of the last profile of a followed directory
 *
 * A file is there whole or not at all (fsync, rename) and is deleted after the store has said that it has it: a crash
 * loses none. The same profile has the same id and so the same name: taken twice it is still one file. When the budget
 * is exceeded the oldest go, rejected ones first; dropped counts them. Files of other names are not touched.
 */
#ifndef XP_PUSH_SPOOL_H
#define XP_PUSH_SPOOL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/push/kind.h"

#define XP_SPOOL_NAME 96u
#define XP_SPOOL_MAX_BODY (256u << 20)
#define XP_SPOOL_MIN_BYTES (1u << 20)

struct xp_spool_name {
	uint64_t ms;                      /* when the profile began, since 1970 */
	uint8_t id[16];
	const struct xp_push_kind *kind;
	bool rejected;
};

/* To the letter; else false. */
bool xp_spool_parse(const char *text, struct xp_spool_name *name);
void xp_spool_format(char text[XP_SPOOL_NAME], const struct xp_spool_name *name);

struct xp_spool {
	int dir;                          /* locked */
	char path[PATH_MAX];
	uint64_t budget;                  /* bytes */
	uint64_t dropped, dropped_bytes;  /* that were never sent */
};

/* Makes the directory (0700: profiles tell what runs on a host). XP_E_BUSY: another push uses it. */
int xp_spool_open(struct xp_spool *s, const char *path, uint64_t budget, struct xp_err *err);
void xp_spool_close(struct xp_spool *s);

/* 0, or XP_E_USAGE for one that is larger than the whole budget. */
int xp_spool_put(struct xp_spool *s, const struct xp_spool_name *name, const struct xp_buf *body, struct xp_err *err);

/* The oldest of this kind that waits. False: none does. *others: how many of other kinds do. */
bool xp_spool_oldest(struct xp_spool *s, const struct xp_push_kind *kind, struct xp_spool_name *name, size_t *others);
int xp_spool_read(struct xp_spool *s, const struct xp_spool_name *name, struct xp_buf *body, struct xp_err *err);

/* The store has it. Durable: it will not be sent again. */
int xp_spool_sent(struct xp_spool *s, const struct xp_spool_name *name, struct xp_err *err);
/* The store will never have it. */
int xp_spool_reject(struct xp_spool *s, const struct xp_spool_name *name, struct xp_err *err);

/* What waits of the profile that began at ms goes: the rest of it could not be written. */
void xp_spool_take_back(struct xp_spool *s, const struct xp_push_kind *kind, uint64_t ms);

/* Removes all that is ours. */
void xp_spool_clear(struct xp_spool *s);

struct xp_spool_counts { size_t waiting, rejected; uint64_t bytes; };
int xp_spool_count(struct xp_spool *s, struct xp_spool_counts *c, struct xp_err *err);

/* The newest profile of a followed directory that has been spooled; "" for none. To be said before any of it is sent. */
int xp_spool_taken(struct xp_spool *s, char name[64], struct xp_err *err);
int xp_spool_take(struct xp_spool *s, const char *name, struct xp_err *err);

#endif
