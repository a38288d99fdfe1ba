/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A profiling session: the rings, the source of NMIs, and their life.
 *
 *   open -> ring, ring, ... -> start -> (NMIs) -> stop -> close
 *
 * All functions here run in process context (a sysctl, so serialised by
 * sysctl_lock) unless they say otherwise.  At most one session exists.
 */
#ifndef XPROF_SESSION_H
#define XPROF_SESSION_H

#include <xen/cpumask.h>
#include <xen/sched.h>
#include <xen/timer.h>

#include <xen/xprof/evidence.h>
#include <xen/xprof/record.h>

struct xprof_cpu {
    struct xprof_records records;

    struct xprof_evidence evidence;
    uint64_t coalesced;         /* source IPI: by the timer of the CPU before */

    /* Written by the handler of this CPU only. */
    uint64_t nmis, passed;
    uint64_t handler_ticks, handler_max;
    uint64_t last_tsc;

    unsigned int cpu;
    bool was_online;            /* housekeeping's memory */
    struct timer timer;         /* IPI source: ticks for the neighbour */
    s_time_t next_tick;

    unsigned int nr_pages;      /* header, data */
    struct page_info **pages;
    void *mapping;              /* vmap of header... data, data */
};

struct xprof_session {
    uint64_t id;
    uint32_t state;             /* enum xprof_state */
    uint32_t source;            /* enum xprof_source */
    uint32_t ring_bytes;
    uint32_t wake_bytes;
    uint32_t event;             /* of the tick source */
    bool callback_ours;         /* our callback stands in nmi_callback */
    s_time_t period, wake_period;
    uint64_t period_tsc;
    uint64_t anchor_tsc;        /* source HPET: TSC of some tick, by its own counter */
    unsigned int nr_cpus;       /* CPU ids are below this */
    unsigned int nr_ctl;
    struct page_info **ctl;     /* control pages */
    struct xprof_cpu **cpu;     /* by CPU id; NULL: no ring */
    struct timer housekeeping;
    const void *livepatch_mark;
    struct list_head zombie;    /* when closed with pages still mapped */
};

extern struct xprof_session *xprof_session;     /* NULL: none */

/* session.c */
int xprof_open(struct xprof_op_open *open);
int xprof_start(struct xprof_session *s, uint64_t *owner);
int xprof_stop(struct xprof_session *s);        /* -ERESTART: call again */
int xprof_close(struct xprof_session *s);       /* -ERESTART: call again */
uint64_t xprof_last_session(void);

/* pages.c */
int xprof_ring_create(struct xprof_session *s, unsigned int cpu);
int xprof_ctl_create(struct xprof_session *s, unsigned int page);
bool xprof_pages_release(struct xprof_session *s); /* true: all are free */
unsigned int xprof_zombies(void);               /* sweeps, then counts pages still mapped */
void xprof_zombie_add(struct xprof_session *s);
bool xprof_have_zombies(void);                  /* any context */

/* housekeeping.c; the timer runs in softirq context */
void xprof_housekeeping_start(struct xprof_session *s);
void xprof_housekeeping_stop(struct xprof_session *s);
void xprof_mark_gap(struct xprof_cpu *c, unsigned int reason);

/* Supplied by the architecture (arch/x86/xprof/) */
int xprof_source_why(unsigned int source);      /* enum xprof_why */
void xprof_source_limit(struct xprof_session *s); /* bounds period, sets period_tsc */
int xprof_source_start(struct xprof_session *s);
void xprof_source_stop(struct xprof_session *s); /* nothing of it is pending after this */
void xprof_source_check(struct xprof_session *s); /* housekeeping: CPUs come and gone; softirq */
int xprof_callback_install(uint64_t *owner);    /* -ERESTART, -EBUSY */
int xprof_callback_remove(void);                /* -ERESTART */
bool xprof_callback_is_ours(void);              /* any context */
uint64_t xprof_callback_owner(void);            /* another's callback, 0: nobody's or ours; any context */
const void *xprof_livepatch_mark(void);         /* changes when a live patch is applied or reverted */
void xprof_arch_info(struct xprof_op_info *info);
long xprof_sysctl(struct xprof_sysctl *op, bool *copyback);

/* May the code go away? No session, nothing mapped, no callback. Any context. */
bool xprof_is_idle(void);

#endif /* XPROF_SESSION_H */
