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
#include <xen/xprof/stack.h>

struct xprof_pmu_cpu;

struct xprof_cpu {
    struct xprof_records records;
    struct xprof_pmu_cpu *pmu;  /* source PMU: by the architecture */

    struct xprof_evidence evidence;
    uint64_t coalesced;         /* source IPI: by the timer of the CPU before */

    /* Written by the handler of this CPU only. */
    uint64_t nmis, passed;
    uint64_t handler_ticks, handler_max;
    uint64_t dense_gap;         /* source PMU: an NMI so soon after the one before is unusual */
    uint64_t last_tsc;

    unsigned int cpu;
    bool was_online;            /* housekeeping's memory */
    bool ticking;               /* source PMU: the timer is set */
    struct timer timer;         /* IPI source: ticks for the neighbour; PMU: its housekeeping */
    s_time_t next_tick;

    unsigned int nr_pages;      /* header, data */
    struct page_info **pages;
    void *mapping;              /* vmap of header... data, data */

    struct xprof_stacks *stacks; /* NULL: a session without */
};

struct xprof_event {
    uint64_t select, period;    /* as in struct xprof_op_event */
    uint32_t flags, fixed, seed;
    uint64_t counters;
};

struct xprof_session {
    uint64_t id;
    uint32_t state;             /* enum xprof_state */
    uint32_t source;            /* enum xprof_source */
    uint32_t ring_bytes;
    uint32_t wake_bytes;
    uint32_t flags;             /* XPROF_OPEN_* */
    uint32_t stack_bytes;
    uint32_t nr_events;         /* source PMU */
    struct xprof_event event[XPROF_MAX_EVENTS];
    uint32_t nr_domains;        /* 0: all */
    uint16_t domid[XPROF_MAX_DOMAINS];
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

/* event.c */
int xprof_event_add(struct xprof_session *s, struct xprof_op_event *event);
int xprof_domains_set(struct xprof_session *s,
                      const struct xprof_op_domains *domains);
bool xprof_domain_wanted(const struct xprof_session *s, unsigned int domid);

/* runstate.c; needs no session */
long xprof_runstates(struct xprof_op_runstates *op);

/* Brings the header page up to date with what the handler has counted. */
void xprof_publish(const struct xprof_session *s, struct xprof_cpu *c);

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
void xprof_housekeeping_last(struct xprof_session *s); /* no handler is running: final figures */
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
void xprof_pmu_info(struct xprof_op_pmu *pmu);
int xprof_pmu_event(struct xprof_event *event); /* checks, and narrows counters; -EINVAL, -EBUSY */
int xprof_pmu_cpu_create(struct xprof_session *s, struct xprof_cpu *c);
void xprof_pmu_cpu_free(struct xprof_cpu *c);
void xprof_pmu_publish(const struct xprof_session *s, struct xprof_cpu *c);
/* Copies rows of exact counts to the caller; -EOPNOTSUPP, -EFAULT. */
int xprof_pmu_counts(struct xprof_session *s, struct xprof_op_counts *counts);
bool xprof_sees_switches(void);                 /* of vCPUs, by hook or live patch */
long xprof_sysctl(struct xprof_sysctl *op, bool *copyback);

/* May the code go away? No session, nothing mapped, no callback. Any context. */
bool xprof_is_idle(void);

#endif /* XPROF_SESSION_H */
