/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Performance counters: what the drivers (pmu-amd.c, pmu-intel.c) and what
 * uses them (pmu-cpu.c: one CPU; pmu.c: the session) know of each other.
 *
 * A counter's index is below 32 for a general one; 32 + n is fixed counter n.
 * A counter runs from minus a period to its overflow, which raises an NMI by
 * LVTPC.
 */
#ifndef XPROF_PMU_H
#define XPROF_PMU_H

#include <xen/xprof/session.h>
#include "nmi.h"

#define XPROF_FIXED          32u
#define XPROF_MAX_COUNTERS   24u  /* that a session uses at once */
#define XPROF_MAX_GENERAL    16u
#define XPROF_MAX_FIXED      8u
#define XPROF_LEAST_PERIOD   100u

/* Bits that the event-select registers of both vendors share. */
#define SEL_USR     (1ull << 16)
#define SEL_OS      (1ull << 17)
#define SEL_INT     (1ull << 20)
#define SEL_ENABLE  (1ull << 22)

/* One counter that runs, as the NMI handler wants it. */
struct xprof_counter {
    uint32_t msr;         /* of its value; 0: there are no more counters */
    struct xprof_what what; /* event */
    struct xprof_rate *rate; /* of the event */
    uint64_t global;      /* its bit in global status and control */
    uint32_t index;
    uint32_t select_msr;  /* 0: a fixed one */
    uint64_t select;      /* enabled; of a fixed one its four bits of control, in place */
};

/* The next period of an event: the counter is set to base + a random number & span. */
struct xprof_rate {
    uint64_t random;
    uint64_t base, span;
    bool changed;         /* wanted is to be taken over */
    uint64_t period;      /* mean */
    uint64_t wanted;      /* by housekeeping or throttling: to be taken over by the handler */
    unsigned int reason;  /* of wanted: enum xprof_period_reason */
    uint64_t left;        /* of this round, when the event has no counter for now; 0: begin anew */
    /* housekeeping's memory */
    uint64_t seen_samples, seen_value, seen_running;
    uint64_t events;      /* since its rate was looked at */
    uint64_t running;     /* ticks for which it had a counter */
    uint64_t throttled;
};

struct xprof_saved {      /* as found */
    uint64_t usable;      /* counters that were nobody's: only these are touched */
    uint32_t lvtpc;
    uint64_t select[XPROF_MAX_GENERAL], value[XPROF_MAX_GENERAL];
    uint64_t fixed[XPROF_MAX_FIXED], fixed_control, global_control;
};

struct xprof_pmu_cpu {
    /* For the handler. */
    const struct xprof_counter *run; /* those that have values that mean something; up to one without an MSR */
    unsigned int nr;      /* counters that events have been given */
    struct xprof_counter counter[XPROF_MAX_COUNTERS + 1];
    struct xprof_rate rate[XPROF_MAX_EVENTS];
    uint64_t global;      /* all their bits */
    uint64_t control;     /* what global control is to be just now */
    uint64_t owed_until;  /* TSC: until then one NMI without an overflow is ours, */
    uint64_t behind_until, behind_ip; /* and one that interrupts this address until then */
    uint32_t dense;       /* NMIs that came less than four handlers' time after the one before, */
    uint64_t dense_since; /* since then, */
    uint64_t dense_seen[XPROF_MAX_EVENTS]; /* when so many samples had been taken */

    /* For everything else on this CPU (softirq, hypercall's IPI). */
    bool on;              /* set up: LVTPC and counters are ours */
    bool paused;          /* current vCPU's domain is not wanted */
    unsigned int first;   /* event that is served first: rotates when there are too few counters */
    unsigned int ticks;   /* of the housekeeping timer */
    uint64_t passed_seen; /* port 61's memory */
    uint64_t handler_nmis, handler_ticks; /* when they were looked at, */
    uint64_t handler_least; /* and what one took then, at least */
    uint64_t stuck;       /* bit per counter: had overflowed a tick ago */
    uint64_t since_tsc;   /* counters run since; 0: off */
    uint64_t active;      /* ticks for which this CPU was counting */
    uint64_t rearmed;
    struct xprof_saved saved;

    /* Exact counts (switch.c). */
    struct xprof_rows *rows;
};

