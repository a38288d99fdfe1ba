/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that a guest's process has mapped, as far as its pages are in the
 * guest's memory: in its page cache, or mapped by the process.
 */
#ifndef XP_GUEST_GFILE_H
#define XP_GUEST_GFILE_H

#include "lib/guest/user.h"

/* Which file it is, as long as the guest runs. All zeroes but size: the vDSO. */
struct xp_gfile_key { uint64_t inode, ino, size; uint32_t dev, generation; };

struct xp_gfile {
	const struct xp_guser *u;
	uint64_t mapping;          /* address of its address_space; 0: only what the process maps */
	uint64_t size;             /* bytes */
	struct xp_gmemory *user;   /* the process' */
	const struct xp_gvma *maps; /* its mappings: those of this file are taken */
	size_t nr_maps;
	uint64_t file;             /* which that are: struct file's inode … */
	uint64_t *budget;          /* bytes that may still be read */
};

/* Which file is behind a mapping, and where its pages are. False: it cannot be read. */
bool xp_gfile_find(const struct xp_guser *u, uint64_t file, struct xp_gfile_key *key, uint64_t *mapping);

/* All of it, or false: some is not in memory, or beyond the file's end, or the budget is used up. */
bool xp_gfile_read(const struct xp_gfile *f, uint64_t offset, void *to, size_t len);

#endif
