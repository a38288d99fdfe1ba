/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The NMI handler.
 *
 * It may touch: this CPU's struct xprof_cpu and ring (Xen's own memory and
 * pages that are mapped for good), the current vCPU's structure, the VMCB or
 * VMCS of a guest that this very NMI interrupted.  It takes no lock, allocates
 * nothing, raises nothing, and executes nothing that could fault: an exception
 * would end in an IRET that lets the next NMI in onto this stack.  It has no
 * loop but those of record.h.
 *
 * Whether an NMI is ours is decided by evidence (evidence.h); one that is not
 * is handed on to Xen.
 */
#include <asm/msr.h>
#include <asm/processor.h>

#include "nmi.h"

static bool is_ours(const struct xprof_session *s, struct xprof_cpu *c,
                    uint64_t tsc)
{
    struct xprof_evidence *e = &c->evidence;

    if ( s->source == XPROF_SOURCE_HPET )
    {
        xprof_periodic_count(e, tsc, s->period_tsc, ACCESS_ONCE(s->anchor_tsc));
        ACCESS_ONCE(c->records.ring.header->ticks) = e->ticks;
    }

    return xprof_take_due(e);
}

static void account(struct xprof_cpu *c, uint64_t tsc)
{
    struct xprof_ring_header *h = c->records.ring.header;
    uint64_t ticks = rdtsc() - tsc;

    ACCESS_ONCE(h->handler_ticks) = c->handler_ticks += ticks;
    if ( unlikely(ticks > c->handler_max) )
        ACCESS_ONCE(h->handler_max) = c->handler_max = ticks;
}

static void take(struct xprof_session *s, struct xprof_cpu *c,
                 const struct cpu_user_regs *regs, uint64_t tsc)
{
    struct xprof_sample sample = {
        .rec = { .type = XPROF_REC_SAMPLE, .event = s->event,
                 .size = sizeof(sample) / 8 },
        .tsc = tsc,
    };
    struct xprof_who who;

    ACCESS_ONCE(c->last_tsc) = tsc;
    ACCESS_ONCE(c->records.ring.header->last_tsc) = tsc;
    ACCESS_ONCE(c->records.ring.header->nmis) = ++c->nmis;

    xprof_context(regs, &sample, &who);
    xprof_record_sample(&c->records, &sample, &who);
}

xprof_nmi_ret_t cf_check xprof_nmi(const struct cpu_user_regs *regs, int cpu)
{
    uint64_t tsc = rdtsc();
    struct xprof_session *s = xprof_session;
    struct xprof_cpu *c = s && cpu < s->nr_cpus ? s->cpu[cpu] : NULL;
    bool ours;

    if ( unlikely(!c) )
        return 0;

    ours = is_ours(s, c, tsc);
    if ( likely(ours) )
        take(s, c, regs, tsc);
    else
        ACCESS_ONCE(c->records.ring.header->passed) = ++c->passed;
    account(c, tsc);

    return ours;
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
