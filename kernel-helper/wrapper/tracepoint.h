/* SPDX-License-Identifier: GPL-2.0-only */
/* sched_process_exit has a second argument since Linux 6.16. */
#ifndef XPROF_WRAPPER_TRACEPOINT_H
#define XPROF_WRAPPER_TRACEPOINT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define XPROF_EXIT_PROBE_ARGS void *data, struct task_struct *task, bool group_dead
#else
#define XPROF_EXIT_PROBE_ARGS void *data, struct task_struct *task
#endif

#endif
