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
 * Whether an NMI is ours is decided by evidence.  A tick leaves no status bit
 * anywhere, so the source says how many are due (see session.h) and one that
 * comes when none is due is handed on to Xen.
 */
#include <asm/msr.h>
#include <asm/processor.h>

#include "nmi.h"

static bool ipi_is_due(struct xprof_cpu *c)
{
    if ( ACCESS_ONCE(c->due) == c->taken )
        return false;

    c->taken++;

    return true;
}

/*
 * The comparator fires every period_tsc: an NMI is ours if a tick has become
 * due.  It cannot come before its tick, but for the error of the two clocks
 * (a quarter period is granted); a tick that came on time pulls the
 * expectation of the next one in, so that this error does not add up.
 */
static bool hpet_is_due(const struct xprof_session *s, struct xprof_cpu *c,
                        uint64_t tsc)
{
    uint64_t period = s->period_tsc;
    uint64_t limit = tsc + period / 4;

    if ( likely((int64_t)(limit - c->next_due_tsc) >= 0) )
    {
        uint64_t behind = limit - c->next_due_tsc;
        uint64_t due = 1;

        if ( unlikely(behind >= period) )
            due += behind / period;
        c->next_due_tsc += due * period;
        c->ticks += due;
        c->credit += due;
        if ( c->credit > XPROF_MAX_DUE )
            c->credit = XPROF_MAX_DUE;
    }

    if ( unlikely(!c->credit) )
        return false;

    c->credit--;
    if ( (int64_t)(c->next_due_tsc - tsc - period) > 0 )
        c->next_due_tsc = tsc + period;
    ACCESS_ONCE(c->records.ring.header->ticks) = c->ticks;

    return true;
}

static bool is_due(const struct xprof_session *s, struct xprof_cpu *c,
                   uint64_t tsc)
{
    return s->source == XPROF_SOURCE_HPET ? hpet_is_due(s, c, tsc)
                                          : ipi_is_due(c);
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

    ours = is_due(s, c, tsc);
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
