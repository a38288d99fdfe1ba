// SPDX-License-Identifier: GPL-2.0-only
/*
 * Xen's pages into the reader's address space: rings read-only, control pages
 * writable.  The mapping holds the file, so a session cannot end before the
 * last page of it is unmapped.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <xen/features.h>
#include <xen/interface/xen.h>
#include <xen/xen-ops.h>

#include "wrapper/vma.h"
#include "xprof.h"

/* Frame numbers of pages first... of the ring of cpu (or of the control pages). */
static int frames_get(struct xprof_file *file, unsigned int cpu,
		      unsigned int first, u64 *mfns, unsigned int nr)
{
	struct xprof_op_ring ring = {
		.cpu = cpu,
		.first = first,
		.nr = nr,
		.mfns = (unsigned long)mfns,
	};
	int ret = xprof_xen_ring(file->session, &ring);

	if (ret)
		return ret;

	return ring.nr == nr ? 0 : -EINVAL;
}

static int map_frames(struct vm_area_struct *vma, xen_pfn_t *mfns,
		      unsigned int nr)
{
	int *errors = kvcalloc(nr, sizeof(*errors), GFP_KERNEL);
	unsigned int i;
	int ret;

	if (!errors)
		return -ENOMEM;

	xprof_vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTCOPY |
			   VM_DONTEXPAND | VM_DONTDUMP);
	ret = xen_remap_domain_mfn_array(vma, vma->vm_start, mfns, nr, errors,
					 vma->vm_page_prot, DOMID_XEN);
	for (i = 0; ret >= 0 && i < nr; i++)
		if (errors[i])
			ret = errors[i];
	kvfree(errors);

	return ret < 0 ? ret : 0;
}

static int mmap_ctl(struct xprof_file *file, struct vm_area_struct *vma)
{
	unsigned int i, nr = DIV_ROUND_UP(file->nr_cpus, XPROF_CTL_SLOTS);
	u64 *mfns;
	int ret;

	if (vma_pages(vma) != nr)
		return -EINVAL;

	mfns = kvcalloc(nr, sizeof(*mfns), GFP_KERNEL);
	if (!mfns)
		return -ENOMEM;

	for (i = 0, ret = 0; !ret && i < nr; i++)
		ret = frames_get(file, i * XPROF_CTL_SLOTS, XPROF_RING_CTL,
				 &mfns[i], 1);
	if (!ret)
		ret = map_frames(vma, (xen_pfn_t *)mfns, nr);
	kvfree(mfns);

	return ret;
}

/* Header, data, and data once more: a record never wraps for its reader. */
static int mmap_ring(struct xprof_file *file, struct vm_area_struct *vma,
		     unsigned int cpu)
{
	unsigned int nr_data = file->ring_bytes / PAGE_SIZE;
	unsigned int nr = 1 + 2 * nr_data;
	u64 *mfns;
	int ret;

	if (vma_pages(vma) != nr || (vma->vm_flags & VM_WRITE))
		return -EINVAL;

	mfns = kvcalloc(nr, sizeof(*mfns), GFP_KERNEL);
	if (!mfns)
		return -ENOMEM;

	ret = frames_get(file, cpu, 0, mfns, 1 + nr_data);
	if (!ret) {
		memcpy(mfns + 1 + nr_data, mfns + 1, nr_data * sizeof(*mfns));
		xprof_vm_flags_clear(vma, VM_MAYWRITE);
		ret = map_frames(vma, (xen_pfn_t *)mfns, nr);
	}
	kvfree(mfns);

	return ret;
}

int xprof_mmap(struct xprof_file *file, struct vm_area_struct *vma)
{
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	unsigned int cpu;

	if (!file->owner || !(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	/* An auto-translated dom0 (PVH) needs pages of its own to map onto. */
	if (xen_feature(XENFEAT_auto_translated_physmap))
		return -EOPNOTSUPP;

	if (offset == XPROF_MMAP_CTL)
		return mmap_ctl(file, vma);

	for (cpu = 0; cpu < file->nr_cpus; cpu++)
		if (offset == XPROF_MMAP_RING(cpu))
			return mmap_ring(file, vma, cpu);

	return -EINVAL;
}
