/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the hypervisor's ring.h and record.c need, in userspace: this file
 * stands in for hypervisor-patch/xen/include/xen/xprof/kernel.h, nothing else
 * does.
 */
#ifndef XPROF_KERNEL_H
#define XPROF_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define likely(x) __builtin_expect(!!(x), 1)
#define always_inline inline __attribute__((__always_inline__))
#define unlikely(x) __builtin_expect(!!(x), 0)

/* As in Xen. */
#define ACCESS_ONCE(x) (*(volatile __typeof__(x) *)&(x))
#define cmpxchg(p, old, new) __sync_val_compare_and_swap(p, old, new)

#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define barrier() __asm__ volatile("" ::: "memory")

#endif
