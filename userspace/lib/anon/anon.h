/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names replaced by tokens, so that a report or a dump can be shown to others.
 *
 * A token is a word for what it stands for and 40 bits of a keyed hash: with
 * one salt the same name has the same token, in every profile; without the
 * salt nobody can tell, or try, what it stood for.
 *
 * Replaced are: names and UUIDs of domains; names of processes; paths and
 * build-ids of files, and names of anonymous mappings; symbols of all that
 * runs in user mode, dom0's too; BPF programs; the host's name, boot id and
 * command lines, and whatever else describes the host and is not listed here.
 *
 * What stays, since it says which hardware and which public software ran:
 * "Domain-0"; ids, types and sizes of domains; pids; all addresses, CR3s and
 * times; counts; versions, build-ids and scheduler of Xen and the kernel, the
 * CPU's model; events; names, build-ids and symbols of Xen, kernels and
 * modules; [vdso] and its symbols; interfaces that are called vifN.N.
 */
#ifndef XP_ANON_ANON_H
#define XP_ANON_ANON_H

#include "lib/base/arena.h"
#include "lib/profile/profile.h"

#define XP_ANON_KEY_BYTES 32u

struct xp_anon {
	uint8_t key[XP_ANON_KEY_BYTES];
	struct xp_arena tokens;
	bool failed;            /* no memory */
};

/* salt NULL: a random one. 0, or XP_E_SYSTEM: there is no randomness. */
int xp_anon_init(struct xp_anon *a, const char *salt, struct xp_err *err);
void xp_anon_release(struct xp_anon *a);

/*
 * Replaces what the profile holds. Its strings are then a's, which must live as long as the profile is used. 0 or
 * XP_E_NOMEM; then the profile is not to be shown.
 */
int xp_anonymize(struct xp_anon *a, struct xp_profile *p, struct xp_err *err);

/* What a domain of that name is called afterwards. "": no memory. Lives as long as a. */
const char *xp_anon_domain(struct xp_anon *a, const char *name);

#endif
