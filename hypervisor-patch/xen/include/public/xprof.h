/* SPDX-License-Identifier: MIT */
/*
 * xprof.h - the ABI between the profiler in Xen, xprof.ko in dom0, and xprof.
 *
 * This is the only file that all three include.  It compiles alone, in C11 and
 * in C++, and every size and offset in it is asserted.  All fields are in the
 * machine's byte order (x86: little-endian); all reserved fields are zero.
 *
 * The data path.  Each physical CPU (pCPU) has one ring: a header page and a
 * power of two bytes of data, in pages that Xen owns and that the control
 * domain maps read-only.  The NMI handler of that CPU is the ring's
 * producer, with stacks also what runs below it on the same CPU, between its
 * NMIs (STOP, after the last NMI, may add a gap); one reader in the
 * control domain is its only consumer and publishes how far it has read in the
 * control pages, the only memory of the profiler that the control domain may
 * write.
 *
 *   Xen (NMI, CPU n)                      reader (process context)
 *     write records in data                 prod = load-acquire header.prod   [B]
 *     A: store-release header.prod ------>  read records up to prod
 *     D: load-acquire consumer <----------  C: store-release consumer = prod
 *     room = size - (prod - consumer)
 *
 * A pairs with B (records are whole when their index is seen), C pairs with D
 * (bytes are not overwritten before they have been read).  Indexes are free
 * running byte counts: data lies at index & (size - 1).  The data pages are
 * to be mapped twice in a row, so no record ever wraps.
 *
 * Rules for whoever reads: skip records whose type is not known (their size
 * says how far); trust no size that runs past prod.
 */
#ifndef XEN_PUBLIC_XPROF_H
#define XEN_PUBLIC_XPROF_H

#if defined(__XEN__)
#include <xen/types.h>
#elif defined(__KERNEL__)
#include <linux/types.h>
#else
#include <stddef.h>
#include <stdint.h>
#endif

#if defined(__cplusplus) && __cplusplus >= 201103L
#define XPROF_ASSERT(cond) static_assert(cond, #cond)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define XPROF_ASSERT(cond) _Static_assert(cond, #cond)
#else /* Xen checks its public headers as C90, C99 and C++98, too. */
#define XPROF_ASSERT(cond) XPROF_ASSERT_AT(cond, __LINE__)
#define XPROF_ASSERT_AT(cond, line) XPROF_ASSERT_AT_(cond, line)
#define XPROF_ASSERT_AT_(cond, line) \
    typedef char xprof_assert_##line[(cond) ? 1 : -1]
#endif

