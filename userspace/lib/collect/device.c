// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/collect/device.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/xprof.h>

#include "lib/collect/source.h"

_Static_assert(sizeof(((struct xprof_kinfo *)0)->info) == sizeof(struct xprof_op_info), "the same structure");

static int fail_open(struct xp_err *err)
{
	switch (errno) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		return xp_fail(err, XP_E_ABSENT, XPROF_DEVICE " is not there: 'xprof attach' loads the module");
	case EACCES:
	case EPERM:
		return xp_fail_errno(err, XP_E_PERM, XPROF_DEVICE);
	case EBUSY:
		return xp_fail(err, XP_E_BUSY, XPROF_DEVICE " is in use by another process ('fuser " XPROF_DEVICE "' tells which)");
	default:
		return xp_fail_errno(err, XP_E_SYSTEM, XPROF_DEVICE);
	}
}

static int read_info(struct xp_device *d, struct xp_err *err)
{
	struct xprof_kinfo k;

	if (ioctl(d->fd, XPROF_IOC_INFO, &k)) {
		if (errno == EOVERFLOW)
			return xp_fail(err, XP_E_VERSION, "the profiler in the hypervisor is of another version than the module "
				       "or this xprof: 'xprof detach', then start again");
		if (errno == EPERM)
			return xp_fail(err, XP_E_PERM, "Xen's security policy (XSM/FLASK) forbids the profiler's sysctl");
		return xp_fail_errno(err, XP_E_ABSENT, "the profiler in the hypervisor does not answer the module");
	}
	memcpy(&d->info, k.info, sizeof(d->info));
	d->tsc_offset = k.tsc_offset;
	d->owner_pid = k.owner_pid;
	if (d->info.abi != XPROF_ABI_VERSION)
		return xp_fail(err, XP_E_VERSION, "the profiler in the hypervisor has ABI version %u, this xprof has %u: "
			       "'xprof detach' with the xprof that loaded it, then start again", d->info.abi, XPROF_ABI_VERSION);
	return 0;
}

