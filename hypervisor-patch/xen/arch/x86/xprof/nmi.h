/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the NMI: what every handler is made of.
 *
 * A handler may touch: this CPU's struct xprof_cpu and ring (Xen's own memory
 * and pages that are mapped for good), the current vCPU's structure, the VMCB
 * or VMCS of a guest that this very NMI interrupted, its counters.  It takes
 * no lock, allocates nothing, raises nothing, and executes nothing that could
 * fault: an exception would end in an IRET that lets the next NMI in onto this
 * stack.  It has no loop longer than XPROF_MAX_COUNTERS.
 *
 * The usual path is short: it is counted in instructions (make bench).
 */
#ifndef XPROF_NMI_H
#define XPROF_NMI_H

#include <xen/sched.h>
#include <asm/hardirq.h>
#include <asm/msr.h>
#include <asm/page.h>

#include <xen/xprof/session.h>
#include "compat.h"

/* The callbacks. They return 1: the NMI was ours; 0: Xen's own handling goes on. */
nmi_callback_t xprof_nmi_timer;

/*
 * ip and cr3 of a sample of an HVM or PVH vCPU; returns its XPROF_MODE_*.
 * Nothing in it can fault.
 */
unsigned int xprof_context_hvm(const struct vcpu *v,
                               const struct cpu_user_regs *regs,
                               struct xprof_sample *s);

static always_inline unsigned int xprof_mode_xen(int cpu)
{
    return local_irq_count(cpu) ? XPROF_MODE_XEN | XPROF_MODE_IRQ
                                : XPROF_MODE_XEN;
}

static always_inline unsigned int
xprof_mode_pv(const struct vcpu *v, const struct cpu_user_regs *regs)
{
    if ( unlikely(is_pv_32bit_vcpu(v)) )
        return XPROF_MODE_32 | ((regs->cs & 3) == 1 ? XPROF_MODE_KERNEL
                                                    : XPROF_MODE_USER);

    /* Kernel and user both run in ring 3: Xen's own flag tells them apart. */
    return v->arch.flags & TF_kernel_mode ? XPROF_MODE_KERNEL : XPROF_MODE_USER;
}

/*
 * Identity is `current` only.  While the idle vCPU is current the state of
 * another vCPU may still be loaded (lazy context switch), so CR3 always comes
 * from the vCPU's structure, never from the register.
 */
static always_inline void xprof_take(struct xprof_cpu *c, unsigned int event,
                                     const struct cpu_user_regs *regs,
                                     uint64_t tsc)
{
    const struct vcpu *v = current;
    const struct domain *d = v->domain;
    unsigned int mode, domid = d->domain_id;
    bool idle = domid == DOMID_IDLE;
    struct xprof_who who = {
        .domain = d,
        .handle = idle ? NULL : (const uint64_t *)d->handle,
    };
    struct xprof_sample *s = xprof_record_begin(&c->records, event, tsc, &who,
                                                domid);

    if ( unlikely(!s) )
        return;

    s->tsc = tsc;
    s->ip = regs->rip;
    if ( unlikely(idle) )
    {
        s->cr3 = 0;
        mode = xprof_mode_xen(c->cpu);
    }
    else if ( is_hvm_vcpu(v) )
        mode = xprof_context_hvm(v, regs, s);
    else
    {
        s->cr3 = pagetable_get_paddr(v->arch.guest_table);
        mode = regs->cs & 3 ? xprof_mode_pv(v, regs) : xprof_mode_xen(c->cpu);
    }

    s->rec = (struct xprof_rec){
        .type = XPROF_REC_SAMPLE, .event = event, .mode = mode,
        .size = sizeof(*s) / 8, .domid = domid, .vcpu = v->vcpu_id,
    };
    xprof_record_end(&c->records);
}

/* NULL: no session, or none that knows this CPU. */
static always_inline struct xprof_cpu *
xprof_this_cpu(const struct xprof_session *s, int cpu)
{
    return likely(s) && likely(cpu < s->nr_cpus) ? s->cpu[cpu] : NULL;
}

/* Returns how long this handler has run, in ticks of the TSC. */
static always_inline uint64_t xprof_account(struct xprof_cpu *c, uint64_t tsc)
{
    uint64_t ticks = rdtsc() - tsc;

    c->handler_ticks += ticks;
    if ( unlikely(ticks > c->handler_max) )
        c->handler_max = ticks;

    return ticks;
}

#endif /* XPROF_NMI_H */
