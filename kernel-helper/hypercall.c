// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only file that calls Xen.
 *
 * A sysctl carries the interface version of the hypervisor and fails with
 * -EACCES for any other; the profiler's own part of it has a version of its
 * own, so any that the hypervisor takes will do.
 */
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <xen/interface/xen.h>
#include <asm/xen/hypercall.h>

#include "xprof.h"

#define OLDEST_VERSION 0x13
#define NEWEST_VERSION 0x20

struct xen_sysctl_of_xprof {
	u32 cmd;
	u32 interface_version;
	struct xprof_sysctl body;
};

static u32 interface_version;

static int sysctl_raw(struct xen_sysctl_of_xprof *op)
{
	return _hypercall1(int, sysctl, op);
}

/* Fills the fixed part, calls, and leaves the results in op. */
static int sysctl(struct xen_sysctl_of_xprof *op, u16 what, u64 session)
{
	op->cmd = XEN_SYSCTL_xprof_op;
	op->interface_version = interface_version;
	op->body.magic = XPROF_MAGIC;
	op->body.abi = XPROF_ABI_VERSION;
	op->body.op = what;
	op->body.session = session;

	return sysctl_raw(op);
}

int xprof_xen_probe(void)
{
	struct xprof_op_info info;
	int ret = -EACCES;

	for (interface_version = OLDEST_VERSION;
	     interface_version <= NEWEST_VERSION; interface_version++) {
		ret = xprof_xen_info(&info);
		if (ret != -EACCES)
			break;
	}

	return ret == -ENOSYS || ret == -EOPNOTSUPP ? -ENODEV : ret;
}

u32 xprof_xen_version(void)
{
	return interface_version;
}

int xprof_xen_info(struct xprof_op_info *info)
{
	struct xen_sysctl_of_xprof op = {};
	int ret = sysctl(&op, XPROF_OP_INFO, 0);

	if (!ret)
		*info = op.body.u.info;

	return ret;
}

int xprof_xen_open(struct xprof_op_open *open)
{
	struct xen_sysctl_of_xprof op = { .body.u.open = *open };
	int ret = sysctl(&op, XPROF_OP_OPEN, 0);

	*open = op.body.u.open;

	return ret;
}

int xprof_xen_ring(u64 session, struct xprof_op_ring *ring)
{
	struct xen_sysctl_of_xprof op = { .body.u.ring = *ring };
	int ret = sysctl(&op, XPROF_OP_RING, session);

	*ring = op.body.u.ring;

	return ret;
}

int xprof_xen_start(u64 session, u64 *owner)
{
	struct xen_sysctl_of_xprof op = {};
	int ret = sysctl(&op, XPROF_OP_START, session);

	*owner = op.body.u.open.owner;

	return ret;
}

int xprof_xen_stop(u64 session)
{
	struct xen_sysctl_of_xprof op = {};

	return sysctl(&op, XPROF_OP_STOP, session);
}

int xprof_xen_close(u64 session)
{
	struct xen_sysctl_of_xprof op = {};

	return sysctl(&op, XPROF_OP_CLOSE, session);
}

/* The body goes in and comes out, whatever the result: some ops say more in it. */
int xprof_xen_op(u16 what, u64 session, struct xprof_kop *kop)
{
	struct xen_sysctl_of_xprof op = {};
	int ret;

	BUILD_BUG_ON(sizeof(kop->body) != sizeof(op.body.u));
	memcpy(&op.body.u, kop->body, sizeof(kop->body));
	ret = sysctl(&op, what, session);
	memcpy(kop->body, &op.body.u, sizeof(kop->body));

	return ret;
}

int xprof_xen_counts(u64 session, struct xprof_op_counts *counts)
{
	struct xen_sysctl_of_xprof op = { .body.u.counts = *counts };
	int ret = sysctl(&op, XPROF_OP_COUNTS, session);

	*counts = op.body.u.counts;

	return ret;
}
