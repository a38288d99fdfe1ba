/* SPDX-License-Identifier: GPL-2.0-only */
/* The life of a session: open, start, stop, close. Context: process. */
#include <xen/err.h>
#include <xen/mm.h>
#include <xen/xmalloc.h>

#include <xen/xprof/session.h>

struct xprof_session *__read_mostly xprof_session;
static uint64_t session_ids;

uint64_t xprof_last_session(void)
{
    return session_ids;
}

bool xprof_is_idle(void)
{
    return !xprof_session && !xprof_have_zombies() &&
           !xprof_callback_is_ours() && !xprof_stacks_active();
}

/* Some snapshots must fit into a ring. */
static bool stacks_are_valid(const struct xprof_op_open *open)
{
    if ( !(open->flags & XPROF_OPEN_STACKS) )
        return !open->stack_bytes;

    return !(open->flags & XPROF_OPEN_COUNT) && !(open->stack_bytes & 7) &&
           open->stack_bytes <= XPROF_MAX_STACK &&
           (open->stack_bytes ?: XPROF_DEFAULT_STACK) <= open->ring_bytes / 4;
}

static int open_check(const struct xprof_op_open *open)
{
    unsigned int why;

    if ( open->ring_bytes < XPROF_MIN_RING ||
         open->ring_bytes > XPROF_MAX_RING ||
         (open->ring_bytes & (open->ring_bytes - 1)) ||
         open->wake_bytes > open->ring_bytes || open->wake_ms > 1000 ||
         !stacks_are_valid(open) || open->reserved ||
         (open->flags & ~(XPROF_OPEN_NMI_FATAL_OK | XPROF_OPEN_COUNT |
                          XPROF_OPEN_STACKS)) ||
         (open->source == XPROF_SOURCE_PMU
          ? !!open->period_ns
          : !open->period_ns || (open->flags & XPROF_OPEN_COUNT)) )
        return -EINVAL;
    if ( ((open->flags & XPROF_OPEN_COUNT) && !xprof_sees_switches()) ||
         ((open->flags & XPROF_OPEN_STACKS) && !xprof_stacks_can()) )
        return -EOPNOTSUPP;

    why = xprof_source_why(open->source);
    if ( why == XPROF_WHY_NMI_FATAL && (open->flags & XPROF_OPEN_NMI_FATAL_OK) )
        why = XPROF_WHY_OK;

    return why == XPROF_WHY_OK ? 0 : -EOPNOTSUPP;
}

static struct xprof_session *session_alloc(void)
{
    struct xprof_session *s = xzalloc(struct xprof_session);

    if ( !s )
        return NULL;

    s->nr_cpus = nr_cpu_ids;
    s->nr_ctl = DIV_ROUND_UP(s->nr_cpus, XPROF_CTL_SLOTS);
    s->cpu = xzalloc_array(struct xprof_cpu *, s->nr_cpus);
    s->ctl = xzalloc_array(struct page_info *, s->nr_ctl);
    if ( s->cpu && s->ctl )
        return s;

    xfree(s->cpu);
    xfree(s->ctl);
    xfree(s);

    return NULL;
}

int xprof_open(struct xprof_op_open *open)
{
    struct xprof_session *s;
    int rc;

    open->owner = xprof_callback_owner();
    if ( xprof_session || open->owner )
        return -EBUSY;

    rc = open_check(open);
    if ( rc )
        return rc;

    s = session_alloc();
    if ( !s )
        return -ENOMEM;

    s->id = ++session_ids;
    s->state = XPROF_STATE_OPEN;
    s->source = open->source;
    s->flags = open->flags;
    s->nr_events = open->source != XPROF_SOURCE_PMU; /* of a timer there is one */
    s->ring_bytes = open->ring_bytes;
    if ( open->flags & XPROF_OPEN_STACKS )
        s->stack_bytes = open->stack_bytes ?: XPROF_DEFAULT_STACK;
    s->wake_bytes = open->wake_bytes ?: open->ring_bytes / 4;
    s->wake_period = MILLISECS(open->wake_ms ?: 10);
    s->period = open->period_ns;
    xprof_source_limit(s);

    open->period_ns = s->period;
    open->nr_cpus = s->nr_cpus;
    open->stack_bytes = s->stack_bytes;
    open->session = s->id;
    xprof_session = s;

    return 0;
}

/* A CPU without a ring would have to hand on NMIs that are ours. */
static bool every_cpu_has_a_ring(const struct xprof_session *s)
{
    unsigned int cpu;

    for_each_online_cpu ( cpu )
        if ( cpu >= s->nr_cpus || !s->cpu[cpu] )
            return false;

    return true;
}

/*
 * Counting needs none: counters that run from 0 would look overflown to the
 * handler, and others' NMIs like ours.
 */
static bool takes_nmis(const struct xprof_session *s)
{
    return !(s->flags & XPROF_OPEN_COUNT);
}

int xprof_start(struct xprof_session *s, uint64_t *owner)
{
    int rc;

    if ( s->state == XPROF_STATE_RUNNING )
        return -EBUSY;
    if ( !every_cpu_has_a_ring(s) || !s->nr_events )
        return -EINVAL;

    if ( takes_nmis(s) )
    {
        rc = xprof_callback_install(owner);
        if ( rc )
            return rc;
        s->callback_ours = true;
        xprof_stacks_start(s);
    }

    rc = xprof_source_start(s);
    if ( rc )
        return rc; /* Nothing was started; the callback goes with xprof_stop(). */

    s->state = XPROF_STATE_RUNNING;
    xprof_housekeeping_start(s);

    return 0;
}

int xprof_stop(struct xprof_session *s)
{
    int rc;

    if ( s->state == XPROF_STATE_RUNNING )
    {
        xprof_housekeeping_stop(s);
        xprof_source_stop(s);
        s->state = XPROF_STATE_OPEN;
    }

    if ( s->callback_ours )
    {
        rc = xprof_callback_remove();
        if ( rc )
            return rc;
        s->callback_ours = false;
    }
    xprof_stacks_stop(s);
    xprof_housekeeping_last(s);

    return 0;
}

int xprof_close(struct xprof_session *s)
{
    int rc = xprof_stop(s);

    if ( rc )
        return rc;

    xprof_session = NULL;
    if ( !xprof_pages_release(s) )
        xprof_zombie_add(s);

    return 0;
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
