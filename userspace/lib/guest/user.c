// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/guest/user.h"

#include <string.h>

/* Without CONFIG_RANDOMIZE_MEMORY, with four levels of page tables [Documentation/x86/x86_64/mm.rst]. */
#define PAGE_OFFSET 0xffff888000000000ull
#define VMEMMAP     0xffffea0000000000ull

/* Sum of offsets: of a member, and of one in that. */
static bool within(const struct xp_btf *b, const char *of, const char *member, const char *in, const char *inner, uint32_t *offset)
{
	uint32_t more;

	if (!xp_btf_offset(b, of, member, offset) || !xp_btf_offset(b, in, inner, &more))
		return false;
	*offset += more;
	return true;
}

/* Nodes of a maple tree are as maple.c reads them. */
static bool mappings(struct xp_guser_layout *l, const struct xp_btf *b)
{
	uint32_t leaf, inner;

	l->maple = within(b, "mm_struct", "mm_mt", "maple_tree", "ma_root", &l->mm_maps);
	if (l->maple)
		return xp_btf_offset(b, "maple_range_64", "slot", &leaf) && leaf == 128 &&
		       xp_btf_offset(b, "maple_arange_64", "slot", &inner) && inner == 80;
	return xp_btf_offset(b, "mm_struct", "mmap", &l->mm_maps) && xp_btf_offset(b, "vm_area_struct", "vm_next", &l->vm_next);
}

static bool areas(struct xp_guser_layout *l, const struct xp_btf *b)
{
	static const char of[] = "vm_area_struct";

	return xp_btf_offset(b, of, "vm_start", &l->vm_start) && xp_btf_offset(b, of, "vm_end", &l->vm_end) &&
	       xp_btf_offset(b, of, "vm_flags", &l->vm_flags) && xp_btf_offset(b, of, "vm_pgoff", &l->vm_pgoff) &&
	       xp_btf_offset(b, of, "vm_file", &l->vm_file);
}

static bool files(struct xp_guser_layout *l, const struct xp_btf *b)
{
	return within(b, "file", "f_path", "path", "dentry", &l->file_dentry) &&
	       within(b, "file", "f_path", "path", "mnt", &l->file_mnt) && xp_btf_offset(b, "file", "f_inode", &l->file_inode) &&
	       xp_btf_offset(b, "dentry", "d_parent", &l->d_parent) && within(b, "dentry", "d_name", "qstr", "name", &l->d_name) &&
	       xp_btf_offset(b, "dentry", "d_inode", &l->d_inode) && xp_btf_offset(b, "mount", "mnt", &l->mnt) &&
	       xp_btf_offset(b, "mount", "mnt_parent", &l->mnt_parent) &&
	       xp_btf_offset(b, "mount", "mnt_mountpoint", &l->mnt_mountpoint) &&
	       xp_btf_offset(b, "vfsmount", "mnt_root", &l->mnt_root);
}

static bool pages(struct xp_guser_layout *l, const struct xp_btf *b)
{
	return xp_btf_offset(b, "inode", "i_mapping", &l->i_mapping) && xp_btf_offset(b, "inode", "i_size", &l->i_size) &&
	       xp_btf_offset(b, "inode", "i_ino", &l->i_ino) && xp_btf_offset(b, "inode", "i_sb", &l->i_sb) &&
	       xp_btf_offset(b, "inode", "i_generation", &l->i_generation) &&
	       xp_btf_offset(b, "super_block", "s_dev", &l->s_dev) &&
	       within(b, "address_space", "i_pages", "xarray", "xa_head", &l->xa_head) &&
	       xp_btf_offset(b, "xa_node", "shift", &l->xa_shift) && xp_btf_offset(b, "xa_node", "slots", &l->xa_slots) &&
	       (xp_btf_offset(b, "folio", "index", &l->page_index) || xp_btf_offset(b, "page", "index", &l->page_index)) &&
	       xp_btf_size(b, "page", &l->page_bytes) && l->page_bytes;
}

bool xp_guser_layout(struct xp_guser_layout *l, const struct xp_btf *types)
{
	if (mappings(l, types) && areas(l, types) && files(l, types) && pages(l, types))
		return true;
	memset(l, 0, sizeof(*l));
	return false;
}

static bool variable(struct xp_gmemory *m, uint64_t address, uint64_t constant, uint64_t *value)
{
	*value = constant;
	return !address || (xp_gmemory_u64(m, address, value) && *value >> 63);
}

bool xp_guser_init(struct xp_guser *u, const struct xp_guser_layout *l, struct xp_gmemory *kernel)
{
	u->l = l;
	u->kernel = kernel;
	return l->page_bytes && variable(kernel, l->page_offset_base, PAGE_OFFSET, &u->page_offset) &&
	       variable(kernel, l->vmemmap_base, VMEMMAP, &u->vmemmap);
}
