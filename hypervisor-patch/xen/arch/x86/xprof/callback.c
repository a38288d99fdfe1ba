/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Taking and giving back Xen's NMI callback.
 *
 * Live patching and microcode loading save the callback, install their own,
 * and restore what they saved, holding get_cpu_maps() all the while.  So the
 * callback changes hands only under that lock's writing side, taken by trylock
 * (its holder may be waiting for this very CPU), and only from "nobody's" to
 * ours and back.
 */
#include <xen/lib.h>

#include <xen/xprof/session.h>
#include "compat.h"
#include "nmi.h"
#include "pmu.h"
#include "source.h"
#include "stack.h"

#define cpu_add_remove_lock XPROF_STATIC(cpu_add_remove_lock)
#define nmi_callback        XPROF_STATIC(nmi_callback)

static nmi_callback_t *ours;     /* what we install; NULL: nothing */

bool xprof_callback_is_ours(void)
{
    nmi_callback_t *now = ACCESS_ONCE(nmi_callback);

    return now && now == ours;
}

uint64_t xprof_callback_owner(void)
{
    nmi_callback_t *now = ACCESS_ONCE(nmi_callback);

    return now == ours ? 0 : (unsigned long)now;
}

int xprof_callback_install(uint64_t *owner)
{
    nmi_callback_t *now, *wanted = xprof_session->source == XPROF_SOURCE_PMU
                                   ? xprof_pmu->nmi : xprof_nmi_timer;

    if ( !write_trylock(&cpu_add_remove_lock) )
        return -ERESTART;

    if ( xprof_session->flags & XPROF_OPEN_STACKS )
    {
        xprof_nmi_inner = wanted;
        wanted = xprof_nmi_stacks;
    }
    xprof_nmi_cpus = xprof_session->cpu;
    smp_wmb();
    now = nmi_callback;
    if ( !now )
        ACCESS_ONCE(nmi_callback) = ours = wanted;
    write_unlock(&cpu_add_remove_lock);

    if ( now && now != wanted )
    {
        *owner = (unsigned long)now;
        return -EBUSY;
    }

    return 0;
}

int xprof_callback_remove(void)
{
    if ( !write_trylock(&cpu_add_remove_lock) )
        return -ERESTART;

    if ( ours && nmi_callback == ours )
        ACCESS_ONCE(nmi_callback) = NULL;
    ours = NULL;
    write_unlock(&cpu_add_remove_lock);

    /* A CPU that answers an IPI is not inside our handler. */
    xprof_nmi_barrier();

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