int xp_device_open(struct xp_device *d, struct xp_err *err)
{
	int ret;

	memset(d, 0, sizeof(*d));
	d->fd = open(XPROF_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (d->fd < 0)
		return fail_open(err);
	ret = read_info(d, err);
	if (ret < 0)
		xp_device_close(d);
	return ret;
}

int xp_device_look(struct xp_device *d, struct xp_err *err)
{
	return read_info(d, err);
}

static int fail_op(const char *what, struct xp_err *err)
{
	if (errno == ENOTTY)
		return xp_fail(err, XP_E_VERSION, "the kernel module is an older one: 'xprof detach', then start again");
	return xp_fail_errno(err, XP_E_SYSTEM, "%s", what);
}

/* ---- the session ---------------------------------------------------------*/

static int fail_begin(struct xp_device *d, const struct xprof_kopen *k, struct xp_err *err)
{
	struct xp_err ignored;
	int why = errno;

	read_info(d, &ignored); /* the owner may have come since */
	errno = why;
	if (why == ENOTTY)
		return fail_op("", err);
	if (why != EBUSY)
		return xp_fail_errno(err, XP_E_SYSTEM, "Xen does not open a session (source %s, period %" PRIu64 " ns, ring %u bytes)",
				     xp_source_name(k->source), (uint64_t)k->period_ns, k->ring_bytes);
	if (k->owner)
		return xp_fail(err, XP_E_BUSY, "somebody else owns Xen's NMIs, with a handler at %#" PRIx64 ": end that first",
			       (uint64_t)k->owner);
	if (d->owner_pid)
		return xp_fail(err, XP_E_BUSY, "process %u is profiling this host: end it first ('xprof stop', if it is an xprof)",
			       d->owner_pid);
	return xp_fail(err, XP_E_BUSY, "a profiling session is open already, or its rings are still mapped: try again");
}

static int open_session(struct xp_device *d, const struct xp_device_options *o, uint32_t *nr_cpus, struct xp_err *err)
{
	struct xprof_kopen k = {
		.source = o->source, .flags = o->flags | (o->stack_bytes ? XPROF_OPEN_STACKS : 0),
		.period_ns = o->period_ns, .ring_bytes = o->ring_bytes, .stack_bytes = o->stack_bytes,
	};

	if (o->stack_bytes && !(d->info.features & XPROF_FEATURE_STACKS))
		return xp_fail(err, XP_E_ABSENT, "the profiler cannot take stacks in this hypervisor: record without call chains");
	if (ioctl(d->fd, XPROF_IOC_OPEN, &k))
		return fail_begin(d, &k, err);
	d->session = k.session;
	d->period_ns = k.period_ns;
	d->ring_bytes = o->ring_bytes;
	d->stack_bytes = k.stack_bytes;
	*nr_cpus = k.nr_cpus;
	return 0;
}

static size_t ring_map_bytes(const struct xp_device *d)
{
	return XPROF_PAGE_SIZE + 2 * (size_t)d->ring_bytes;
}

static int map_ctl(struct xp_device *d, uint32_t nr_cpus, struct xp_err *err)
{
	void *p;

	d->ctl_bytes = (nr_cpus + XPROF_CTL_SLOTS - 1) / XPROF_CTL_SLOTS * (size_t)XPROF_PAGE_SIZE;
	p = mmap(NULL, d->ctl_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd, XPROF_MMAP_CTL);
	if (p == MAP_FAILED)
		return xp_fail_errno(err, XP_E_SYSTEM, "cannot map the control pages of " XPROF_DEVICE);
	d->ctl = p;
	return 0;
}

static int map_ring(struct xp_device *d, uint32_t cpu, struct xp_err *err)
{
	struct xprof_ctl_slot *slot = (struct xprof_ctl_slot *)d->ctl + cpu;
	void *p = mmap(NULL, ring_map_bytes(d), PROT_READ, MAP_SHARED, d->fd, XPROF_MMAP_RING(cpu));
	int ret;

	if (p == MAP_FAILED && (errno == ENODEV || errno == ENXIO))
		return 0; /* no such CPU */
	if (p == MAP_FAILED)
		return xp_fail_errno(err, XP_E_SYSTEM, "cannot map the ring of CPU %u (%u bytes)", cpu, d->ring_bytes);
	ret = xp_ring_init(&d->rings[d->nr_rings], p, slot, cpu, d->ring_bytes, err);
	if (ret < 0) {
		munmap(p, ring_map_bytes(d));
		return ret;
	}
	d->nr_rings++;
	return 0;
}

static int map_rings(struct xp_device *d, uint32_t nr_cpus, struct xp_err *err)
{
	int ret = 0;

	d->rings = calloc(nr_cpus, sizeof(*d->rings));
	if (!d->rings)
		return xp_fail(err, XP_E_NOMEM, "no memory for %u rings", nr_cpus);
	for (uint32_t cpu = 0; ret == 0 && cpu < nr_cpus; cpu++)
		ret = map_ring(d, cpu, err);
	return ret;
}

int xp_device_begin(struct xp_device *d, const struct xp_device_options *options, struct xp_err *err)
{
	uint32_t nr_cpus = 0;
	int ret = open_session(d, options, &nr_cpus, err);

	if (ret == 0)
		ret = map_ctl(d, nr_cpus, err);
	if (ret == 0)
		ret = map_rings(d, nr_cpus, err);
	return ret;
}

/* ---- counters ------------------------------------------------------------*/

_Static_assert(sizeof(((struct xprof_kop *)0)->body) == sizeof(((struct xprof_sysctl *)0)->u), "the same union");

/* -1 with errno; body goes in and comes back. */
static int device_op(const struct xp_device *d, enum xprof_op op, void *body, size_t size)
{
	struct xprof_kop k = { .op = (uint32_t)op };

	memcpy(k.body, body, size);
	if (ioctl(d->fd, XPROF_IOC_OP, &k))
		return -1;
	memcpy(body, k.body, size);
	return 0;
}

int xp_device_pmu(struct xp_device *d, struct xprof_op_pmu *pmu, struct xp_err *err)
{
	memset(pmu, 0, sizeof(*pmu));
	return device_op(d, XPROF_OP_PMU, pmu, sizeof(*pmu)) ? fail_op("Xen does not tell its performance counters", err) : 0;
}

int xp_device_event(struct xp_device *d, const char *name, struct xprof_op_event *op, struct xp_err *err)
{
	uint64_t period = op->period;
	uint32_t can = (uint32_t)op->counters;

	if (!device_op(d, XPROF_OP_EVENT, op, sizeof(*op))) {
		/* It used to choose any of them. */
		if (can && ((uint32_t)op->counters & ~can))
			return xp_fail(err, XP_E_VERSION, "the profiler in Xen is an older one: 'xprof detach', then start again");
		return 0;
	}
	if (errno == ERANGE)
		return xp_fail(err, XP_E_USAGE, "a sample every %" PRIu64 " %s would keep the CPU in the profiler", period, name);
	if (errno == EINVAL || errno == EOPNOTSUPP)
		return xp_fail(err, XP_E_ABSENT, "Xen cannot count event '%s' (%#" PRIx64 ", %s %" PRIu64 ") on this CPU", name,
			       op->select, op->flags & XPROF_EVENT_RATE ? "rate" : "period", period);
	if (errno == ENOSPC || errno == EBUSY)
		return xp_fail(err, XP_E_BUSY, "no counter that can count event '%s' is free: 'xprof list' tells how many can be used", name);
	return fail_op("Xen does not take an event", err);
}

int xp_device_domains(struct xp_device *d, const uint16_t *domids, size_t nr, struct xp_err *err)
{
	struct xprof_op_domains op = { .nr = (uint32_t)nr };

	memcpy(op.domid, domids, nr * sizeof(*domids));
	return device_op(d, XPROF_OP_DOMAINS, &op, sizeof(op)) ? fail_op("Xen does not take the list of domains", err) : 0;
}

/* ---- running -------------------------------------------------------------*/

int xp_device_counts(struct xp_device *d, struct xprof_op_counts *counts, struct xprof_count *rows, struct xp_err *err)
{
	struct xprof_kcounts k = {
		.cpu = counts->cpu, .first = counts->first, .nr = counts->nr, .rows = (uintptr_t)rows,
	};

	if (ioctl(d->fd, XPROF_IOC_COUNTS, &k)) {
		if (errno == ENOTTY)
			return fail_op("", err);
		return xp_fail_errno(err, XP_E_SYSTEM, "Xen does not tell the counts of CPU %u", counts->cpu);
	}
	counts->nr = k.nr;
	counts->total = k.total;
	counts->tsc = k.tsc;
	counts->missed = k.missed;
	return 0;
}

int xp_device_start(struct xp_device *d, struct xp_err *err)
{
	if (!ioctl(d->fd, XPROF_IOC_START))
		return 0;
	if (errno == EBUSY)
		return xp_fail(err, XP_E_BUSY, "another owner has taken Xen's NMIs (microcode or a live patch being loaded?): try again");
	return xp_fail_errno(err, XP_E_SYSTEM, "Xen does not begin to sample");
}

int xp_device_stop(struct xp_device *d, struct xp_err *err)
{
	if (!ioctl(d->fd, XPROF_IOC_STOP))
		return 0;
	return xp_fail_errno(err, XP_E_SYSTEM, "Xen does not end sampling");
}

void xp_device_close(struct xp_device *d)
{
	for (size_t i = 0; i < d->nr_rings; i++)
		munmap((void *)(uintptr_t)d->rings[i].header, ring_map_bytes(d));
	if (d->ctl)
		munmap(d->ctl, d->ctl_bytes);
	free(d->rings);
	if (d->fd >= 0)
		close(d->fd);
	memset(d, 0, sizeof(*d));
	d->fd = -1;
}
