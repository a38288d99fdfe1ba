/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sysctl.  do_sysctl() has checked the caller's privilege (XSM) and holds
 * sysctl_lock, so one operation runs at a time.
 */
#include <xen/guest_access.h>
#include <xen/hypercall.h>
#include <xen/mm.h>

#include <public/sysctl.h>

#include <xen/xprof/session.h>

static long op_info(struct xprof_op_info *info)
{
    struct xprof_session *s = xprof_session;

    memset(info, 0, sizeof(*info));
    info->abi = XPROF_ABI_VERSION;
    info->zombies = xprof_zombies();
    info->state = s ? s->state : XPROF_STATE_IDLE;
    info->nr_cpus = nr_cpu_ids;
    info->nr_online = num_online_cpus();
    info->virq = VIRQ_ARCH_7;
    info->session = s ? s->id : xprof_last_session();
    xprof_arch_info(info);

    return 0;
}

/* Copies frame numbers of a row of pages to the caller's array. */
static long copy_mfns(struct xprof_op_ring *ring, struct page_info **pages,
                      unsigned int first, unsigned int nr_pages)
{
    XEN_GUEST_HANDLE_PARAM(uint64_t) out =
        guest_handle_from_ptr(ring->mfns, uint64_t);
    unsigned int i, nr;

    if ( first > nr_pages )
        return -EINVAL;

    nr = min(ring->nr, nr_pages - first);
    for ( i = 0; i < nr; i++ )
    {
        uint64_t mfn = mfn_x(page_to_mfn(pages[first + i]));

        if ( copy_to_guest_offset(out, i, &mfn, 1) )
            return -EFAULT;
    }
    ring->nr = nr;

    return 0;
}

static long op_ring(struct xprof_session *s, struct xprof_op_ring *ring)
{
    int rc;

    if ( ring->cpu >= s->nr_cpus )
        return -EINVAL;

    rc = xprof_ring_create(s, ring->cpu);
    if ( rc )
        return rc;
    ring->online = cpu_online(ring->cpu);

    return ring->first == XPROF_RING_CTL
           ? copy_mfns(ring, s->ctl, ring->cpu / XPROF_CTL_SLOTS, s->nr_ctl)
           : copy_mfns(ring, s->cpu[ring->cpu]->pages, ring->first,
                       s->cpu[ring->cpu]->nr_pages);
}

static long op_counts(struct xprof_session *s, struct xprof_op_counts *counts)
{
    return s->source == XPROF_SOURCE_PMU ? xprof_pmu_counts(s, counts)
                                         : -EOPNOTSUPP;
}

static long session_op(struct xprof_sysctl *op)
{
    struct xprof_session *s = xprof_session;

    if ( !s || s->id != op->session )
        return -ENOENT;

    switch ( op->op )
    {
    case XPROF_OP_RING:
        return op_ring(s, &op->u.ring);

    case XPROF_OP_START:
        return xprof_start(s, &op->u.open.owner);

    case XPROF_OP_STOP:
        return xprof_stop(s);

    case XPROF_OP_CLOSE:
        return xprof_close(s);

    case XPROF_OP_EVENT:
        return xprof_event_add(s, &op->u.event);

    case XPROF_OP_DOMAINS:
        return xprof_domains_set(s, &op->u.domains);

    case XPROF_OP_COUNTS:
        return op_counts(s, &op->u.counts);
    }

    return -EINVAL;
}

long xprof_sysctl(struct xprof_sysctl *op, bool *copyback)
{
    long rc;

    *copyback = true;
    if ( op->magic != XPROF_MAGIC )
    {
        *copyback = false;
        return -EINVAL;
    }
    if ( op->abi != XPROF_ABI_VERSION )
    {
        op->abi = XPROF_ABI_VERSION;
        return -EOVERFLOW;
    }

    xprof_zombies();

    switch ( op->op )
    {
    case XPROF_OP_INFO:
        return op_info(&op->u.info);

    case XPROF_OP_PMU:
        xprof_pmu_info(&op->u.pmu);
        return 0;

    case XPROF_OP_RUNSTATE:
        return xprof_runstates(&op->u.runstates);

    case XPROF_OP_OPEN:
        rc = xprof_open(&op->u.open);
        if ( !rc )
            op->session = op->u.open.session;
        return rc;
    }

    return session_op(op);
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
