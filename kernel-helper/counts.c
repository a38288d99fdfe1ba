// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exact counts, from Xen to the owner of the session.  Xen copies to mapped
 * memory only, so rows pass through a buffer of ours, some at a time.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "xprof.h"

#define ROWS_AT_A_TIME 55U	/* 16 KiB */

/* Rows from counts->first on; the first row brings the CPU's rows up to date. */
static int rows_get(struct xprof_file *file, struct xprof_op_counts *counts,
		    struct xprof_count *rows, unsigned int nr)
{
	int ret;

	counts->nr = nr;
	counts->rows = (unsigned long)rows;
	ret = xprof_xen_counts(file->session, counts);
	if (ret)
		return ret;

	return counts->nr <= nr ? 0 : -EIO;
}

static int rows_copy(struct xprof_file *file, struct xprof_kcounts *k,
		     struct xprof_count *rows)
{
	struct xprof_count __user *to = u64_to_user_ptr(k->rows);
	u32 room = min(k->nr, XPROF_MAX_ROWS);

	k->nr = 0;
	do {
		struct xprof_op_counts counts = {
			.cpu = k->cpu,
			.first = k->first + k->nr,
		};
		int ret = rows_get(file, &counts, rows,
				   min(room - k->nr, ROWS_AT_A_TIME));

		if (ret)
			return ret;
		if (copy_to_user(to + k->nr, rows, counts.nr * sizeof(*rows)))
			return -EFAULT;
		if (!k->nr)
			k->tsc = counts.tsc;
		k->total = counts.total;
		k->missed = counts.missed;
		k->nr += counts.nr;
		if (!counts.nr)
			break;
		cond_resched();
	} while (k->nr < room && k->first + k->nr < k->total);

	return 0;
}

int xprof_counts_read(struct xprof_file *file, struct xprof_kcounts *k)
{
	struct xprof_count *rows;
	int ret;

	if (!file->owner || k->first > XPROF_MAX_ROWS)
		return -EINVAL;

	rows = kvcalloc(ROWS_AT_A_TIME, sizeof(*rows), GFP_KERNEL);
	if (!rows)
		return -ENOMEM;

	ret = rows_copy(file, k, rows);
	kvfree(rows);

	return ret;
}
