/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The NMI handler of the sources that are timers.
 *
 * Whether an NMI is ours is decided by evidence (evidence.h); one that is not
 * is handed on to Xen.
 */
#include "nmi.h"

struct xprof_cpu **__read_mostly xprof_nmi_cpus;

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

xprof_nmi_ret_t cf_check xprof_nmi_timer(const struct cpu_user_regs *regs,
                                         int cpu)
{
    uint64_t tsc = rdtsc();
    static const struct xprof_what tick = XPROF_WHAT(0);
    struct xprof_cpu *c = xprof_nmi_cpus[cpu];
    bool ours;

    if ( unlikely(!c) )
        return 0;

    ours = is_ours(xprof_session, c, tsc);
    if ( likely(ours) )
    {
        ACCESS_ONCE(c->last_tsc) = tsc;
        c->nmis++;
        if ( unlikely(!xprof_take_usual(c, &tick, regs, tsc)) )
            xprof_take(c, 0, regs, tsc);
    }
    else
        c->passed++;
    xprof_account(c, tsc);

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
