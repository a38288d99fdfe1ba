/* SPDX-License-Identifier: GPL-2.0-only */
/* Stacks: what the NMI's half and the softirq's know of each other. See <xen/xprof/stack.h>. */
#ifndef XPROF_X86_STACK_H
#define XPROF_X86_STACK_H

#include <xen/xprof/session.h>
#include <xen/xprof/stack.h>
#include "compat.h"

/* The stack that Xen normally runs on: the topmost pages of a CPU's stacks, without a guard in between. */
#define XPROF_PRIMARY_STACK (2 * PAGE_SIZE)

/* stack.c: around the source's own handler, which is called first. */
nmi_callback_t xprof_nmi_stacks;
extern nmi_callback_t *xprof_nmi_inner; /* set before the callback is installed */

/*
 * stack-copy.c: at most len bytes of the current vCPU's memory from addr on,
 * as its code there (user: in user mode) would read them under its present
 * page tables.  Returns how many, from the beginning: less where a page cannot
 * be read.  Injects nothing, writes nothing but accessed bits.  Context:
 * softirq, with no lock held.
 */
unsigned int xprof_copy_guest(void *to, uint64_t addr, unsigned int len,
                              bool user);
/* There is a way to. */
bool xprof_can_copy_guest(void);

/* What a vCPU will go on with. */
struct xprof_place {
    uint64_t ip, sp, bp, cr3;
    uint8_t mode;
};

/*
 * stack-process.c: the process that a guest's kernel works for, by what lies
 * at the end of the kernel's stack.  False: there is none, or it is not to be
 * found like that.  A guest may lie: the result is an address that
 * xprof_copy_guest() will read as the process would.  Context: as there.
 */
bool xprof_find_process(struct xprof_place *process,
                        const struct xprof_place *kernel);

#endif /* XPROF_X86_STACK_H */
