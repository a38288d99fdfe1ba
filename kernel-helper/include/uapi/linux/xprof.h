/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * /dev/xprof: one open file owns one profiling session of the hypervisor.
 *
 * The life of a session, in process context of its owner:
 *
 *   fd = open("/dev/xprof", O_RDWR | O_CLOEXEC)
 *   ioctl(XPROF_IOC_OPEN)    Xen allocates; EBUSY: another has the session (XPROF_IOC_INFO: owner_pid)
 *   mmap(control pages, PROT_READ | PROT_WRITE, offset XPROF_MMAP_CTL)
 *   mmap(ring of each CPU, PROT_READ, offset XPROF_MMAP_RING(cpu))
 *   ioctl(XPROF_IOC_OP)      with source PMU: its events, and which domains
 *   ioctl(XPROF_IOC_START)
 *     poll(): POLLIN when Xen's VIRQ said that a ring fills, or task records wait
 *     read(): struct xprof_task records
 *   ioctl(XPROF_IOC_STOP)
 *   close()
 *
 * The session ends at the *last* reference to the file (descriptor, mapping,
 * inherited descriptor); close() by the owning process stops sampling at once.
 * Death of the owner, by whatever means, is a close().
 *
 * The rings' layout and the records are those of Xen's <public/xprof.h>.
 */
#ifndef _UAPI_LINUX_XPROF_H
#define _UAPI_LINUX_XPROF_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define XPROF_DEVICE "/dev/xprof"

/* What Xen says about itself: the body of XPROF_OP_INFO and what the kernel adds. */
struct xprof_kinfo {
	__u8 info[104];         /* struct xprof_op_info of <public/xprof.h> */
	__s64 tsc_offset;       /* this kernel's TSC minus Xen's, ticks */
	__u32 sysctl_version;   /* XEN_SYSCTL_INTERFACE_VERSION that Xen answered to */
	__u32 owner_pid;        /* tgid of the session's owner, 0 if none */
};

struct xprof_kopen {
	__u32 source;           /* in: enum xprof_source */
	__u32 flags;            /* in: XPROF_OPEN_* of <public/xprof.h> */
	__u64 period_ns;        /* in, out: as it will be */
	__u32 ring_bytes;       /* in: per CPU, power of two */
	__u32 wake_bytes;       /* in: 0 is a quarter of a ring */
	__u32 wake_ms;          /* in: 0 is 10 */
	__u32 nr_cpus;          /* out: CPU ids are below this; a ring exists for each */
	__u64 session;          /* out */
	__u64 owner;            /* out with EBUSY: address of another's NMI callback in Xen */
	__u32 stack_bytes;      /* in, out: with XPROF_OPEN_STACKS, of a guest's stack at most */
	__u32 reserved;         /* 0 */
};

/*
 * An operation on the session that needs nothing of this kernel: body is u of
 * struct xprof_sysctl, in and out. PMU needs no session; EVENT and DOMAINS need
 * the caller's. EINVAL: no other operation comes this way.
 */
struct xprof_kop {
	__u32 op;               /* in: enum xprof_op */
	__u32 reserved;
	__u64 body[14];
};

/* XPROF_OP_COUNTS: as struct xprof_op_counts, rows in the caller's memory. */
struct xprof_kcounts {
	__u32 cpu;              /* in */
	__u32 first;            /* in */
	__u32 nr;               /* in: room; out: rows copied */
	__u32 total;            /* out */
	__u64 rows;             /* in: address of struct xprof_count[nr] */
	__u64 tsc;              /* out: Xen's */
	__u64 missed;           /* out */
};

/* INFO works on any open file; it does not need, nor make, a session. */
#define XPROF_IOC_INFO  _IOR('X', 0xe0, struct xprof_kinfo)
#define XPROF_IOC_OPEN  _IOWR('X', 0xe1, struct xprof_kopen)
#define XPROF_IOC_START _IO('X', 0xe2)
#define XPROF_IOC_STOP  _IO('X', 0xe3)
#define XPROF_IOC_OP     _IOWR('X', 0xe4, struct xprof_kop)
#define XPROF_IOC_COUNTS _IOWR('X', 0xe5, struct xprof_kcounts)

/*
 * mmap offsets, in bytes. The control pages come as one mapping of
 * DIV_ROUND_UP(nr_cpus, 64) pages. A ring's mapping is its header page, its
 * data pages, and its data pages once more: 4096 + 2 * ring_bytes.
 */
#define XPROF_MMAP_CTL 0ULL
#define XPROF_MMAP_RING(cpu) (((__u64)(cpu) + 1) << 28)

/* Tasks of this kernel, by read(): whole records only. */
enum xprof_task_type {
	XPROF_TASK_SNAPSHOT = 1, /* it was there when the session started */
	XPROF_TASK_FORK = 2,
	XPROF_TASK_EXEC = 3,     /* cr3 is the new one */
	XPROF_TASK_EXIT = 4,     /* the last thread of the process has gone */
	XPROF_TASK_LOST = 5,     /* pid: how many records found no room */
};

struct xprof_task {
	__u64 tsc;              /* this kernel's TSC */
	__u64 cr3;              /* as samples have it; 0: kernel thread */
	__u32 pid;              /* in the initial pid namespace */
	__u32 tgid;
	__u32 ppid;             /* tgid of the parent */
	__u16 type;             /* enum xprof_task_type */
	__u16 reserved;
	char comm[16];
};

#endif /* _UAPI_LINUX_XPROF_H */
