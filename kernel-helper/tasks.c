// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which process has which page-table root.
 *
 * At the start a snapshot of all processes, then what fork, exec and exit
 * change, each with its TSC.  The tracepoints are found by name: they are not
 * exported one by one.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/tracepoint.h>
#include <linux/uaccess.h>
#include <asm/tsc.h>
#include <xen/features.h>
#include <xen/xen.h>
#include <asm/xen/page.h>

#include "wrapper/tracepoint.h"
#include "xprof.h"

#define SPARE_RECORDS 4096U

static struct xprof_file *tracer;

static u64 mm_root(struct mm_struct *mm)
{
	if (xen_feature(XENFEAT_auto_translated_physmap))
		return __pa(mm->pgd);

	return arbitrary_virt_to_machine(mm->pgd).maddr;
}

/* Any context. */
static void fifo_push(struct xprof_task_fifo *fifo,
		      const struct xprof_task *record)
{
	unsigned long flags;

	spin_lock_irqsave(&fifo->lock, flags);
	if (fifo->head - fifo->tail < fifo->size)
		fifo->records[fifo->head++ & (fifo->size - 1)] = *record;
	else
		fifo->lost++;
	spin_unlock_irqrestore(&fifo->lock, flags);
}

/* The oldest record; when all are gone, how many found no room. */
static bool fifo_pop(struct xprof_task_fifo *fifo, struct xprof_task *record)
{
	bool got = true;

	spin_lock_irq(&fifo->lock);
	if (fifo->head != fifo->tail) {
		*record = fifo->records[fifo->tail++ & (fifo->size - 1)];
	} else if (fifo->lost) {
		*record = (struct xprof_task){
			.tsc = rdtsc_ordered(),
			.type = XPROF_TASK_LOST,
			.pid = fifo->lost,
		};
		fifo->lost = 0;
	} else {
		got = false;
	}
	spin_unlock_irq(&fifo->lock);

	return got;
}

static void record(struct xprof_file *file, struct task_struct *task,
		   struct mm_struct *mm, u16 type)
{
	struct xprof_task rec = {
		.tsc = rdtsc_ordered(),
		.cr3 = mm ? mm_root(mm) : 0,
		.pid = task->pid,
		.tgid = task->tgid,
		.type = type,
	};

	rcu_read_lock();
	rec.ppid = rcu_dereference(task->real_parent)->tgid;
	rcu_read_unlock();
	memcpy(rec.comm, task->comm, sizeof(rec.comm));
	rec.comm[sizeof(rec.comm) - 1] = '\0';

	fifo_push(&file->tasks, &rec);
}

static void on_fork(void *data, struct task_struct *parent,
		    struct task_struct *child)
{
	if (child->pid == child->tgid)
		record(data, child, child->mm, XPROF_TASK_FORK);
}

static void on_exec(void *data, struct task_struct *task, pid_t old_pid,
		    struct linux_binprm *bprm)
{
	record(data, task, task->mm, XPROF_TASK_EXEC);
}

/* The address space is gone already; which one it was, its tgid tells. */
static void on_exit(XPROF_EXIT_PROBE_ARGS)
{
	if (!atomic_read(&task->signal->live))
		record(data, task, NULL, XPROF_TASK_EXIT);
}

static struct {
	const char *name;
	void *probe;
	struct tracepoint *tp;
	bool registered;
} probes[] = {
	{ "sched_process_fork", on_fork },
	{ "sched_process_exec", on_exec },
	{ "sched_process_exit", on_exit },
};

static void find_tracepoint(struct tracepoint *tp, void *unused)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (!strcmp(tp->name, probes[i].name))
			probes[i].tp = tp;
}

static int probes_register(struct xprof_file *file)
{
	unsigned int i;

	for_each_kernel_tracepoint(find_tracepoint, NULL);
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		int ret = probes[i].tp ?
			tracepoint_probe_register(probes[i].tp, probes[i].probe, file) :
			-ENOENT;

		if (ret)
			return ret;
		probes[i].registered = true;
	}

	return 0;
}

static void probes_unregister(struct xprof_file *file)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (probes[i].registered) {
			tracepoint_probe_unregister(probes[i].tp, probes[i].probe, file);
			probes[i].registered = false;
		}
	tracepoint_synchronize_unregister();
}

static void snapshot(struct xprof_file *file)
{
	struct task_struct *task;

	rcu_read_lock();
	for_each_process(task) {
		struct mm_struct *mm;

		task_lock(task);
		mm = task->flags & PF_KTHREAD ? NULL : task->mm;
		record(file, task, mm, XPROF_TASK_SNAPSHOT);
		task_unlock(task);
	}
	rcu_read_unlock();
}

static unsigned int count_processes(void)
{
	struct task_struct *task;
	unsigned int nr = 0;

	rcu_read_lock();
	for_each_process(task)
		nr++;
	rcu_read_unlock();

	return nr;
}

static int fifo_alloc(struct xprof_task_fifo *fifo)
{
	unsigned int size = roundup_pow_of_two(count_processes() + SPARE_RECORDS);

	if (fifo->size)
		return 0;
	fifo->records = kvcalloc(size, sizeof(*fifo->records), GFP_KERNEL);
	if (!fifo->records)
		return -ENOMEM;
	fifo->size = size;

	return 0;
}

/* Events first, so that what the snapshot misses is in them. */
int xprof_tasks_start(struct xprof_file *file)
{
	int ret = fifo_alloc(&file->tasks);

	if (ret)
		return ret;

	tracer = file;
	ret = probes_register(file);
	if (ret) {
		xprof_tasks_stop(file);
		return ret;
	}
	snapshot(file);

	return 0;
}

void xprof_tasks_stop(struct xprof_file *file)
{
	if (tracer != file)
		return;
	probes_unregister(file);
	tracer = NULL;
}

void xprof_tasks_free(struct xprof_file *file)
{
	kvfree(file->tasks.records);
	file->tasks.records = NULL;
	file->tasks.size = 0;
}

bool xprof_tasks_pending(struct xprof_file *file)
{
	struct xprof_task_fifo *fifo = &file->tasks;

	return READ_ONCE(fifo->head) != READ_ONCE(fifo->tail) ||
	       READ_ONCE(fifo->lost);
}

ssize_t xprof_tasks_read(struct xprof_file *file, char __user *buf, size_t len)
{
	struct xprof_task rec;
	size_t done = 0;

	while (len - done >= sizeof(rec) && fifo_pop(&file->tasks, &rec)) {
		if (copy_to_user(buf + done, &rec, sizeof(rec)))
			return -EFAULT;
		done += sizeof(rec);
	}

	return done ? done : -EAGAIN;
}
