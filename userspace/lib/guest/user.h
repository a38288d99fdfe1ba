/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a Linux kernel has what belongs to its processes: their mappings, the
 * files behind them, and the pages of these that are in memory.
 */
#ifndef XP_GUEST_USER_H
#define XP_GUEST_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/guest/btf.h"
#include "lib/guest/memory.h"

/* Offsets in structs, but for the first ones. What does not change while the kernel runs. */
struct xp_guser_layout {
	uint64_t page_offset_base, vmemmap_base; /* addresses of these variables; 0: the constants that are theirs without KASLR */
	uint32_t page_bytes; /* of struct page; 0: nothing here is known */
	uint32_t maple;      /* mappings are in a tree since 6.1, in a list before */
	uint32_t mm_maps;    /* in mm_struct: the tree's root, or the first of the list */
	uint32_t vm_start, vm_end, vm_flags, vm_pgoff, vm_file, vm_next;
	uint32_t file_dentry, file_mnt, file_inode;
	uint32_t d_parent, d_name, d_inode;
	uint32_t mnt, mnt_parent, mnt_mountpoint, mnt_root; /* the last in vfsmount, which is `mnt` of struct mount */
	uint32_t i_mapping, i_size, i_ino, i_generation, i_sb, s_dev;
	uint32_t xa_head;    /* in address_space */
	uint32_t xa_shift, xa_slots;
	uint32_t page_index;
};

/* False: the types do not tell. */
bool xp_guser_layout(struct xp_guser_layout *l, const struct xp_btf *types);

/* What of it is read at the beginning of each reading. */
struct xp_guser {
	const struct xp_guser_layout *l;
	struct xp_gmemory *kernel;
	uint64_t page_offset, vmemmap;
};

/* False: it is not known. Both are borrowed. */
bool xp_guser_init(struct xp_guser *u, const struct xp_guser_layout *l, struct xp_gmemory *kernel);

#define XP_GVM_WRITE 2u
#define XP_GVM_EXEC  4u

struct xp_gvma {
	uint64_t start, end;
	uint64_t offset; /* in the file, bytes */
	uint64_t flags;
	uint64_t file;   /* address of its struct file; 0: none */
};

/* A process' mappings, mm being the address of its mm_struct; how many. Those that make no sense (it changes) are left out. */
size_t xp_gvmas_read(const struct xp_guser *u, uint64_t mm, struct xp_gvma *to, size_t max);

#define XP_GPATH_MAX 1024u

/* The path of a struct file as its own mount tree has it. False: it cannot be read; then it is "". */
bool xp_gpath_read(const struct xp_guser *u, uint64_t file, char path[XP_GPATH_MAX]);

#endif
