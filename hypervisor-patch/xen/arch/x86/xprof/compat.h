/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between versions of Xen, and between the two ways in.
 *
 * The profiler needs a few variables that Xen keeps static.  The live patch
 * refers to them under names that objcopy turns into what Xen's own symbol
 * table calls them ("file.c#name"); in a patched tree they are not static.
 */
#ifndef XPROF_COMPAT_H
#define XPROF_COMPAT_H

#include <xen/list.h>
#include <xen/rwlock.h>
#include <asm/nmi.h>

struct hpet_event_channel;
struct vcpu;

#ifdef XPROF_LIVEPATCH
#define XPROF_STATIC(name) xprof_static_##name
#else
#define XPROF_STATIC(name) name
#endif

extern rwlock_t XPROF_STATIC(cpu_add_remove_lock);      /* common/cpu.c */
extern nmi_callback_t *XPROF_STATIC(nmi_callback);      /* arch/x86/traps.c */
extern char XPROF_STATIC(opt_nmi)[];                    /* arch/x86/traps.c */
extern struct list_head XPROF_STATIC(applied_list);     /* common/livepatch.c */
extern unsigned int XPROF_STATIC(lapic_nmi_owner);      /* arch/x86/nmi.c */
extern struct hpet_event_channel *XPROF_STATIC(hpet_events); /* arch/x86/hpet.c */
typedef void xprof_update_time_t(struct vcpu *v, int force);
extern xprof_update_time_t XPROF_STATIC(__update_vcpu_system_time); /* arch/x86/time.c */

extern void (*XPROF_STATIC(softirq_handlers)[])(void);  /* common/softirq.c */

/* What an NMI callback returns: int up to 4.17, bool later. */
typedef typeof(((nmi_callback_t *)NULL)(NULL, 0)) xprof_nmi_ret_t;

#endif /* XPROF_COMPAT_H */
