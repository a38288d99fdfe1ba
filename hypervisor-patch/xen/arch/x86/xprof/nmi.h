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
#include <asm/hvm/svm/vmcb.h>
#include <asm/msr.h>
#include <asm/page.h>
#include <asm/paging.h>
#include <asm/regs.h>

#include <xen/xprof/session.h>
#include "compat.h"

/* The callbacks. They return 1: the NMI was ours; 0: Xen's own handling goes on. */
nmi_callback_t xprof_nmi_timer;

static always_inline unsigned int xprof_mode_xen(unsigned int cpu)
{
    return local_irq_count(cpu) ? XPROF_MODE_XEN | XPROF_MODE_IRQ
                                : XPROF_MODE_XEN;
}

static inline unsigned int
xprof_mode_pv(const struct vcpu *v, const struct cpu_user_regs *regs)
{
    if ( unlikely(v->domain->arch.pv.is_32bit) )
        return XPROF_MODE_32 | ((regs->cs & 3) == 1 ? XPROF_MODE_KERNEL
                                                    : XPROF_MODE_USER);

    return v->arch.flags & TF_kernel_mode ? XPROF_MODE_KERNEL : XPROF_MODE_USER;
}

/* Type, event and size of a sample's record, as its first 32 bits: XPROF_MODE_* << 16 is to be added. */
#define XPROF_KIND(event) \
    (XPROF_REC_SAMPLE | ((event) << 8) | \
     ((uint32_t)sizeof(struct xprof_sample) / 8 << 24))

struct xprof_what {
    uint32_t event;
    uint32_t kind;  /* XPROF_KIND() of it */
    uint32_t pv[2]; /* the same in a 64-bit PV guest: user, kernel */
    uint32_t hvm[2]; /* and in a 64-bit HVM or PVH guest */
};
#define XPROF_KIND_OF(event, mode) (XPROF_KIND(event) | (mode) << 16)
#define XPROF_WHAT(event) \
    { \
        event, XPROF_KIND(event), \
        { XPROF_KIND_OF(event, XPROF_MODE_USER), \
          XPROF_KIND_OF(event, XPROF_MODE_KERNEL) }, \
        { XPROF_KIND_OF(event, XPROF_MODE_HVM | XPROF_MODE_USER), \
          XPROF_KIND_OF(event, XPROF_MODE_HVM | XPROF_MODE_KERNEL) } \
    }

/* s->rec.domid is set. */
static always_inline void xprof_sample_end(struct xprof_cpu *c,
                                           struct xprof_sample *s,
                                           uint32_t kind,
                                           const struct vcpu *v)
{
    *(uint32_t *)&s->rec = kind;
    s->rec.vcpu = v->vcpu_id;
    xprof_record_end(&c->records);
}

/* Behind STGI in svm/entry.S: where a pending NMI comes up after #VMEXIT. */
extern char svm_stgi_label[];

#define XPROF_CR3_ROOT 0x000ffffffffff000ull /* without PCID and the no-flush bit */

/*
 * At STGI the general registers and guest_cr[] are still those of the exit
 * before: only the VMCB is right.
 */
static always_inline unsigned int xprof_mode_svm(const struct vcpu *v,
                                                 struct xprof_sample *s)
{
    struct vmcb_struct *vmcb = v->arch.hvm.svm.vmcb;

    if ( vmcb->exitcode != VMEXIT_NMI )
        /* It came up between #VMEXIT and STGI: this is Xen's time. */
        return XPROF_MODE_XEN | XPROF_MODE_EXIT;

    s->ip = vmcb->rip;
    if ( likely(v->domain->arch.paging.mode & PG_HAP_enable) )
        s->cr3 = vmcb_get_cr3(vmcb) & XPROF_CR3_ROOT;

    return (vmcb_get_cpl(vmcb) == 3 ? XPROF_MODE_USER : XPROF_MODE_KERNEL) |
           (likely(vmcb->cs.l) ? 0 : XPROF_MODE_32);
}

/*
 * Any sample, whatever it takes.
 *
 * Identity is `current` only.  While the idle vCPU is current the state of
 * another vCPU may still be loaded (lazy context switch), so CR3 always comes
 * from the vCPU's structure, never from the register.
 */
