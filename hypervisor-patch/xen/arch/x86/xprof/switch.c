/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exact counts per vCPU, and counting only for some domains: what happens when
 * Xen switches vCPUs.
 *
 * xprof_switched() is called at the end of every context_switch(), lazy ones
 * to the idle vCPU included.  What the counters of the CPU have counted since
 * the call before belongs to the vCPU that was current until now.
 *
 * A CPU's rows are written by that CPU only, with interrupts off.  Readers
 * elsewhere see each number whole, and a row that is just being written at
 * two moments a few instructions apart.
 */
#include <xen/guest_access.h>
#include <xen/sched.h>
#include <xen/smp.h>
#include <xen/vmap.h>
#include <asm/msr.h>

#include "pmu.h"
#include "sysctl.h"

struct xprof_rows {
    uint32_t cpu;
    uint32_t nr;               /* rows in use */
    const struct vcpu *vcpu;   /* that is current: an identity, not followed */
    struct xprof_count *now;   /* its row; NULL: none was left */
    uint64_t since;            /* TSC, when "now" was charged last */
    uint64_t seen[XPROF_MAX_COUNTERS]; /* values then, by place in counter[] */
    uint64_t missed;
    uint16_t slot[2 * XPROF_MAX_ROWS]; /* hash by domid and vCPU: row + 1 */
    struct xprof_count row[XPROF_MAX_ROWS];
};

static struct xprof_session *watcher; /* wants to know of switches; NULL: nobody */

struct xprof_rows *xprof_rows_create(unsigned int cpu)
{
    struct xprof_rows *rows = vzalloc(sizeof(*rows));

    if ( rows )
        rows->cpu = cpu;

    return rows;
}

void xprof_rows_free(struct xprof_rows *rows)
{
    vfree(rows);
}

/* The id of a CPU's idle vCPU is the CPU's number, but it has one row, as vCPU 0. */
static unsigned int id_in_row(const struct vcpu *v)
{
    return is_idle_vcpu(v) ? 0 : v->vcpu_id;
}

static bool is_row_of(const struct xprof_count *row, const struct vcpu *v)
{
    const struct domain *d = v->domain;

    return row->domid == d->domain_id && row->vcpu == id_in_row(v) &&
           (is_idle_domain(d) ||
            !memcmp(row->handle, d->handle, sizeof(row->handle)));
}

static struct xprof_count *row_new(struct xprof_rows *rows, const struct vcpu *v)
{
    struct xprof_count *row = &rows->row[rows->nr];

    row->domid = v->domain->domain_id;
    row->vcpu = id_in_row(v);
    row->cpu = rows->cpu;
    if ( !is_idle_vcpu(v) )
        memcpy(row->handle, v->domain->handle, sizeof(row->handle));
    smp_wmb(); /* who sees the number sees the row */
    ACCESS_ONCE(rows->nr) = rows->nr + 1;

    return row;
}

/* Its row, made if need be; NULL: none is left. */
static struct xprof_count *row_of(struct xprof_rows *rows, const struct vcpu *v)
{
    unsigned int domid = v->domain->domain_id;
    unsigned int i, at = domid * 31 + id_in_row(v);

    for ( i = 0; i < ARRAY_SIZE(rows->slot); i++, at++ )
    {
        uint16_t *slot = &rows->slot[at % ARRAY_SIZE(rows->slot)];

        if ( !*slot )
        {
            if ( rows->nr == XPROF_MAX_ROWS )
                return NULL;
            *slot = rows->nr + 1;
            return row_new(rows, v);
        }
        if ( is_row_of(&rows->row[*slot - 1], v) )
            return &rows->row[*slot - 1];
    }

    return NULL;
}

static uint64_t read_counter(const struct xprof_counter *counter)
{
    uint32_t low, high;

    rdpmc(xprof_pmu->pmc_number(counter->index), low, high);

    return low | ((uint64_t)high << 32);
}

/* Half the width in one go: somebody has changed it, and housekeeping will find that. */
static uint64_t counted(uint64_t value, uint64_t seen)
{
    unsigned int width = xprof_pmu_layout.width_general;
    uint64_t count = (value - seen) & ((1ull << width) - 1);

    return count >> (width - 1) ? 0 : count;
}

static void add(struct xprof_count *row, const struct xprof_counter *counter,
                uint64_t count, uint64_t ticks)
{
    ACCESS_ONCE(row->count[counter->what.event]) =
        row->count[counter->what.event] + count;
    ACCESS_ONCE(row->running[counter->what.event]) =
        row->running[counter->what.event] + ticks;
}

