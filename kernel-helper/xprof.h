/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xprof.ko, inside.  Along the path of a session: chardev (open, ioctl, read,
 * poll, release) -> session (its life) -> hypercall (the only file that calls
 * Xen), mmap (rings into the reader), counts (exact counts into the reader), virq
 * (its wake-up), tasks (who is who in this kernel).  Everything runs in process context unless stated.
 */
#ifndef XPROF_H
#define XPROF_H

#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include <uapi/linux/xprof.h>
#include <public/xprof.h>

struct file;
struct poll_table_struct;
struct vm_area_struct;

/* Task records on their way to read(). Producers: tracepoints, any context. */
struct xprof_task_fifo {
	spinlock_t lock;
	struct xprof_task *records;
	unsigned int size;		/* a power of two; 0: not tracing */
	unsigned int head, tail;	/* free running */
	unsigned int lost;
};

/* One per open file; at most one of them owns the session. */
struct xprof_file {
	struct mutex lock;
	bool owner;
	bool running;
	bool counting;			/* the session has no samples: nobody asks whose they are */
	pid_t tgid;			/* of the process that made the session */
	u64 session;
	unsigned int nr_cpus;
	u32 ring_bytes;
	int irq;			/* of the VIRQ, 0: not bound */
	bool woken;			/* the VIRQ came since the last poll() */
	wait_queue_head_t wait;
	struct xprof_task_fifo tasks;
};

/* hypercall.c: each returns what Xen returned, or a negative errno. */
int xprof_xen_probe(void);	/* finds the sysctl version; -ENODEV: no profiler in this Xen */
u32 xprof_xen_version(void);
int xprof_xen_info(struct xprof_op_info *info);
int xprof_xen_open(struct xprof_op_open *open);
int xprof_xen_ring(u64 session, struct xprof_op_ring *ring);
int xprof_xen_start(u64 session, u64 *owner);
int xprof_xen_stop(u64 session);
int xprof_xen_close(u64 session);
int xprof_xen_op(u16 what, u64 session, struct xprof_kop *kop);
int xprof_xen_counts(u64 session, struct xprof_op_counts *counts);

/* session.c: the file's lock is held. */
int xprof_session_open(struct xprof_file *file, struct xprof_kopen *open);
int xprof_session_start(struct xprof_file *file);
int xprof_session_stop(struct xprof_file *file);
void xprof_session_close(struct xprof_file *file);
int xprof_session_op(struct xprof_file *file, struct xprof_kop *kop);
pid_t xprof_session_owner(void);	/* tgid, 0: none */

/* mmap.c */
int xprof_mmap(struct xprof_file *file, struct vm_area_struct *vma);

/* counts.c: the file's lock is held. */
int xprof_counts_read(struct xprof_file *file, struct xprof_kcounts *counts);

/* virq.c */
int xprof_virq_bind(struct xprof_file *file);
void xprof_virq_unbind(struct xprof_file *file);

/* tasks.c: one file at a time may trace, the session's owner. */
int xprof_tasks_start(struct xprof_file *file);	/* snapshot, then events */
void xprof_tasks_stop(struct xprof_file *file);	/* records stay readable */
void xprof_tasks_free(struct xprof_file *file);
bool xprof_tasks_pending(struct xprof_file *file);
ssize_t xprof_tasks_read(struct xprof_file *file, char __user *buf, size_t len);

/* chardev.c */
int xprof_chardev_register(void);
void xprof_chardev_unregister(void);

#endif /* XPROF_H */
