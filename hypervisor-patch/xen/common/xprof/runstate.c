/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long each vCPU ran, waited for a CPU, slept: what the scheduler knows
 * and no other interface tells about another domain.  Context: process.
 */
#include <xen/guest_access.h>
#include <xen/rcupdate.h>
#include <xen/sched.h>
#include <asm/msr.h>

#include <xen/xprof/session.h>

static void fill(struct xprof_runstate *row, const struct vcpu *v)
{
    struct vcpu_runstate_info info;
    unsigned int i;

    vcpu_runstate_get(v, &info);
    *row = (struct xprof_runstate){
        .domid = v->domain->domain_id,
        .vcpu = v->vcpu_id,
        .cpu = v->processor,
        .state = info.state,
    };
    memcpy(row->handle, v->domain->handle, sizeof(row->handle));
    for ( i = 0; i < ARRAY_SIZE(row->time); i++ )
        row->time[i] = info.time[i];
}

/* Rows from op on, until there is no room. -EFAULT. */
static long copy_rows(struct xprof_op_runstates *op, unsigned int room)
{
    XEN_GUEST_HANDLE_PARAM(uint64_t) out =
        guest_handle_from_ptr(op->rows, uint64_t);
    struct domain *d;
    struct vcpu *v;

    for_each_domain ( d )
    {
        if ( d->domain_id < op->domid )
            continue;
        for_each_vcpu ( d, v )
        {
            struct xprof_runstate row;

            if ( d->domain_id == op->domid && v->vcpu_id < op->vcpu )
                continue;
            if ( op->nr == room )
            {
                op->domid = d->domain_id;
                op->vcpu = v->vcpu_id;
                return 0;
            }
            fill(&row, v);
            if ( copy_to_guest_offset(out, op->nr * (sizeof(row) / 8),
                                      (const uint64_t *)&row, sizeof(row) / 8) )
                return -EFAULT;
            op->nr++;
        }
    }
    op->domid = XPROF_DOMID_IDLE;
    op->vcpu = 0;

    return 0;
}

long xprof_runstates(struct xprof_op_runstates *op)
{
    unsigned int room = min(op->nr, XPROF_MAX_RUNSTATES);
    long rc;

    if ( !room )
        return -EINVAL;

    op->nr = 0;
    rcu_read_lock(&domlist_read_lock);
    rc = copy_rows(op, room);
    rcu_read_unlock(&domlist_read_lock);
    op->tsc = rdtsc();

    return rc;
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