void xprof_rows_charge(struct xprof_session *s, struct xprof_cpu *c)
{
    struct xprof_pmu_cpu *p = c->pmu;
    struct xprof_rows *rows = p->rows;
    uint64_t value[XPROF_MAX_COUNTERS];
    uint64_t now, ticks, running;
    unsigned int i;

    /* All at one moment: rows are touched, and may miss in the caches, later. */
    for ( i = 0; i < p->nr; i++ )
        value[i] = read_counter(&p->counter[i]);
    now = rdtsc();
    ticks = now - rows->since;
    running = p->since_tsc ? ticks : 0; /* 0: paused */

    for ( i = 0; i < p->nr; i++ )
    {
        if ( rows->now )
            add(rows->now, &p->counter[i],
                counted(value[i], rows->seen[i]), running);
        rows->seen[i] = value[i];
    }

    if ( rows->now )
        ACCESS_ONCE(rows->now->ticks) = rows->now->ticks + ticks;
    else
        ACCESS_ONCE(rows->missed) = rows->missed + ticks;
    rows->since = now;
}

void xprof_rows_miss(struct xprof_cpu *c)
{
    struct xprof_rows *rows = c->pmu->rows;
    uint64_t now = rdtsc();

    ACCESS_ONCE(rows->missed) = rows->missed + now - rows->since;
    rows->since = now;
}

void xprof_rows_begin(struct xprof_cpu *c)
{
    struct xprof_pmu_cpu *p = c->pmu;
    struct xprof_rows *rows = p->rows;
    unsigned int i;

    rows->vcpu = current;
    rows->now = row_of(rows, current);
    for ( i = 0; i < p->nr; i++ )
        rows->seen[i] = read_counter(&p->counter[i]);
    rows->since = rdtsc();
}

static void switched(struct xprof_session *s, struct xprof_cpu *c,
                     const struct vcpu *next)
{
    struct xprof_rows *rows = c->pmu->rows;

    /* What is called at switches is called for other reasons, too. */
    if ( rows && rows->vcpu != next )
    {
        xprof_rows_charge(s, c);
        rows->vcpu = next;
        rows->now = row_of(rows, next);
        if ( rows->now )
            ACCESS_ONCE(rows->now->switches) = rows->now->switches + 1;
    }
    if ( s->nr_domains )
        xprof_pmu_cpu_pause(s, c, !xprof_domain_wanted(
                                      s, next->domain->domain_id));
}

void xprof_switched(struct vcpu *next)
{
    struct xprof_session *s;
    struct xprof_cpu *c;
    unsigned long flags;

    if ( likely(!ACCESS_ONCE(watcher)) )
        return;

    /* With interrupts off a CPU answers no barrier: the session stays. */
    local_irq_save(flags);
    s = ACCESS_ONCE(watcher);
    c = s && smp_processor_id() < s->nr_cpus ? s->cpu[smp_processor_id()] : NULL;
    if ( c && c->pmu->on && next == current )
        switched(s, c, next);
    local_irq_restore(flags);
}

void xprof_switch_watch(struct xprof_session *s)
{
    ACCESS_ONCE(watcher) = s;
}

#ifndef XPROF_LIVEPATCH
bool xprof_sees_switches(void)
{
    return true; /* context_switch() calls xprof_switched() */
}
#endif

static void cf_check charge_here(void *data)
{
    struct xprof_session *s = data;
    struct xprof_cpu *c = s->cpu[smp_processor_id()];

    if ( c->pmu->on )
        xprof_rows_charge(s, c);
}

/* Context: process. */
int xprof_pmu_counts(struct xprof_session *s, struct xprof_op_counts *counts)
{
    XEN_GUEST_HANDLE_PARAM(uint64_t) out =
        guest_handle_from_ptr(counts->rows, uint64_t);
    struct xprof_rows *rows;
    unsigned int nr, total;

    if ( !(s->flags & XPROF_OPEN_COUNT) )
        return -EOPNOTSUPP;
    if ( counts->cpu >= s->nr_cpus || !s->cpu[counts->cpu] )
        return -EINVAL;

    rows = s->cpu[counts->cpu]->pmu->rows;
    if ( !counts->first && cpu_online(counts->cpu) &&
         s->state == XPROF_STATE_RUNNING )
        on_selected_cpus(cpumask_of(counts->cpu), charge_here, s, 1);

    total = ACCESS_ONCE(rows->nr);
    smp_rmb();
    if ( counts->first > total )
        return -EINVAL;
    nr = min(counts->nr, total - counts->first);
    if ( nr && copy_to_guest(out, (const uint64_t *)&rows->row[counts->first],
                             nr * sizeof(rows->row[0]) / 8) )
        return -EFAULT;

    counts->nr = nr;
    counts->total = total;
    counts->tsc = rows->since;
    counts->missed = rows->missed;

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