void xprof_take(struct xprof_cpu *c, unsigned int event,
                const struct cpu_user_regs *regs, uint64_t tsc);

/* Only who was interrupted, where: s->ip and s->cr3. Returns XPROF_MODE_*. */
unsigned int xprof_context(const struct vcpu *v,
                           const struct cpu_user_regs *regs,
                           struct xprof_sample *s);

/*
 * The same for the usual one, without a call: nothing is owed, there is room,
 * the vCPU is PV, or HVM under SVM without a guest of its own.  False: it is
 * not, and nothing was done.  The counts of make bench are those of this path.
 *
 * (is_hvm_vcpu() and its like have a barrier against speculation on a guest's
 * behalf: nothing here reads what a guest points to.)
 */
static always_inline bool xprof_take_usual(struct xprof_cpu *c,
                                           const struct xprof_what *what,
                                           const struct cpu_user_regs *regs,
                                           uint64_t tsc)
{
    const struct vcpu *v = current;
    const struct domain *d = v->domain;
    unsigned int domid = d->domain_id;
    struct xprof_sample *s;
    uint32_t kind;

    /* (The idle domain is never announced.) */
    if ( unlikely(!xprof_is_usual(&c->records, d, (const uint64_t *)d->handle,
                                  domid)) )
        return false;

    s = xprof_ring_next(&c->records.ring);
    s->tsc = tsc;
    s->rec.domid = domid;
    barrier(); /* keeps the compiler from loading what comes later into registers now */
    if ( d->options & XEN_DOMCTL_CDF_hvm )
    {
        const struct vmcb_struct *vmcb;

        if ( unlikely(d->options & XEN_DOMCTL_CDF_nested_virt) )
            return false;
        if ( likely(regs->rip == (unsigned long)svm_stgi_label) )
        {
            /* As xprof_mode_svm(), the 64-bit guest with nested paging first. */
            vmcb = v->arch.hvm.svm.vmcb;
            if ( unlikely(vmcb->exitcode != VMEXIT_NMI) ||
                 unlikely(!vmcb->cs.l) ||
                 unlikely(!(d->arch.paging.mode & PG_HAP_enable)) )
                return false;
            s->ip = vmcb->rip;
            s->cr3 = vmcb_get_cr3(vmcb) & XPROF_CR3_ROOT;
            kind = what->hvm[vmcb_get_cpl(vmcb) != 3];
        }
        else if ( likely(cpu_has_svm) )
        {
            s->ip = regs->rip;
            s->cr3 = v->arch.hvm.guest_cr[3] & XPROF_CR3_ROOT;
            kind = what->kind | (XPROF_MODE_HVM | xprof_mode_xen(c->cpu)) << 16;
        }
        else
            return false; /* under VMX the frame may be the guest's */
    }
    else
    {
        s->ip = regs->rip;
        s->cr3 = pagetable_get_paddr(v->arch.guest_table);
        if ( !(regs->cs & 3) )
            kind = what->kind | xprof_mode_xen(c->cpu) << 16;
        else if ( unlikely(d->arch.pv.is_32bit) )
            return false;
        else
            /* Kernel and user both run in ring 3: Xen's own flag tells them apart. */
            kind = what->pv[v->arch.flags & TF_kernel_mode];
    }
    xprof_sample_end(c, s, kind, v);
    c->records.produced[what->event]++;

    return true;
}

/* By CPU id, nr_cpu_ids of them; set while a callback of ours is installed. NULL in it: a CPU without a ring. */
extern struct xprof_cpu **xprof_nmi_cpus;

/* One register from here on, not two halves. */
static always_inline uint64_t xprof_now(void)
{
    uint64_t tsc = rdtsc();

    asm volatile ( "" : "+r" (tsc) );

    return tsc;
}

/* Returns how long this handler has run, in ticks of the TSC: less than 2^32 of them. */
static always_inline uint32_t xprof_account(struct xprof_cpu *c, uint64_t tsc)
{
    uint32_t now, high, ticks;

    asm volatile ( "rdtsc" : "=a" (now), "=d" (high) );
    ticks = now - (uint32_t)tsc;

    c->handler_ticks += ticks;
    if ( unlikely(ticks > c->handler_max) )
        c->handler_max = ticks;

    return ticks;
}

#endif /* XPROF_NMI_H */
