/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state that xprof commands share: small files in one folder (/run/xprof,
 * mode 0700), gone with a reboot.
 *
 *   lock          held (flock) by whoever changes what is loaded or recorded
 *   session.lock  held by the collector for as long as it lives
 *   session       what it records (session.h)
 *   figures       how far it is, once a second
 *   result        what came of it, until 'xprof stop' has told
 *   attach        what was loaded, and whether it is to go with the session
 *
 * A file is lines of key=value, replaced as a whole; control characters in a
 * value are escaped.
 */
#ifndef XP_HOST_STATE_H
#define XP_HOST_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"

#define XP_STATE_DIR "/run/xprof"

struct xp_state {
	int dir;  /* descriptor of the folder */
	int lock; /* descriptor of "lock", -1: not held by us */
};

/* Opens the folder, making it if need be. XP_E_PERM: not root, or others may write it. */
int xp_state_init(struct xp_state *s, const char *path, struct xp_err *err);
void xp_state_release(struct xp_state *s); /* gives the lock up, too */

/* Waits for the other command; after ten seconds XP_E_BUSY. */
int xp_state_lock(struct xp_state *s, struct xp_err *err);
void xp_state_unlock(struct xp_state *s);

/* Takes a lock that ends with the process (and whoever inherits the descriptor). Descriptor or XP_E_BUSY, XP_E_SYSTEM. */
int xp_state_hold(struct xp_state *s, const char *name, struct xp_err *err);
bool xp_state_is_held(const struct xp_state *s, const char *name);

struct xp_state_file {
	size_t len;
	char text[16384];
};

void xp_state_clear(struct xp_state_file *f);
void xp_state_put(struct xp_state_file *f, const char *key, const char *value); /* dropped when there is no room */
void xp_state_put_u64(struct xp_state_file *f, const char *key, uint64_t value);

/* false, and value is "": no such key. */
bool xp_state_get(const struct xp_state_file *f, const char *key, char *value, size_t size);
uint64_t xp_state_get_u64(const struct xp_state_file *f, const char *key); /* 0: no such key, or not a number */

int xp_state_save(const struct xp_state *s, const char *name, const struct xp_state_file *f, struct xp_err *err);
int xp_state_load(const struct xp_state *s, const char *name, struct xp_state_file *f, struct xp_err *err); /* XP_E_ABSENT */
void xp_state_remove(const struct xp_state *s, const char *name);

#endif
