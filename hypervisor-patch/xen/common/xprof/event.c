/* SPDX-License-Identifier: GPL-2.0-only */
/* What a session is to count, and for whom. Context: process, unless stated. */
#include <xen/lib.h>

#include <xen/xprof/session.h>

/* A period is events from sample to sample, or samples a second. */
static bool period_is_sane(const struct xprof_session *s,
                           const struct xprof_op_event *event)
{
    if ( s->flags & XPROF_OPEN_COUNT )
        return true;

    return event->period &&
           (!(event->flags & XPROF_EVENT_RATE) || event->period <= 100000);
}

int xprof_event_add(struct xprof_session *s, struct xprof_op_event *op)
{
    const uint32_t modes = XPROF_EVENT_USR | XPROF_EVENT_OS;
    const uint32_t known = modes | XPROF_EVENT_RATE | XPROF_EVENT_EVEN;
    struct xprof_event *event;
    int rc;

    if ( s->source != XPROF_SOURCE_PMU || s->state != XPROF_STATE_OPEN ||
         s->nr_events == XPROF_MAX_EVENTS || (op->flags & ~known) ||
         !(op->flags & modes) ||
         !period_is_sane(s, op) )
        return -EINVAL;

    event = &s->event[s->nr_events];
    *event = (struct xprof_event){
        .select = op->select,
        .period = s->flags & XPROF_OPEN_COUNT ? 0 : op->period,
        .flags = s->flags & XPROF_OPEN_COUNT ? op->flags & modes : op->flags,
        .fixed = op->fixed,
        .seed = op->seed,
        .counters = op->counters,
    };
    rc = xprof_pmu_event(event);
    if ( rc )
        return rc;

    op->index = s->nr_events++;
    op->period = event->period;
    op->counters = event->counters;

    return 0;
}

int xprof_domains_set(struct xprof_session *s,
                      const struct xprof_op_domains *domains)
{
    unsigned int i;

    if ( s->source != XPROF_SOURCE_PMU || !xprof_sees_switches() )
        return -EOPNOTSUPP;
    if ( s->state != XPROF_STATE_OPEN || domains->nr > XPROF_MAX_DOMAINS )
        return -EINVAL;

    s->nr_domains = domains->nr;
    for ( i = 0; i < domains->nr; i++ )
        s->domid[i] = domains->domid[i];

    return 0;
}

/* Context: any. */
bool xprof_domain_wanted(const struct xprof_session *s, unsigned int domid)
{
    unsigned int i;

    for ( i = 0; i < s->nr_domains; i++ )
        if ( s->domid[i] == domid )
            return true;

    return !s->nr_domains;
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
