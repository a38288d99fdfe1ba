/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One Xen timer per session looks after what the NMI handler must not do:
 * it wakes the reader, notices that NMIs were another's for a while, and that
 * CPUs came and went.  Context: softirq, on whichever CPU the timer is.
 */
#include <xen/event.h>
#include <xen/time.h>
#include <asm/msr.h>

#include <xen/xprof/session.h>

/*
 * Live patching had the callback, and the vPMU changed the counters: what came
 * of that may be seen before they are, so the cause replaces its effects.  The
 * vPMU lasts, and nothing replaces it.
 */
static bool replaces(unsigned int reason, unsigned int pending)
{
    return pending != XPROF_GAP_VPMU &&
           (reason == XPROF_GAP_LIVEPATCH || reason == XPROF_GAP_VPMU);
}

/*
 * The handler of c pays this debt before its next sample, or the session's end
 * does.  An older debt that is not yet paid covers the new one: it began
 * earlier.
 */
void xprof_mark_gap(struct xprof_cpu *c, unsigned int reason)
{
    uint8_t pending = ACCESS_ONCE(c->records.gap_pending);

    if ( pending )
    {
        if ( replaces(reason, pending) )
            (void)cmpxchg(&c->records.gap_pending, pending, reason);
        return;
    }

    c->records.gap_first_tsc = ACCESS_ONCE(c->last_tsc);
    smp_wmb();
    ACCESS_ONCE(c->records.gap_pending) = reason;
}

static void mark_all(struct xprof_session *s, unsigned int reason)
{
    unsigned int cpu;

    for_each_online_cpu ( cpu )
        if ( cpu < s->nr_cpus && s->cpu[cpu] )
            xprof_mark_gap(s->cpu[cpu], reason);
}

static void notice_foreign_owners(struct xprof_session *s)
{
    const void *mark = xprof_livepatch_mark();

    if ( mark != s->livepatch_mark )
    {
        s->livepatch_mark = mark;
        mark_all(s, XPROF_GAP_LIVEPATCH);
    }

    if ( s->callback_ours && !xprof_callback_is_ours() )
        mark_all(s, XPROF_GAP_CALLBACK);
}

void xprof_publish(const struct xprof_session *s, struct xprof_cpu *c)
{
    struct xprof_ring_header *h = c->records.ring.header;
    unsigned int event;

    ACCESS_ONCE(h->last_tsc) = c->last_tsc;
    ACCESS_ONCE(h->nmis) = c->nmis;
    ACCESS_ONCE(h->passed) = c->passed;
    ACCESS_ONCE(h->handler_ticks) = c->handler_ticks;
    ACCESS_ONCE(h->handler_max) = c->handler_max;
    for ( event = 0; event < s->nr_events; event++ )
    {
        ACCESS_ONCE(h->produced[event]) = c->records.produced[event];
        ACCESS_ONCE(h->lost[event]) = c->records.lost_total[event];
    }
    if ( c->pmu )
        xprof_pmu_publish(s, c);
    if ( c->stacks )
        xprof_stacks_publish(c);
}

static void publish_all(const struct xprof_session *s)
{
    unsigned int cpu;

    for ( cpu = 0; cpu < s->nr_cpus; cpu++ )
        if ( s->cpu[cpu] )
            xprof_publish(s, s->cpu[cpu]);
}

static bool reader_is_due(const struct xprof_session *s)
{
    unsigned int cpu;

    for ( cpu = 0; cpu < s->nr_cpus; cpu++ )
        if ( s->cpu[cpu] &&
             xprof_ring_unread(&s->cpu[cpu]->records.ring) >= s->wake_bytes )
            return true;

    return false;
}

static void cf_check xprof_housekeeping(void *data)
{
    struct xprof_session *s = data;

    notice_foreign_owners(s);
    xprof_source_check(s);
    publish_all(s);
    if ( reader_is_due(s) )
        send_guest_global_virq(hardware_domain, VIRQ_ARCH_7);

    set_timer(&s->housekeeping, NOW() + s->wake_period);
}

void xprof_housekeeping_start(struct xprof_session *s)
{
    s->livepatch_mark = xprof_livepatch_mark();
    init_timer(&s->housekeeping, xprof_housekeeping, s, smp_processor_id());
    set_timer(&s->housekeeping, NOW() + s->wake_period);
}

void xprof_housekeeping_stop(struct xprof_session *s)
{
    kill_timer(&s->housekeeping);
}

void xprof_housekeeping_last(struct xprof_session *s)
{
    unsigned int cpu;

    for ( cpu = 0; cpu < s->nr_cpus; cpu++ )
        if ( s->cpu[cpu] )
            xprof_records_end(&s->cpu[cpu]->records, rdtsc());
    publish_all(s);
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