/* One vendor's way. Registers of the calling CPU only; any context but NMI. */
struct xprof_pmu_ops {
    bool (*probe)(struct xprof_op_pmu *info);   /* fills all but why; false: not this CPU's */
    nmi_callback_t *nmi;
    void (*describe)(unsigned int index, const struct xprof_event *event,
                     bool interrupt, struct xprof_counter *counter);
    void (*save)(struct xprof_saved *saved, uint64_t usable);
    void (*restore)(const struct xprof_saved *saved, uint64_t usable);
    /* All at once: counters have their values. Off: when it returns no counter runs. */
    void (*on)(const struct xprof_pmu_cpu *p);
    void (*off)(const struct xprof_pmu_cpu *p);
    bool (*in_use)(unsigned int index);              /* somebody has enabled it */
    bool (*intact)(const struct xprof_pmu_cpu *p); /* nobody changed the set-up behind our back */
    uint32_t (*pmc_number)(unsigned int index);      /* the number RDPMC knows the counter by */
    uint64_t max_period;
};
extern const struct xprof_pmu_ops xprof_pmu_amd, xprof_pmu_amd_v2,
                                  xprof_pmu_intel, xprof_pmu_intel_v1;

/* pmu.c */
extern const struct xprof_pmu_ops *xprof_pmu;   /* NULL: none, or not looked for yet */
extern struct xprof_op_pmu xprof_pmu_layout;    /* once xprof_pmu is set */
unsigned int xprof_pmu_why(void);
bool xprof_pmu_probe(void);                     /* process context; once */
void xprof_pmu_reserve(void);                   /* of xenoprof, for a session */
void xprof_pmu_release(void);

extern const struct xprof_counter xprof_no_counter; /* nmi-pmu.c */

/* pmu-assign.c; on the CPU itself, interrupts off or softirq */
/* As many events as there are counters for, beginning with p->first: who has one keeps one. They are hidden. */
void xprof_counters_assign(struct xprof_session *s, struct xprof_pmu_cpu *p);
/* The handler sees counters between these two only. */
void xprof_counters_publish(struct xprof_pmu_cpu *p);
void xprof_counters_hide(struct xprof_pmu_cpu *p);

/* pmu-cpu.c; on the CPU itself, interrupts off or softirq */
void xprof_pmu_cpu_start(struct xprof_session *s, struct xprof_cpu *c);
void xprof_pmu_cpu_stop(struct xprof_session *s, struct xprof_cpu *c);
void xprof_pmu_cpu_pause(struct xprof_session *s, struct xprof_cpu *c, bool pause);
void xprof_pmu_cpu_tick(struct xprof_session *s, struct xprof_cpu *c);

/* pmu-session.c */
void xprof_pmu_start(struct xprof_session *s);
void xprof_pmu_stop(struct xprof_session *s);
void xprof_pmu_check(struct xprof_session *s);  /* softirq: CPUs come and gone */

void xprof_pmu_before_hotplug(struct xprof_session *s);

/* switch.c; create and free: process context */
struct xprof_rows *xprof_rows_create(unsigned int cpu); /* NULL: no memory */
void xprof_rows_free(struct xprof_rows *rows);
/* on the CPU itself */
void xprof_rows_charge(struct xprof_session *s, struct xprof_cpu *c); /* up to now; interrupts off */
void xprof_rows_miss(struct xprof_cpu *c);      /* what was counted since then is worth nothing */
void xprof_rows_begin(struct xprof_cpu *c);     /* counters have begun: nothing is charged for before */
void xprof_switch_watch(struct xprof_session *s); /* NULL: no more; then a barrier */

/* Is a bit set of the upper half of a register? [the fewest instructions for a 48-bit counter's top bit] */
static inline bool xprof_msr_high_bit(uint32_t msr, uint32_t bit)
{
    uint32_t low, high;

    asm volatile ( "rdmsr" : "=a" (low), "=d" (high) : "c" (msr) );

    return high & bit;
}

static inline uint64_t xprof_msr(uint32_t msr)
{
    uint32_t low, high;

    asm volatile ( "rdmsr" : "=a" (low), "=d" (high) : "c" (msr) );

    return low | ((uint64_t)high << 32);
}

static inline void xprof_msr_set(uint32_t msr, uint64_t value)
{
    asm volatile ( "wrmsr"
                   :: "c" (msr), "a" ((uint32_t)value),
                      "d" ((uint32_t)(value >> 32)) : "memory" );
}

#endif /* XPROF_PMU_H */
