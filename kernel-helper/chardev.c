// SPDX-License-Identifier: GPL-2.0-only
/* /dev/xprof: what a file operation does to a session. See <linux/xprof.h>. */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/tsc.h>

#include "xprof.h"

static int xprof_open(struct inode *inode, struct file *filp)
{
	struct xprof_file *file;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;

	file = kzalloc(sizeof(*file), GFP_KERNEL);
	if (!file)
		return -ENOMEM;

	mutex_init(&file->lock);
	init_waitqueue_head(&file->wait);
	spin_lock_init(&file->tasks.lock);
	filp->private_data = file;

	return nonseekable_open(inode, filp);
}

/* close() by the owner ends sampling at once, mappings or not. */
static int xprof_flush(struct file *filp, fl_owner_t id)
{
	struct xprof_file *file = filp->private_data;

	mutex_lock(&file->lock);
	if (file->owner && file->tgid == task_tgid_nr(current))
		xprof_session_stop(file);
	mutex_unlock(&file->lock);

	return 0;
}

/* The last reference: every mapping is gone, so Xen gets its pages back. */
static int xprof_release(struct inode *inode, struct file *filp)
{
	struct xprof_file *file = filp->private_data;

	mutex_lock(&file->lock);
	xprof_session_close(file);
	mutex_unlock(&file->lock);
	kfree(file);

	return 0;
}

/* Xen's TSC lies between two readings of ours; what they cannot tell apart is no offset. */
static s64 tsc_offset(u64 before, u64 xen, u64 after)
{
	if (xen >= before && xen <= after)
		return 0;

	return (s64)(before + (after - before) / 2 - xen);
}

static long ioctl_info(void __user *arg)
{
	struct xprof_kinfo kinfo = {};
	struct xprof_op_info info;
	u64 before = rdtsc_ordered();
	int ret = xprof_xen_info(&info);
	u64 after = rdtsc_ordered();

	BUILD_BUG_ON(sizeof(kinfo.info) != sizeof(info));
	if (ret)
		return ret;

	memcpy(kinfo.info, &info, sizeof(info));
	kinfo.tsc_offset = tsc_offset(before, info.tsc, after);
	kinfo.sysctl_version = xprof_xen_version();
	kinfo.owner_pid = xprof_session_owner();

	return copy_to_user(arg, &kinfo, sizeof(kinfo)) ? -EFAULT : 0;
}

static long ioctl_open(struct xprof_file *file, void __user *arg)
{
	struct xprof_kopen kopen;
	long ret;

	if (copy_from_user(&kopen, arg, sizeof(kopen)))
		return -EFAULT;

	mutex_lock(&file->lock);
	ret = xprof_session_open(file, &kopen);
	mutex_unlock(&file->lock);

	if (copy_to_user(arg, &kopen, sizeof(kopen)) && !ret)
		ret = -EFAULT; /* the session goes with the file */

	return ret;
}

static long ioctl_op(struct xprof_file *file, void __user *arg)
{
	struct xprof_kop kop;
	long ret;

	if (copy_from_user(&kop, arg, sizeof(kop)))
		return -EFAULT;
	if (kop.reserved)
		return -EINVAL;

	mutex_lock(&file->lock);
	ret = xprof_session_op(file, &kop);
	mutex_unlock(&file->lock);

	if (copy_to_user(arg, &kop, sizeof(kop)) && !ret)
		ret = -EFAULT;

	return ret;
}

static long ioctl_counts(struct xprof_file *file, void __user *arg)
{
	struct xprof_kcounts kcounts;
	long ret;

	if (copy_from_user(&kcounts, arg, sizeof(kcounts)))
		return -EFAULT;

	mutex_lock(&file->lock);
	ret = xprof_counts_read(file, &kcounts);
	mutex_unlock(&file->lock);

	if (!ret && copy_to_user(arg, &kcounts, sizeof(kcounts)))
		ret = -EFAULT;

	return ret;
}

static long xprof_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct xprof_file *file = filp->private_data;
	long ret;

	switch (cmd) {
	case XPROF_IOC_INFO:
		return ioctl_info((void __user *)arg);
	case XPROF_IOC_OPEN:
		return ioctl_open(file, (void __user *)arg);
	case XPROF_IOC_START:
		mutex_lock(&file->lock);
		ret = xprof_session_start(file);
		mutex_unlock(&file->lock);
		return ret;
	case XPROF_IOC_STOP:
		mutex_lock(&file->lock);
		ret = xprof_session_stop(file);
		mutex_unlock(&file->lock);
		return ret;
	case XPROF_IOC_OP:
		return ioctl_op(file, (void __user *)arg);
	case XPROF_IOC_COUNTS:
		return ioctl_counts(file, (void __user *)arg);
	}

	return -ENOTTY;
}

static int xprof_fop_mmap(struct file *filp, struct vm_area_struct *vma)
{
	/* The session cannot end while this runs: the caller holds the file. */
	return xprof_mmap(filp->private_data, vma);
}

static ssize_t xprof_read(struct file *filp, char __user *buf, size_t len,
			  loff_t *pos)
{
	return xprof_tasks_read(filp->private_data, buf, len);
}

static __poll_t xprof_poll(struct file *filp, struct poll_table_struct *table)
{
	struct xprof_file *file = filp->private_data;

	poll_wait(filp, &file->wait, table);
	if (xchg(&file->woken, false) || xprof_tasks_pending(file))
		return EPOLLIN | EPOLLRDNORM;

	return 0;
}

static const struct file_operations xprof_fops = {
	.owner = THIS_MODULE,
	.open = xprof_open,
	.flush = xprof_flush,
	.release = xprof_release,
	.unlocked_ioctl = xprof_ioctl,
	.mmap = xprof_fop_mmap,
	.read = xprof_read,
	.poll = xprof_poll,
	.llseek = no_llseek,
};

static struct miscdevice xprof_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "xprof",
	.mode = 0600,
	.fops = &xprof_fops,
};

int xprof_chardev_register(void)
{
	return misc_register(&xprof_misc);
}

void xprof_chardev_unregister(void)
{
	misc_deregister(&xprof_misc);
}
