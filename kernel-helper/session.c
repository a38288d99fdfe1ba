// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one session, and the file that owns it.  It ends with the last reference
 * to that file, whatever its owner died of.
 */
#include <linux/mm.h>
#include <linux/sched.h>

#include "xprof.h"

static DEFINE_MUTEX(owner_lock);
static struct xprof_file *owner;

pid_t xprof_session_owner(void)
{
	pid_t tgid;

	mutex_lock(&owner_lock);
	tgid = owner ? owner->tgid : 0;
	mutex_unlock(&owner_lock);

	return tgid;
}

static int owner_claim(struct xprof_file *file)
{
	int ret = -EBUSY;

	mutex_lock(&owner_lock);
	if (!owner) {
		owner = file;
		file->owner = true;
		file->tgid = task_tgid_nr(current);
		ret = 0;
	}
	mutex_unlock(&owner_lock);

	return ret;
}

static void owner_release(struct xprof_file *file)
{
	mutex_lock(&owner_lock);
	owner = NULL;
	file->owner = false;
	mutex_unlock(&owner_lock);
}

/* Xen allocates a ring when it is first asked for: one CPU a call. */
static int rings_create(struct xprof_file *file)
{
	unsigned int cpu;

	for (cpu = 0; cpu < file->nr_cpus; cpu++) {
		struct xprof_op_ring ring = { .cpu = cpu };
		int ret = xprof_xen_ring(file->session, &ring);

		if (ret)
			return ret;
		cond_resched();
	}

	return 0;
}

static int session_create(struct xprof_file *file, struct xprof_kopen *kopen)
{
	struct xprof_op_open open = {
		.source = kopen->source,
		.flags = kopen->flags,
		.period_ns = kopen->period_ns,
		.ring_bytes = kopen->ring_bytes,
		.wake_bytes = kopen->wake_bytes,
		.wake_ms = kopen->wake_ms,
		.stack_bytes = kopen->stack_bytes,
		.reserved = kopen->reserved,
	};
	int ret = xprof_xen_open(&open);

	kopen->owner = open.owner;
	kopen->stack_bytes = open.stack_bytes;
	if (ret)
		return ret;

	file->session = open.session;
	file->counting = open.flags & XPROF_OPEN_COUNT;
	file->nr_cpus = open.nr_cpus;
	file->ring_bytes = open.ring_bytes;
	kopen->period_ns = open.period_ns;
	kopen->nr_cpus = open.nr_cpus;
	kopen->session = open.session;

	ret = rings_create(file);
	if (ret)
		xprof_xen_close(file->session);

	return ret;
}

int xprof_session_open(struct xprof_file *file, struct xprof_kopen *kopen)
{
	int ret;

	if (file->owner)
		return -EINVAL;

	ret = owner_claim(file);
	if (ret)
		return ret;

	ret = session_create(file, kopen);
	if (ret)
		goto release;

	ret = xprof_virq_bind(file);
	if (ret)
		goto close;

	return 0;

close:
	xprof_xen_close(file->session);
release:
	owner_release(file);
	return ret;
}

int xprof_session_start(struct xprof_file *file)
{
	u64 whose;
	int ret;

	if (!file->owner || file->running)
		return -EINVAL;

	ret = file->counting ? 0 : xprof_tasks_start(file);
	if (ret)
		return ret;

	ret = xprof_xen_start(file->session, &whose);
	if (ret) {
		xprof_tasks_stop(file);
		return ret;
	}
	file->running = true;

	return 0;
}

/* What needs nothing of this kernel; all else has an ioctl of its own. */
int xprof_session_op(struct xprof_file *file, struct xprof_kop *kop)
{
	switch (kop->op) {
	case XPROF_OP_PMU:
		return xprof_xen_op(kop->op, 0, kop);
	case XPROF_OP_EVENT:
	case XPROF_OP_DOMAINS:
		return file->owner ? xprof_xen_op(kop->op, file->session, kop) :
				     -EINVAL;
	}

	return -EINVAL;
}

int xprof_session_stop(struct xprof_file *file)
{
	int ret;

	if (!file->owner)
		return -EINVAL;
	if (!file->running)
		return 0;

	ret = xprof_xen_stop(file->session);
	xprof_tasks_stop(file);
	file->running = false;
	file->woken = true;
	wake_up_interruptible(&file->wait);

	return ret;
}

void xprof_session_close(struct xprof_file *file)
{
	int ret;

	if (!file->owner)
		return;

	xprof_session_stop(file);
	xprof_virq_unbind(file);
	ret = xprof_xen_close(file->session);
	if (ret)
		pr_err("xprof: Xen did not close session %llu (%d)\n",
		       file->session, ret);
	xprof_tasks_free(file);
	owner_release(file);
}
