/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the process is that a guest's kernel works for.
 *
 * Every way from user mode into a 64-bit Linux kernel leaves the frame that
 * IRET takes at the very end of the task's stack [Linux: "struct pt_regs",
 * arch/x86/entry/entry_64.S].  For a PV guest Xen itself puts it where the
 * guest has said that this end is [HYPERVISOR_stack_switch; entry.S,
 * create_bounce_frame]; for another the stack is taken for one of Linux' size
 * [THREAD_SIZE], aligned to it.  On other stacks (of interrupts, with HVM; of
 * other systems) something else lies there, and hardly ever what is asked of a
 * frame.
 *
 * What is found is a claim: whoever reads the snapshot believes it if the
 * kernel's own stack, unwound, says the same.
 */
#include <xen/lib.h>
#include <xen/sched.h>
#include <asm/current.h>

#include "stack.h"

#define LINUX_STACK   (16u << 10)
#define LINUX_USER_CS 0x33u /* __USER_CS; 32-bit processes have another */
#define USER_END      (1ull << 47)

/* What IRET takes [AMD APM vol. 2, 8.9.3; Intel SDM vol. 3A, 6.14.4]. */
struct frame {
    uint64_t ip, cs, flags, sp, ss;
};

static uint64_t end_of_stack(const struct xprof_place *kernel)
{
    const struct vcpu *v = current;

    return is_hvm_vcpu(v) ? (kernel->sp | (LINUX_STACK - 1)) + 1
                          : v->arch.pv.kernel_sp;
}

static bool is_process(const struct frame *f)
{
    return (f->cs == LINUX_USER_CS || f->cs == FLAT_RING3_CS64) &&
           f->ip < USER_END && f->sp < USER_END && !(f->sp & 7);
}

bool xprof_find_process(struct xprof_place *process,
                        const struct xprof_place *kernel)
{
    struct frame f;
    uint64_t at = end_of_stack(kernel) - sizeof(f);

    if ( (kernel->mode & (XPROF_MODE_CODE | XPROF_MODE_32)) !=
         XPROF_MODE_KERNEL || (at & 7) ||
         xprof_copy_guest(&f, at, sizeof(f), false) != sizeof(f) ||
         !is_process(&f) )
        return false;

    *process = (struct xprof_place){
        .ip = f.ip,
        .sp = f.sp,
        .cr3 = kernel->cr3,
        .mode = kernel->mode & ~XPROF_MODE_CODE,
    };
    process->mode |= XPROF_MODE_USER;

    return true;
}

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
