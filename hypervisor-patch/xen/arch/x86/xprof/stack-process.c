/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the process is that a guest's kernel works for.
 *
 * Every way from user mode into a 64-bit Linux kernel leaves the frame that
 * IRET takes at the very end of a stack [Linux: "struct pt_regs",
 * arch/x86/entry/entry_64.S]: the task's, which is of THREAD_SIZE and aligned
 * to it; for some instructions, of a guest that is not PV, the entry's, which
 * is a page [cpu_entry_area.h].  While Linux switches tasks sp is on the next
 * one's stack already.  From an interrupt's stack the last word leads back to
 * the task's [irq_stack.h]; of a PV guest Xen itself knows where that ends
 * [HYPERVISOR_stack_switch; entry.S, create_bounce_frame].
 *
 * What is found is a claim: on other stacks something else lies there, and
 * hardly ever what is asked of a frame.  Whoever reads the snapshot believes
 * it if the kernel's own stack, unwound, says the same.
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

static uint64_t end_of(uint64_t sp, unsigned int size)
{
    return (sp | (size - 1)) + 1;
}

static bool is_process(const struct frame *f)
{
    return (f->cs == LINUX_USER_CS || f->cs == FLAT_RING3_CS64) &&
           f->ip < USER_END && f->sp < USER_END && !(f->sp & 7);
}

static bool lies_at(struct frame *f, uint64_t end)
{
    uint64_t at = end - sizeof(*f);

    return !(at & 7) &&
           xprof_copy_guest(f, at, sizeof(*f), false) == sizeof(*f) &&
           is_process(f);
}

static bool find_frame(struct frame *f, uint64_t sp)
{
    const struct vcpu *v = current;
    uint64_t end = end_of(sp, LINUX_STACK), before;

    if ( lies_at(f, end) )
        return true;
    if ( !is_hvm_vcpu(v) )
        return lies_at(f, v->arch.pv.kernel_sp);
    if ( lies_at(f, end_of(sp, PAGE_SIZE)) )
        return true;

    return xprof_copy_guest(&before, end - sizeof(before), sizeof(before),
                            false) == sizeof(before) &&
           lies_at(f, end_of(before, LINUX_STACK));
}

bool xprof_find_process(struct xprof_place *process,
                        const struct xprof_place *kernel)
{
    struct frame f;

    if ( (kernel->mode & (XPROF_MODE_CODE | XPROF_MODE_32)) !=
         XPROF_MODE_KERNEL || !find_frame(&f, kernel->sp) )
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
