/* SPDX-License-Identifier: GPL-2.0-only */
/* Who was interrupted: HVM and PVH guests; what a domain is. Context: NMI; see nmi.h. */
#include <xen/sched.h>
#include <asm/hvm/nestedhvm.h>
#include <asm/hvm/svm/vmcb.h>
#include <asm/hvm/vmx/vmx.h>
#include <asm/irq.h>
#include <asm/paging.h>
#include <asm/regs.h>

#include "nmi.h"

#define CR3_ROOT 0x000ffffffffff000ull /* without PCID and the no-flush bit */

/* Behind STGI in svm/entry.S: where a pending NMI comes up after #VMEXIT. */
extern char svm_stgi_label[];

static unsigned int context_guest(struct xprof_sample *s, uint64_t ip,
                                  unsigned int cpl, bool is_64bit, uint64_t cr3)
{
    s->ip = ip;
    s->cr3 = cr3 & CR3_ROOT;

    return (cpl == 3 ? XPROF_MODE_USER : XPROF_MODE_KERNEL) |
           (is_64bit ? 0 : XPROF_MODE_32);
}

/*
 * At STGI the general registers and guest_cr[] are still those of the exit
 * before: only the VMCB is right.
 */
static unsigned int context_svm(const struct vcpu *v, struct xprof_sample *s)
{
    struct vmcb_struct *vmcb = v->arch.hvm.svm.vmcb;

    if ( vmcb->exitcode != VMEXIT_NMI )
        /* It came up between #VMEXIT and STGI: this is Xen's time. */
        return XPROF_MODE_XEN | XPROF_MODE_EXIT;

    return context_guest(s, vmcb->rip, vmcb_get_cpl(vmcb), vmcb->cs.l,
                         paging_mode_hap(v->domain) ? vmcb_get_cr3(vmcb)
                                                    : v->arch.hvm.guest_cr[3]);
}

/* Called from VMX's exit handler with the guest's frame: its VMCS is loaded. */
static unsigned int context_vmx(const struct vcpu *v,
                                const struct cpu_user_regs *regs,
                                struct xprof_sample *s)
{
    unsigned long cs_ar, ss_ar, cr3 = v->arch.hvm.guest_cr[3];

    __vmread(GUEST_CS_AR_BYTES, &cs_ar);
    __vmread(GUEST_SS_AR_BYTES, &ss_ar);
    if ( paging_mode_hap(v->domain) )
        __vmread(GUEST_CR3, &cr3);

    return context_guest(s, regs->rip, (ss_ar >> 5) & 3,
                         cs_ar & X86_SEG_AR_CS_LM_ACTIVE, cr3);
}

unsigned int xprof_context_hvm(const struct vcpu *v,
                               const struct cpu_user_regs *regs,
                               struct xprof_sample *s)
{
    unsigned int mode;

    s->cr3 = v->arch.hvm.guest_cr[3] & CR3_ROOT;

    if ( unlikely(guest_mode(regs)) )
        mode = context_vmx(v, regs, s);
    else if ( regs->rip == (unsigned long)svm_stgi_label )
        mode = context_svm(v, s);
    else
        mode = xprof_mode_xen(smp_processor_id());

    if ( unlikely(nestedhvm_enabled(v->domain)) &&
         nestedhvm_vcpu_in_guestmode((struct vcpu *)v) )
        mode |= XPROF_MODE_NESTED;

    return mode | XPROF_MODE_HVM;
}

static unsigned int domain_type(const struct domain *d)
{
    if ( !is_hvm_domain(d) )
        return XPROF_DOMAIN_PV;

    /* PVH has no legacy devices emulated. */
    return has_vpit(d) ? XPROF_DOMAIN_HVM : XPROF_DOMAIN_PVH;
}

void xprof_describe(const struct xprof_who *who, struct xprof_domain *out)
{
    const struct domain *d = who->domain;

    memcpy(out->handle, who->handle, sizeof(out->handle));
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
