/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ends a recording while there is still room for its end: the CPUs'
 * statistics and the names come last, and a profile without them is worth
 * less. Looked at once a second, so what the next second may bring is left
 * free, too. A disk that somebody else fills in between is found out by the
 * write that fails: then the file is whole up to there.
 */
#ifndef XP_COLLECT_SPACE_H
#define XP_COLLECT_SPACE_H

#include <stdbool.h>
#include <stdint.h>

struct xp_space {
	const char *path;
	uint64_t reserve; /* for the end, bytes; 0: not to be watched */
	uint64_t written; /* when it was looked at last */
	uint64_t second;  /* and in the second before */
};

/* Borrows path. A pipe, a device, a file system that does not say are not watched. */
void xp_space_init(struct xp_space *s, const char *path);

/* written: bytes in the file now. True: time to end; *left is what there is. */
bool xp_space_is_short(struct xp_space *s, uint64_t written, uint64_t *left);

/* Somebody has made room: is it enough? */
bool xp_space_is_still_short(const struct xp_space *s, uint64_t *left);

/* Goes on with another file on the same disk; borrows path. */
void xp_space_move(struct xp_space *s, const char *path);

#endif
