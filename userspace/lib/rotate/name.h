/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of a continuous recording's profiles: when each began, in UTC. Their order as texts is their order in time.
 *
 *   xprof-20261128T141542.123Z.data         a profile, whole
 *   .xprof-20261128T141542.123Z.data.part   the one that is being written
 */
#ifndef XP_ROTATE_NAME_H
#define XP_ROTATE_NAME_H

#include <stdbool.h>
#include <stdint.h>

#define XP_ROTATE_NAME_BYTES 40u /* of either, with its end */

/* ms: since 1970; at most the year 9999, what is later is that. */
void xp_rotate_name(char name[XP_ROTATE_NAME_BYTES], uint64_t ms);
void xp_rotate_part(char part[XP_ROTATE_NAME_BYTES], uint64_t ms);

/* Is it such a name, to the letter? Then when. */
bool xp_rotate_is_name(const char *name, uint64_t *ms);
bool xp_rotate_is_part(const char *name, uint64_t *ms);

#endif
