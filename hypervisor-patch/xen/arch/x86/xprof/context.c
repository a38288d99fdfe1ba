/* SPDX-License-Identifier: GPL-2.0-only */
/* Who was interrupted, where; what a domain is. Context: NMI; see nmi.h. */
#include <xen/sched.h>
#include <asm/hvm/nestedhvm.h>
#include <asm/hvm/svm/vmcb.h>
#include <asm/hvm/vmx/vmx.h>
#include <asm/irq.h>
#include <asm/paging.h>
#include <asm/regs.h>

#include "nmi.h"

/* Called from VMX's exit handler with the guest's frame: its VMCS is loaded. */
static unsigned int context_vmx(const struct vcpu *v,
                                const struct cpu_user_regs *regs,
                                struct xprof_sample *s)
{
    unsigned long cs_ar, ss_ar, cr3;

    __vmread(GUEST_CS_AR_BYTES, &cs_ar);
    __vmread(GUEST_SS_AR_BYTES, &ss_ar);
    if ( paging_mode_hap(v->domain) )
    {
        __vmread(GUEST_CR3, &cr3);
        s->cr3 = cr3 & XPROF_CR3_ROOT;
    }

    return (((ss_ar >> 5) & 3) == 3 ? XPROF_MODE_USER : XPROF_MODE_KERNEL) |
           (cs_ar & X86_SEG_AR_CS_LM_ACTIVE ? 0 : XPROF_MODE_32);
}

static always_inline unsigned int context_hvm(const struct vcpu *v,
                                const struct cpu_user_regs *regs,
                                struct xprof_sample *s)
{
    unsigned int mode;

    s->cr3 = v->arch.hvm.guest_cr[3] & XPROF_CR3_ROOT;

    if ( guest_mode(regs) )
        mode = context_vmx(v, regs, s);
    else if ( regs->rip == (unsigned long)svm_stgi_label )
        mode = xprof_mode_svm(v, s);
    else
        mode = xprof_mode_xen(smp_processor_id());

    if ( nestedhvm_enabled(v->domain) &&
         nestedhvm_vcpu_in_guestmode((struct vcpu *)v) )
        mode |= XPROF_MODE_NESTED;

    return mode | XPROF_MODE_HVM;
}

static always_inline unsigned int context_pv(const struct vcpu *v,
                               const struct cpu_user_regs *regs,
                               struct xprof_sample *s)
{
    s->cr3 = pagetable_get_paddr(v->arch.guest_table);

    return guest_mode(regs) ? xprof_mode_pv(v, regs)
                            : xprof_mode_xen(smp_processor_id());
}

static always_inline unsigned int context(const struct vcpu *v,
                                          const struct cpu_user_regs *regs,
                                          struct xprof_sample *s)
{
    const struct domain *d = v->domain;

    s->ip = regs->rip;
    if ( d->domain_id == DOMID_IDLE )
    {
        s->cr3 = 0;
        return xprof_mode_xen(smp_processor_id());
    }

    return is_hvm_domain(d) ? context_hvm(v, regs, s) : context_pv(v, regs, s);
}

unsigned int xprof_context(const struct vcpu *v,
                           const struct cpu_user_regs *regs,
                           struct xprof_sample *s)
{
    return context(v, regs, s);
}

void xprof_take(struct xprof_cpu *c, unsigned int event,
                const struct cpu_user_regs *regs, uint64_t tsc)
{
    const struct vcpu *v = current;
    const struct domain *d = v->domain;
    unsigned int domid = d->domain_id, mode;
    bool idle = domid == DOMID_IDLE;
    struct xprof_sample *s =
        xprof_record_begin(&c->records, event, tsc, d,
                           idle ? NULL : (const uint64_t *)d->handle, domid);

    if ( !s )
        return;

    s->tsc = tsc;
    mode = context(v, regs, s);
    s->rec.domid = domid;
    xprof_sample_end(c, s, XPROF_KIND(event) | mode << 16, v);
}

static unsigned int domain_type(const struct domain *d)
{
    if ( !is_hvm_domain(d) )
        return XPROF_DOMAIN_PV;

    /* PVH has no legacy devices emulated. */
    return has_vpit(d) ? XPROF_DOMAIN_HVM : XPROF_DOMAIN_PVH;
}

void xprof_describe(const void *domain, const uint64_t *handle,
                    struct xprof_domain *out)
{
    const struct domain *d = domain;

    memcpy(out->handle, handle, sizeof(out->handle));
    out->rec.vcpu = d->max_vcpus;
    out->type = domain_type(d);
    if ( is_pv_32bit_domain(d) )
        out->flags |= XPROF_DOMAIN_F_32BIT;
    if ( is_control_domain(d) )
        out->flags |= XPROF_DOMAIN_F_CONTROL;
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