#ifdef __cplusplus
extern "C" {
#endif
#define XPROF_SIZE(type, size) XPROF_ASSERT(sizeof(type) == (size))
#define XPROF_AT(type, field, off) \
    XPROF_ASSERT(__builtin_offsetof(type, field) == (off))

#define XPROF_MAGIC       0x666f7278u /* bytes "xrof" in memory */
#define XPROF_ABI_VERSION 3u

/* ---- Records -------------------------------------------------------------*/

/* Type of a record. Numbers are never reused. */
enum xprof_record_type {
    XPROF_REC_SAMPLE = 1, /* struct xprof_sample */
    XPROF_REC_DOMAIN = 2, /* struct xprof_domain: who a domid is from now on */
    XPROF_REC_LOST   = 3, /* struct xprof_lost: samples that found no room */
    XPROF_REC_GAP    = 4, /* struct xprof_gap: no sampling for a while */
    XPROF_REC_PERIOD = 5, /* struct xprof_period: from here on a sample stands for that many */
    XPROF_REC_STACK  = 6 /* struct xprof_stack: what lay on a stack at a sample (XPROF_OPEN_STACKS) */
};

/* Every record begins with this; records lie at multiples of 8 bytes. */
struct xprof_rec {
    uint8_t  type;  /* enum xprof_record_type */
    uint8_t  event; /* index of the event in the session, from 0 */
    uint8_t  mode;  /* XPROF_MODE_*; 0 where it has no meaning */
    uint8_t  size;  /* of the whole record, in units of 8 bytes; never 0 */
    uint16_t domid; /* XPROF_DOMID_IDLE: the CPU was idle */
    uint16_t vcpu;  /* id of the vCPU within the domain */
};
XPROF_SIZE(struct xprof_rec, 8);
XPROF_AT(struct xprof_rec, domid, 4);

#define XPROF_DOMID_IDLE 0x7fffu /* Xen's DOMID_IDLE */

/* Which code the CPU was executing: two bits. */
#define XPROF_MODE_XEN    0x00u /* the hypervisor */
#define XPROF_MODE_KERNEL 0x01u /* the domain's kernel */
#define XPROF_MODE_USER   0x02u /* a process of the domain */
#define XPROF_MODE_CODE   0x03u /* mask of the two bits */
/* And how it came to be there. */
#define XPROF_MODE_HVM    0x04u /* current vCPU is HVM or PVH, else PV (or idle) */
#define XPROF_MODE_32     0x08u /* 32-bit code of an HVM guest, or of a 32-bit PV one */
#define XPROF_MODE_IRQ    0x10u /* in Xen's interrupt context: ran *on* the vCPU, not for it */
#define XPROF_MODE_EXIT   0x20u /* AMD: came up between #VMEXIT and STGI (GIF=0), for another
                                 * reason than the NMI: Xen's exit path, ip is where STGI let it in */
#define XPROF_MODE_NESTED 0x40u /* the vCPU was running its own guest (L2): ip and cr3 are L2's */

/*
 * A sample: 32 bytes.
 *
 * domid and vcpu are the current vCPU of the CPU (rule: `current`, never the
 * vCPU whose state is merely still loaded); for the idle vCPU domid is
 * XPROF_DOMID_IDLE and cr3 is 0.
 *
 * cr3 names the address space: for 64-bit PV the machine address of the
 * kernel's root page table in both modes; for HVM and PVH bits 51:12 of the
 * guest's CR3, of the last exit when mode is XPROF_MODE_XEN.
 */
struct xprof_sample {
    struct xprof_rec rec;
    uint64_t tsc; /* host TSC when the handler began */
    uint64_t ip;  /* next instruction of what was interrupted */
    uint64_t cr3; /* bytes */
};
XPROF_SIZE(struct xprof_sample, 32);

/*
 * Who a domid is, in Xen's own words.  Written before the first sample of a
 * domain on each CPU, and again when the domid has changed hands.
 */
enum xprof_domain_type {
    XPROF_DOMAIN_PV  = 0,
    XPROF_DOMAIN_HVM = 1,
    XPROF_DOMAIN_PVH = 2
};
struct xprof_domain {
    struct xprof_rec rec;  /* domid; vcpu is the number of vCPUs; mode 0 */
    uint64_t tsc;
    uint8_t  handle[16];   /* the UUID that the toolstack gave it */
    uint8_t  type;         /* enum xprof_domain_type */
    uint8_t  flags;        /* XPROF_DOMAIN_F_* */
    uint8_t  reserved[6];
};
#define XPROF_DOMAIN_F_32BIT   0x01u /* 32-bit PV */
#define XPROF_DOMAIN_F_CONTROL 0x02u /* privileged (dom0) */
XPROF_SIZE(struct xprof_domain, 40);
XPROF_AT(struct xprof_domain, handle, 16);

/*
 * Samples of rec.event that found the ring full, written as soon as there is
 * room again, before the sample that found it.
 */
struct xprof_lost {
    struct xprof_rec rec; /* event; domid and vcpu 0 */
    uint64_t first_tsc;   /* of the first sample that was lost */
    uint64_t last_tsc;    /* of the last one */
    uint64_t count;
};
XPROF_SIZE(struct xprof_lost, 32);

/* Why this CPU was not sampled for a while. */
enum xprof_gap_reason {
    XPROF_GAP_LIVEPATCH = 1, /* a live patch was applied or reverted */
    XPROF_GAP_CALLBACK  = 2, /* Xen's NMI callback was another's (microcode) */
    XPROF_GAP_OFFLINE   = 3, /* the CPU was offline */
    XPROF_GAP_SOURCE    = 4, /* from here on ticks come from the neighbour's IPI, at 1 kHz at most:
                              * the HPET had to be given up because CPUs come or go */
    XPROF_GAP_COUNTERS  = 5, /* counters or LVTPC were changed behind our back: set up anew */
    XPROF_GAP_OVERFLOW  = 6, /* a counter had overflowed and no NMI had come of it: armed anew */
    XPROF_GAP_VPMU      = 7 /* Xen's vPMU was switched on: guests had the counters */
};
struct xprof_gap {
    struct xprof_rec rec; /* event is the enum xprof_gap_reason */
    uint64_t first_tsc;   /* last moment at which sampling is known to have worked */
    uint64_t last_tsc;    /* when it was seen to work again, or the session ended */
};
XPROF_SIZE(struct xprof_gap, 24);

/*
 * What one sample of rec.event on this CPU stands for, from this record on.
 * Before the first one it is the period that the event was opened with.
 */
enum xprof_period_reason {
    XPROF_PERIOD_RATE     = 1, /* the event has a frequency: the period follows its rate */
    XPROF_PERIOD_THROTTLE = 2 /* NMIs came too densely for the CPU to do anything else */
};
struct xprof_period {
    struct xprof_rec rec; /* event; mode is the enum xprof_period_reason; domid and vcpu 0 */
    uint64_t tsc;
    uint64_t period;      /* events, mean (each one varies by up to an eighth) */
};
XPROF_SIZE(struct xprof_period, 24);

#define XPROF_REC_MAX_BYTES (255u * 8u)

/*
 * A snapshot of a stack, and the registers of the code that it belongs to.
 * Only in a session with XPROF_OPEN_STACKS.
 *
 * A sample in Xen has one of Xen's own stack, written in the NMI, right behind
 * the NMI's samples: at most XPROF_STACK_XEN_WORDS words from sp on; of fewer,
 * the last lies right below the guest's registers at the end of that stack.
 *
 * A sample of any vCPU but the idle one has one of the domain's code, too:
 * that which was interrupted, or to which Xen was to return.  It is written
 * before that code goes on, on the same CPU, so somewhere behind the sample:
 * other samples, and their stacks, may lie in between.  It has at most
 * xprof_op_open.stack_bytes.  ip, sp and bp are the vCPU's registers then.
 * Of a kernel's code the stack of the process that it works for may lie right
 * before it, with as many bytes (XPROF_STACK_F_PROCESS).
 *
 * tsc is what tells which sample it belongs to: on one CPU all samples of one
 * NMI, and the stacks of that NMI, share it, and no others do.
 */
enum xprof_stack_part {
    XPROF_STACK_XEN   = 0, /* Xen's own */
    XPROF_STACK_GUEST = 1, /* that of the domain's kernel or process */
    XPROF_STACK_PARTS = 2
};
struct xprof_stack {
    struct xprof_rec rec; /* event is the enum xprof_stack_part; mode: of the code that these
                           * registers belong to; domid, vcpu: those of the sample */
    uint64_t tsc;         /* that of the sample */
    uint64_t ip, sp, bp;  /* of 32-bit code the low halves */
    uint64_t cr3;         /* as in struct xprof_sample */
    uint32_t offset;      /* bytes: the words begin at sp + offset */
    uint16_t flags;       /* XPROF_STACK_F_* */
    uint16_t reserved;
    /* uint64_t words[]: as many as rec.size has room for, at most XPROF_STACK_MAX_WORDS */
};
/* Another record of the same snapshot lies right behind this one: same tsc and part, a greater offset. */
#define XPROF_STACK_F_MORE      0x0001u
/* There is more stack than that: the copy stopped at a limit, at memory that could not be read, or was not
 * begun, because there was no time or no safe way (a nested guest, 32-bit PV, Xen in the middle of something). */
#define XPROF_STACK_F_TRUNCATED 0x0002u
/* GUEST: the vCPU was not seen again before it ran on, or was descheduled.  No words; ip, sp and bp are 0 unless the
 * sample itself is the guest's (then ip is, and sp where that is known). */
#define XPROF_STACK_F_MOVED     0x0004u
/* GUEST: the code has not moved since another sample, whose snapshot is the last GUEST one before this on this
 * CPU that is neither SAME nor MOVED; its words are this one's, too. No words here. */
#define XPROF_STACK_F_SAME      0x0008u
/* GUEST, always with MORE: the stack of a process, to which the frame at the end of its kernel's stack leads; ip and sp
 * are of that frame, bp is 0.  Only if the kernel's stack, unwound, ends with the same it is what the sample's chain goes on with. */
#define XPROF_STACK_F_PROCESS   0x0010u
#define XPROF_STACK_XEN_WORDS   127u
#define XPROF_STACK_MAX_WORDS   248u    /* in one record */
XPROF_SIZE(struct xprof_stack, 56);
XPROF_AT(struct xprof_stack, offset, 48);
XPROF_ASSERT(sizeof(struct xprof_stack) + XPROF_STACK_MAX_WORDS * 8u ==
             XPROF_REC_MAX_BYTES);

/* ---- Shared pages --------------------------------------------------------*/

#define XPROF_PAGE_SIZE   4096u
#define XPROF_MAX_EVENTS  16u
#define XPROF_MIN_RING    4096u       /* bytes of data in a ring */
#define XPROF_MAX_RING    (16u << 20)
#define XPROF_DEFAULT_RING (512u << 10) /* 1.6 s of samples at 10 kHz */

/*
 * The first page of a ring.  Written by Xen only (the NMI handler of its CPU,
 * but for the constants); Xen keeps its own copy of everything it relies on
 * and never reads this page back.  For each event
 *     produced = records of type SAMPLE in the ring + lost
 * to the sample, and for each part of stacks
 *     stacks = snapshots in the ring + stacks_lost
 * The index prod is written with each record; what only counts
 * follows within wake_ms, and is exact once STOP has returned.
 */
struct xprof_ring_header {
    uint64_t prod;          /* bytes produced since the session began [A] */
    uint64_t last_tsc;      /* of the last NMI that was the session's */
    uint64_t nmis;          /* NMIs that were the session's */
    uint64_t passed;        /* NMIs that were not, handed on to Xen */
    uint64_t handler_ticks; /* TSC ticks spent in the handler, all NMIs */
    uint64_t handler_max;   /* the longest one */
    uint64_t reserved0[2];
    /* constants of the session */
    uint32_t magic;         /* XPROF_MAGIC */
    uint32_t abi;           /* XPROF_ABI_VERSION */
    uint32_t cpu;           /* pCPU */
    uint32_t size;          /* bytes of data, a power of two */
    uint64_t reserved1[6];
    /* per event */
    uint64_t produced[XPROF_MAX_EVENTS];
    uint64_t lost[XPROF_MAX_EVENTS];
    /* by the tick source of this CPU, in its timer (softirq context) */
    uint64_t ticks;         /* ticks that the source sent or that were due */
    uint64_t coalesced;     /* IPI: of these, ticks that found as many pending as can be: they merged */
    /* by the housekeeping of this CPU's counters (softirq context), and at the end */
    uint64_t active;        /* TSC ticks for which this CPU was counting */
    uint64_t rearmed;       /* overflows without an NMI, counters changed by another */
    /* by enum xprof_stack_part: snapshots that a sample called for, MOVED and SAME ones included */
    uint64_t stacks[XPROF_STACK_PARTS];
    uint64_t stacks_lost[XPROF_STACK_PARTS]; /* no room in the ring, or too many outstanding */
    uint64_t stacks_moved;  /* of GUEST: in the ring with XPROF_STACK_F_MOVED */
    uint64_t stack_ticks;   /* TSC ticks spent outside NMIs on guests' stacks */
    uint64_t stack_max;     /* the longest stretch of that */
    uint64_t reserved2[5];
    uint64_t running[XPROF_MAX_EVENTS]; /* of active: ticks for which the event had a counter */
    uint64_t period[XPROF_MAX_EVENTS];  /* as it is now */
    uint64_t throttled[XPROF_MAX_EVENTS]; /* how often its period was raised */
};
XPROF_AT(struct xprof_ring_header, magic, 64);
XPROF_AT(struct xprof_ring_header, produced, 128);
XPROF_AT(struct xprof_ring_header, ticks, 384);
XPROF_AT(struct xprof_ring_header, stacks, 416);
XPROF_AT(struct xprof_ring_header, running, 512);
XPROF_SIZE(struct xprof_ring_header, 896);

/*
 * A control page holds the consumer indexes of XPROF_CTL_SLOTS CPUs, one per
 * cache line: CPU n has slot n % XPROF_CTL_SLOTS of control page n / XPROF_CTL_SLOTS.
 * Xen reads an index once per record and survives any value: one that cannot
 * be true makes the ring count as full.
 */
struct xprof_ctl_slot {
    uint64_t cons; /* bytes consumed [C] */
    uint64_t reserved[7];
};
XPROF_SIZE(struct xprof_ctl_slot, 64);
#define XPROF_CTL_SLOTS (XPROF_PAGE_SIZE / 64u)

/* ---- The sysctl ----------------------------------------------------------*/

/*
 * XEN_SYSCTL_xprof_op, far from the numbers that upstream Xen allots.  The
 * body lies where struct xen_sysctl has its union.  Only the control domain
 * gets here (XSM: privileged); results are written back by the profiler.
 * Errors are Xen's: -EINVAL malformed, -EBUSY see each op, -ENOENT no such
 * session, -EOPNOTSUPP the source cannot be had here.
 */
#define XEN_SYSCTL_xprof_op 0x78700001u

enum xprof_op {
    XPROF_OP_INFO  = 1, /* u.info out. Always allowed. */
    XPROF_OP_OPEN  = 2, /* u.open in/out. -EBUSY: a session exists, or another owner of NMIs
                         * (u.open.owner names it). Allocates no rings yet. */
    XPROF_OP_RING  = 3, /* u.ring in/out: allocates the ring of one CPU (and its control page)
                         * when it has none, and copies out frame numbers. */
    XPROF_OP_START = 4, /* begin sampling. -EBUSY as for OPEN, -EINVAL: a CPU that is online has
                         * no ring. */
    XPROF_OP_STOP  = 5, /* end sampling. When it returns no handler is running and header
                         * counters are final. Idempotent. */
    XPROF_OP_CLOSE = 6, /* stop, give all pages back (those still mapped: as soon as they are
                         * not), end the session. */
    XPROF_OP_PMU   = 7, /* u.pmu out: the performance counters. Always allowed. */
    XPROF_OP_EVENT = 8, /* u.event in/out: one more event of an open session whose source is the
                         * PMU, before START. -EINVAL: it cannot be counted, or as given; -EBUSY: not
                         * by those counters that can be used. */
    XPROF_OP_DOMAINS = 9, /* u.domains in: only these, before START. */
    XPROF_OP_COUNTS = 10, /* u.counts in/out: of a counting session, running or stopped. */
    XPROF_OP_RUNSTATE = 11 /* u.runstates in/out: vCPUs of all domains. Always allowed. */
};

/* Sources of NMIs. */
enum xprof_source {
    XPROF_SOURCE_NONE = 0,
    XPROF_SOURCE_IPI  = 1, /* each CPU's Xen timer sends an NMI IPI to its neighbour */
    XPROF_SOURCE_HPET = 2, /* an HPET comparator broadcasts NMIs in FSB mode */
    XPROF_SOURCE_PMU  = 3 /* performance counters overflow */
};
#define XPROF_SOURCE_BIT(source) (1u << (source))

/* Why a source cannot be had; 0: it can. */
enum xprof_why {
    XPROF_WHY_OK            = 0,
    XPROF_WHY_ONE_CPU       = 1,  /* IPI: there is no neighbour */
    XPROF_WHY_NO_HPET       = 2,
    XPROF_WHY_HPET_IN_USE   = 3,  /* Xen uses its comparators for idle CPUs (boot with cpuidle=0) */
    XPROF_WHY_NO_FSB        = 4,  /* no comparator can do periodic FSB delivery */
    XPROF_WHY_INTREMAP      = 5,  /* interrupt remapping is on */
    XPROF_WHY_X2APIC        = 6,  /* x2APIC, or APIC ids above 254 */
    XPROF_WHY_CPU_OFFLINE   = 7,  /* HPET: a present CPU is offline */
    XPROF_WHY_NMI_FATAL     = 8, /* Xen runs with nmi=fatal (rule 2 of microcode loading) */
    XPROF_WHY_NO_PMU        = 9, /* this CPU has no performance counters that are known here */
    XPROF_WHY_PMU_HIDDEN    = 10, /* it says that it has, but they do not count: hidden by firmware
                                  * or by the hypervisor below */
    XPROF_WHY_VPMU          = 11, /* Xen lets guests have them (boot option vpmu) */
    XPROF_WHY_WATCHDOG      = 12, /* Xen's NMI watchdog leaves none */
    XPROF_WHY_PMU_OWNED     = 13, /* xenoprof has reserved them */
    XPROF_WHY_NO_SWITCH     = 14 /* counting, domains: this payload does not see vCPU switches */
};

enum xprof_state {
    XPROF_STATE_IDLE    = 0, /* no session */
    XPROF_STATE_OPEN    = 1, /* session, not sampling */
    XPROF_STATE_RUNNING = 2
};

struct xprof_op_info {
    uint32_t abi;          /* XPROF_ABI_VERSION */
    uint32_t state;        /* enum xprof_state */
    uint32_t nr_cpus;      /* CPU ids are below this */
    uint32_t nr_online;
    uint64_t tsc;          /* Xen's TSC, read while answering */
    uint32_t tsc_khz;
    uint32_t virq;         /* global VIRQ that wakes the reader */
    uint32_t sources;      /* XPROF_SOURCE_BIT()s that can be had */
    uint8_t  why[4];       /* enum xprof_why, by enum xprof_source */
    uint64_t text;         /* where the profiler's code lies in Xen, and how long it is: */
    uint32_t text_size;    /*   0 when built in */
    uint32_t zombies;      /* pages of past sessions that are still mapped */
    uint64_t session;      /* id of the present session, else of the last one */
    uint64_t max_hz;       /* fastest rate per CPU of the best source */
    uint64_t owner;        /* address of another's NMI callback, 0 if there is none */
    uint32_t watchdog;     /* 1: Xen's NMI watchdog is active */
    uint32_t vpmu;         /* Xen's vpmu mode, 0 off */
    uint32_t features;     /* XPROF_FEATURE_* */
    uint32_t reserved[3];
};
#define XPROF_FEATURE_SWITCH 0x1u /* vCPU switches are seen: exact counts, filter by domain */
#define XPROF_FEATURE_STACKS 0x2u /* XPROF_OPEN_STACKS can be had */
XPROF_SIZE(struct xprof_op_info, 104);

struct xprof_op_open {
    uint32_t source;       /* in: enum xprof_source */
    uint32_t flags;        /* in: XPROF_OPEN_* */
    uint64_t period_ns;    /* in: between two ticks on a CPU; out: as it will be */
    uint32_t ring_bytes;   /* in: data per CPU, a power of two in XPROF_MIN_RING..XPROF_MAX_RING */
    uint32_t wake_bytes;   /* in: VIRQ when this much is unread in some ring, 0: a quarter */
    uint32_t wake_ms;      /* in: how often that is looked at, 1..1000, 0: 10 */
    uint32_t nr_cpus;      /* out: CPU ids are below this */
    uint64_t session;      /* out: id, to be given to all other ops */
    uint64_t owner;        /* out with -EBUSY: address of the other's NMI callback, or 0 */
    uint32_t stack_bytes;  /* in: with STACKS, of a guest's stack at most: a multiple of 8 up to
                            * XPROF_MAX_STACK, 0: XPROF_DEFAULT_STACK; without it 0. out: as it will be */
    uint32_t reserved;
};
#define XPROF_OPEN_NMI_FATAL_OK 0x1u /* start even with nmi=fatal */
#define XPROF_OPEN_COUNT        0x2u /* source PMU: no samples, exact counts per vCPU (COUNTS) */
#define XPROF_OPEN_STACKS       0x4u /* not with COUNT: records of type STACK. -EOPNOTSUPP: not here */
#define XPROF_DEFAULT_STACK     4096u
#define XPROF_MAX_STACK         (32u << 10)
XPROF_SIZE(struct xprof_op_open, 56);

/* The performance counters of this host, by the CPU that answers. */
enum xprof_pmu_kind {
    XPROF_PMU_NONE  = 0,
    XPROF_PMU_K7    = 1, /* AMD: 4 legacy counters */
    XPROF_PMU_CORE  = 2, /* AMD: PerfCtrExtCore */
    XPROF_PMU_V2    = 3, /* AMD: PerfMonV2, global control and status */
    XPROF_PMU_INTEL = 4 /* Intel: architectural performance monitoring */
};
struct xprof_op_pmu {
    uint32_t kind;         /* enum xprof_pmu_kind */
    uint32_t version;      /* Intel: 1 to 6 (CPUID.0AH:EAX[7:0]); AMD 0, with PerfMonV2 2 */
    uint32_t why;          /* enum xprof_why: sampling by them cannot be had */
    uint8_t  vendor;       /* 1 AMD, 2 Intel, 3 Hygon; 0 another */
    uint8_t  family;       /* with the extended one added */
    uint8_t  model;
    uint8_t  stepping;
    uint32_t nr_general, nr_fixed;
    uint32_t width_general, width_fixed; /* bits */
    uint64_t usable;       /* counters that a session may use: bit n general, bit 32 + n fixed */
    uint64_t select_mask;  /* bits that xprof_op_event.select may have */
    uint32_t unavailable;  /* Intel: CPUID.0AH:EBX, architectural events that are not there */
    uint32_t reserved;
    uint64_t least_period; /* events; a smaller one is refused */
};
XPROF_SIZE(struct xprof_op_pmu, 64);

struct xprof_op_event {
    uint32_t index;        /* out: counts up from 0; what samples carry */
    uint32_t flags;        /* in: XPROF_EVENT_* */
    uint64_t select;       /* in: event, unit mask, edge, invert, counter mask, as in the vendor's
                            * event-select register; its other bits are the profiler's */
    uint64_t period;       /* in: events from one sample to the next, with EVENT_RATE samples a
                            * second and CPU; out: as it will be (at first). Counting: not used */
    uint32_t fixed;        /* in: Intel: 1 + n: fixed counter n counts the same; 0: none */
    uint32_t seed;         /* in: for the variation of periods */
    uint64_t counters;     /* in: bits 31:0: general counters that can count it, 0: all; out: those that
                            * it may be on, as in xprof_op_pmu.usable */
};
#define XPROF_EVENT_USR   0x1u /* count in rings 1 to 3: PV guests, their kernels too; user code of others */
#define XPROF_EVENT_OS    0x2u /* count in ring 0: Xen, and kernels of HVM and PVH guests */
#define XPROF_EVENT_RATE  0x4u /* period is a frequency in Hz */
#define XPROF_EVENT_EVEN  0x8u /* no random variation of the period */
XPROF_SIZE(struct xprof_op_event, 40);

/*
 * Count, and so sample, only while a vCPU of one of these domains is current
 * (Xen's work for it included). An unwanted domain costs no NMI.
 */
#define XPROF_MAX_DOMAINS 48u
struct xprof_op_domains {
    uint32_t nr;           /* in */
    uint32_t reserved;
    uint16_t domid[XPROF_MAX_DOMAINS]; /* in: XPROF_DOMID_IDLE is allowed */
};
XPROF_SIZE(struct xprof_op_domains, 104);

/*
 * Exact counts of one vCPU on one CPU.  Counters are read where Xen switches
 * vCPUs: what lies between two switches belongs to the vCPU that was current,
 * Xen's work and interrupts in between included.  The idle vCPU has its row.
 */
struct xprof_count {
    uint16_t domid;        /* XPROF_DOMID_IDLE */
    uint16_t vcpu;
    uint32_t cpu;
    uint8_t  handle[16];   /* the domain's UUID */
    uint64_t ticks;        /* of the TSC, for which it was current here */
    uint64_t switches;     /* how often it became current here */
    uint64_t count[XPROF_MAX_EVENTS];
    uint64_t running[XPROF_MAX_EVENTS]; /* of ticks: for which the event had a counter */
};
XPROF_SIZE(struct xprof_count, 296);

struct xprof_op_counts {
    uint32_t cpu;          /* in */
    uint32_t first;        /* in: first row wanted; 0 brings that CPU's rows up to date first */
    uint32_t nr;           /* in: room; out: rows copied */
    uint32_t total;        /* out: rows there are */
    uint64_t rows;         /* in: virtual address of struct xprof_count[nr] in the caller */
    uint64_t tsc;          /* out: when the rows were brought up to date */
    uint64_t missed;       /* out: ticks of vCPUs that found no row (there are XPROF_MAX_ROWS a CPU) */
};
#define XPROF_MAX_ROWS 1024u
XPROF_SIZE(struct xprof_op_counts, 40);

/* Page 0 of a ring is its header, pages 1.. its data; the control page comes by XPROF_RING_CTL. */
struct xprof_op_ring {
    uint32_t cpu;          /* in */
    uint32_t first;        /* in: first page of the ring wanted, or XPROF_RING_CTL */
    uint32_t nr;           /* in: how many; out: how many were copied */
    uint32_t online;       /* out: 1 if the CPU is online */
    uint64_t mfns;         /* in: virtual address of uint64_t[nr] in the caller */
};
#define XPROF_RING_CTL 0xffffffffu
XPROF_SIZE(struct xprof_op_ring, 24);

/* A vCPU's times in each state since it was made, as Xen's scheduler has them. */
struct xprof_runstate {
    uint16_t domid;
    uint16_t vcpu;
    uint32_t cpu;          /* where it runs, or ran last */
    uint8_t  handle[16];   /* the domain's UUID */
    uint32_t state;        /* now: 0 running, 1 runnable, 2 blocked, 3 offline */
    uint32_t reserved;
    uint64_t time[4];      /* ns, by state; that of the present one up to now included */
};
XPROF_SIZE(struct xprof_runstate, 64);

struct xprof_op_runstates {
    uint32_t domid;        /* in: first domain wanted; out: where to go on, XPROF_DOMID_IDLE: that was all */
    uint32_t vcpu;         /* in: first vCPU of it wanted; out: where to go on */
    uint32_t nr;           /* in: room; out: rows copied, at most XPROF_MAX_RUNSTATES */
    uint32_t reserved;
    uint64_t rows;         /* in: virtual address of struct xprof_runstate[nr] in the caller */
    uint64_t tsc;          /* out: when the last row was read */
};
#define XPROF_MAX_RUNSTATES 256u
XPROF_SIZE(struct xprof_op_runstates, 32);

struct xprof_sysctl {
    uint32_t magic;        /* in: XPROF_MAGIC */
    uint16_t abi;          /* in: XPROF_ABI_VERSION; -EOVERFLOW (and Xen's in it) if it differs */
    uint16_t op;           /* in: enum xprof_op */
    uint64_t session;      /* in: all but INFO and OPEN */
    union {
        struct xprof_op_info info;
        struct xprof_op_open open;
        struct xprof_op_ring ring;
        struct xprof_op_pmu pmu;
        struct xprof_op_event event;
        struct xprof_op_domains domains;
        struct xprof_op_counts counts;
        struct xprof_op_runstates runstates;
        uint64_t pad[14];
    } u;
};
XPROF_SIZE(struct xprof_sysctl, 128);
XPROF_AT(struct xprof_sysctl, u, 16);

#ifdef __cplusplus
}
#endif

#endif /* XEN_PUBLIC_XPROF_H */
