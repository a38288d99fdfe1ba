/* SPDX-License-Identifier: GPL-2.0-only */
/* vm_flags got accessors in Linux 6.3. */
#ifndef XPROF_WRAPPER_VMA_H
#define XPROF_WRAPPER_VMA_H

#include <linux/mm.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#define xprof_vm_flags_set(vma, flags)   vm_flags_set(vma, flags)
#define xprof_vm_flags_clear(vma, flags) vm_flags_clear(vma, flags)
#else
#define xprof_vm_flags_set(vma, flags)   ((vma)->vm_flags |= (flags))
#define xprof_vm_flags_clear(vma, flags) ((vma)->vm_flags &= ~(flags))
#endif

#endif
