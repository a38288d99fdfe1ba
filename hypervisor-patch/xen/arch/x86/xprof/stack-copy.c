/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads the current vCPU's memory.  Context: softirq on the way back into it,
 * no lock held.
 *
 * HVM is read page by page through the guest's page tables and the p2m, not by
 * hvm_copy_from_guest_linear(): that would ask a monitor (vm_event), unshare
 * and page in, and write into the cache of an instruction that is being
 * emulated, which when full crashes the guest.
 */
#include <xen/domain_page.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <asm/altp2m.h>
#include <asm/hvm/nestedhvm.h>
#include <asm/p2m.h>
#include <asm/paging.h>
#include <asm/uaccess.h>

#include "stack.h"

bool xprof_can_copy_guest(void)
{
    struct vcpu *v = current;

    if ( !is_hvm_vcpu(v) )
        return !is_pv_32bit_vcpu(v);

    return !altp2m_active(v->domain) && !nestedhvm_vcpu_in_guestmode(v);
}

static bool is_plain_memory(p2m_type_t type)
{
    return type == p2m_ram_rw || type == p2m_ram_ro ||
           type == p2m_ram_logdirty;
}

/* Within one page. False: it cannot be read. */
static bool copy_hvm_page(void *to, uint64_t addr, unsigned int len, bool user)
{
    struct vcpu *v = current;
    uint32_t pfec = PFEC_page_present | (user ? PFEC_user_mode : 0);
    unsigned long gfn = paging_gva_to_gfn(v, addr, &pfec);
    struct page_info *page;
    p2m_type_t type;
    bool plain;

    if ( gfn == gfn_x(INVALID_GFN) )
        return false;

    page = get_page_from_gfn(v->domain, gfn, &type, 0);
    if ( !page )
        return false;

    plain = is_plain_memory(type);
    if ( plain )
    {
        const void *from = __map_domain_page(page);

        memcpy(to, from + (addr & ~PAGE_MASK), len);
        unmap_domain_page(from);
    }
    put_page(page);

    return plain;
}

static unsigned int copy_hvm(void *to, uint64_t addr, unsigned int len,
                             bool user)
{
    unsigned int done = 0;

    while ( done < len )
    {
        unsigned int left_in_page = PAGE_SIZE - ((addr + done) & ~PAGE_MASK);
        unsigned int part = min(len - done, left_in_page);

        if ( !copy_hvm_page(to + done, addr + done, part, user) )
            break;
        done += part;
    }

    return done;
}

/* Xen runs on the guest's own page tables, of the mode that it is in; a fault ends the copy. */
static unsigned int copy_pv(void *to, uint64_t addr, unsigned int len)
{
    if ( !__addr_ok(addr) || !__addr_ok(addr + len) )
        return 0;

    return len - copy_from_guest_pv(to, (const void *)addr, len);
}

unsigned int xprof_copy_guest(void *to, uint64_t addr, unsigned int len,
                              bool user)
{
    return is_hvm_vcpu(current) ? copy_hvm(to, addr, len, user)
                                : copy_pv(to, addr, len);
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
